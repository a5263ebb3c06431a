"""Editions that an editor sends: counted before, planned once, and gone on with after a crash."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.planning import edition_planner, manual_editions
from digest.deliveries.planning.edition_planner import Planner, plan_due
from digest.deliveries.pure.audience import Audience, Kind
from digest.deliveries.store.plans import Group
from digest.editions.models import Edition
from digest.editions.store import editions
from digest.errors import ConflictError, NotFoundError
from digest.regions.tree.region_tree import RegionTree
from tests.builders import World
from tests.conftest import StoppedClock
from tests.store.test_planning import fresh, received


@pytest.fixture
def town(world: World) -> World:
    """Readers of several regions, in several states, and news of some."""
    for regions in (["central-asia"], ["kz"], ["ge"], ["asia"], ["fr"]):
        world.reader(regions=regions)
    world.reader(state="unsubscribed")
    world.reader(next_due_at=None)
    world.article(countries=["KZ"])
    world.article(countries=["GE"])
    return world


@pytest.mark.parametrize("kind", ["due", "everyone", "regions"])
def test_the_audience_counted_is_the_audience_planned(
    db: Database, town: World, planner: Planner, kind: Kind
) -> None:
    audience = Audience(kind, regions=("kz", "fr") if kind == "regions" else ())
    reach = manual_editions.reach(db, planner, audience, town.clock())
    edition = manual_editions.create(db, audience, note="", now=town.clock())
    planned = manual_editions.plan(db, fresh(planner.tree), edition, town.clock())
    assert (planned.deliveries, planned.deliveries + planned.nothing_new) == (reach.deliveries, reach.readers)
    with db.read() as tx:
        assert editions.count_digests(tx, edition) == reach.digests
        assert tx.query(Delivery).filter_by(edition_id=edition).count() == reach.deliveries
    assert 0 < reach.deliveries < reach.readers


def test_counting_writes_nothing(db: Database, town: World, planner: Planner) -> None:
    manual_editions.reach(db, planner, Audience("everyone"), town.clock())
    with db.read() as tx:
        assert editions.listing(tx)[1] == 0


def test_what_went_out_by_hand_is_not_repeated_at_the_readers_hour(
    db: Database, town: World, planner: Planner, clock: StoppedClock
) -> None:
    manual_editions.plan(
        db, planner, manual_editions.create(db, Audience("everyone"), note="", now=clock()), clock()
    )
    before = received(db)
    plan_due(db, fresh(planner.tree), clock())
    assert received(db) == before


def test_planning_an_edition_again_plans_nobody_twice(db: Database, town: World, planner: Planner) -> None:
    edition = manual_editions.create(db, Audience("everyone"), note="", now=town.clock())
    manual_editions.plan(db, planner, edition, town.clock())
    before = received(db)
    assert manual_editions.plan(db, fresh(planner.tree), edition, town.clock()) == edition_planner.Planned()
    assert received(db) == before


class Crashing(Planner):
    """A planner that is killed in its second batch."""

    batches = 0

    def decided(self, edition: Edition) -> dict[Group, frozenset[int]]:
        self.batches += 1
        if (
            self.batches == 4
        ):  # a range asks three times: to compose, to plan, and for who had some of it before
            raise KeyboardInterrupt
        return super().decided(edition)


def test_an_edition_that_crashed_in_the_middle_goes_on_and_plans_nobody_twice(
    db: Database, world: World, tree: RegionTree
) -> None:
    world.crowd(120)
    world.article()
    edition = manual_editions.create(db, Audience("everyone"), note="", now=world.clock())
    with pytest.raises(KeyboardInterrupt):
        manual_editions.plan(db, Crashing(tree, timedelta(hours=6), batch=100), edition, world.clock())
    half = received(db)
    assert len(half) == 100
    world.article(age=0)  # seen after the edition's cutoff, so not of it
    manual_editions.plan(db, fresh(tree), edition, world.clock())
    whole = received(db)
    assert len(whole) == 120
    assert len({tuple(stories) for stories in whole.values()}) == 1
    with db.read() as tx:
        assert editions.by_id(tx, edition).state == "sending"


def test_a_second_click_makes_no_second_edition(db: Database, town: World) -> None:
    first = manual_editions.create(db, Audience("everyone"), note="a", now=town.clock(), slot="click-1")
    assert (
        manual_editions.create(db, Audience("everyone"), note="a", now=town.clock(), slot="click-1") == first
    )


def test_a_test_goes_to_its_address_alone_and_moves_no_window(
    db: Database, town: World, planner: Planner
) -> None:
    audience = Audience("address", regions=("kz",), address="editor@example.org")
    manual_editions.send_test(db, planner, audience, note="", now=town.clock())
    with db.read() as tx:
        rows: Sequence[Delivery] = tx.scalars(select(Delivery)).all()
    assert [(row.subscriber_id, row.test_address) for row in rows] == [(None, "editor@example.org")]
    assert plan_due(db, fresh(planner.tree), town.clock()).deliveries > 0


def test_a_test_without_news_is_a_conflict_that_leaves_no_edition(
    db: Database, town: World, planner: Planner
) -> None:
    audience = Audience("address", regions=("fr",), address="editor@example.org")
    with pytest.raises(ConflictError):
        manual_editions.send_test(db, planner, audience, note="", now=town.clock())
    with db.read() as tx:
        assert editions.listing(tx)[1] == 0


def test_an_edition_changes_only_into_what_its_state_allows(
    db: Database, town: World, planner: Planner
) -> None:
    edition = manual_editions.create(db, Audience("everyone"), note="", now=town.clock())
    with pytest.raises(ConflictError, match="planning"):
        manual_editions.pause(db, edition)
    manual_editions.plan(db, planner, edition, town.clock())
    manual_editions.pause(db, edition)
    manual_editions.cancel(db, edition, town.clock())
    with pytest.raises(ConflictError, match="cancelled"):
        manual_editions.resume(db, edition)
    with pytest.raises(NotFoundError):
        manual_editions.pause(db, edition + 1)


@pytest.mark.parametrize("slot", ["2026-03-10T12:00Z", "x" * 100, "", "\0"])
def test_an_edition_by_hand_never_takes_a_scheduled_editions_place(
    db: Database, clock: StoppedClock, slot: str
) -> None:
    made = manual_editions.create(db, Audience("everyone"), note="", now=clock(), slot=slot)
    with db.begin() as tx:
        assert editions.by_id(tx, made).slot.startswith("hand:")
        found = editions.scheduled(tx, clock(), cutoff=clock(), now=clock())
        assert (found.kind, found.slot) == ("scheduled", "2026-03-10T12:00Z")
        assert found.id != made


def test_what_is_not_scheduled_is_never_taken_for_it(db: Database, clock: StoppedClock) -> None:
    with db.begin() as tx:
        tx.add(Edition(kind="manual", slot="2026-03-10T12:00Z", cutoff=clock(), created_at=clock()))
    with pytest.raises(NoResultFound), db.begin() as tx:
        editions.scheduled(tx, clock(), cutoff=clock(), now=clock())
