"""Editions that an editor sends: counted before, planned once, and continued after a crash."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.planning import edition_planner, manual_editions
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.planning.planner import Planner
from digest.deliveries.pure.audience import Audience, AudienceKind
from digest.deliveries.store.plans import GroupKey
from digest.editions.models import Edition
from digest.editions.pure.edition_spec import EditionSpec
from digest.editions.states import EditionKind
from digest.editions.store import editions, scheduled
from digest.errors import ConflictError, NotFoundError
from digest.regions.tree.region_tree import RegionTree
from tests.builders import World
from tests.conftest import StoppedClock
from tests.deliveries.test_edition_planner import new_planner, received


@pytest.fixture
def populated_world(world: World) -> World:
    """Subscribers to several regions, in several states, and news about some of the regions."""
    for regions in (["central-asia"], ["kz"], ["ge"], ["asia"], ["fr"]):
        world.subscriber(regions=regions)
    world.subscriber(state="unsubscribed")
    world.subscriber(next_due_at=None)
    world.article(countries=["KZ"])
    world.article(countries=["GE"])
    return world


@pytest.mark.parametrize("kind", ["due", "everyone", "regions"])
def test_the_audience_counted_is_the_audience_planned(
    db: Database, populated_world: World, planner: Planner, kind: AudienceKind
) -> None:
    audience = Audience(kind, regions=("kz", "fr") if kind == "regions" else ())
    counted = manual_editions.count_audience(db, planner, audience, populated_world.clock())
    edition_id = manual_editions.create(db, audience, note="", now=populated_world.clock())
    planned = manual_editions.plan(db, new_planner(planner.tree), edition_id, populated_world.clock())
    assert (planned.deliveries, planned.deliveries + planned.nothing_new) == (
        counted.deliveries,
        counted.subscribers,
    )
    with db.read() as tx:
        assert editions.count_digests(tx, edition_id) == counted.digests
        assert tx.query(Delivery).filter_by(edition_id=edition_id).count() == counted.deliveries
    assert 0 < counted.deliveries < counted.subscribers


def test_counting_writes_nothing(db: Database, populated_world: World, planner: Planner) -> None:
    manual_editions.count_audience(db, planner, Audience("everyone"), populated_world.clock())
    with db.read() as tx:
        assert editions.listing(tx)[1] == 0


def test_what_went_out_by_hand_is_not_repeated_at_the_subscribers_hour(
    db: Database, populated_world: World, planner: Planner, clock: StoppedClock
) -> None:
    manual_editions.plan(
        db, planner, manual_editions.create(db, Audience("everyone"), note="", now=clock()), clock()
    )
    before = received(db)
    plan_due(db, new_planner(planner.tree), clock())
    assert received(db) == before


def test_planning_an_edition_again_plans_nobody_twice(
    db: Database, populated_world: World, planner: Planner
) -> None:
    edition_id = manual_editions.create(db, Audience("everyone"), note="", now=populated_world.clock())
    manual_editions.plan(db, planner, edition_id, populated_world.clock())
    before = received(db)
    assert (
        manual_editions.plan(db, new_planner(planner.tree), edition_id, populated_world.clock())
        == edition_planner.PlanningResult()
    )
    assert received(db) == before


class Crashing(Planner):
    """A planner that is killed in its second batch."""

    calls = 0

    def composed_groups(self, spec: EditionSpec) -> dict[GroupKey, frozenset[int]]:
        self.calls += 1
        # Each range asks three times: to compose, to plan, and to find repeated stories.
        if self.calls == 4:
            raise KeyboardInterrupt
        return super().composed_groups(spec)


def test_an_edition_that_crashed_in_the_middle_goes_on_and_plans_nobody_twice(
    db: Database, world: World, tree: RegionTree
) -> None:
    world.many_subscribers(120)
    world.article()
    edition_id = manual_editions.create(db, Audience("everyone"), note="", now=world.clock())
    with pytest.raises(KeyboardInterrupt):
        manual_editions.plan(
            db, Crashing(tree, timedelta(hours=6), batch_size=100), edition_id, world.clock()
        )
    assert len(received(db)) == 100
    world.article(age=0)  # seen after the edition's cutoff, so not in it
    manual_editions.plan(db, new_planner(tree), edition_id, world.clock())
    stories_by_subscriber = received(db)
    assert len(stories_by_subscriber) == 120
    assert len({tuple(stories) for stories in stories_by_subscriber.values()}) == 1
    with db.read() as tx:
        assert editions.by_id(tx, edition_id).state == "sending"


def test_a_second_click_makes_no_second_edition(db: Database, populated_world: World) -> None:
    first = manual_editions.create(
        db, Audience("everyone"), note="a", now=populated_world.clock(), idempotency_key="click-1"
    )
    assert (
        manual_editions.create(
            db, Audience("everyone"), note="a", now=populated_world.clock(), idempotency_key="click-1"
        )
        == first
    )


def test_a_test_goes_to_its_address_alone_and_moves_no_window(
    db: Database, populated_world: World, planner: Planner
) -> None:
    audience = Audience("address", regions=("kz",), address="editor@example.org")
    manual_editions.send_test(db, planner, audience, note="", now=populated_world.clock())
    with db.read() as tx:
        rows: Sequence[Delivery] = tx.scalars(select(Delivery)).all()
    assert [(row.subscriber_id, row.test_address) for row in rows] == [(None, "editor@example.org")]
    assert plan_due(db, new_planner(planner.tree), populated_world.clock()).deliveries > 0


def test_a_test_without_news_is_a_conflict_that_leaves_no_edition(
    db: Database, populated_world: World, planner: Planner
) -> None:
    audience = Audience("address", regions=("fr",), address="editor@example.org")
    with pytest.raises(ConflictError):
        manual_editions.send_test(db, planner, audience, note="", now=populated_world.clock())
    with db.read() as tx:
        assert editions.listing(tx)[1] == 0


def test_an_edition_changes_only_into_what_its_state_allows(
    db: Database, populated_world: World, planner: Planner
) -> None:
    edition_id = manual_editions.create(db, Audience("everyone"), note="", now=populated_world.clock())
    with pytest.raises(ConflictError, match="planning"):
        manual_editions.pause(db, edition_id)
    manual_editions.plan(db, planner, edition_id, populated_world.clock())
    manual_editions.pause(db, edition_id)
    manual_editions.cancel(db, edition_id, populated_world.clock())
    with pytest.raises(ConflictError, match="cancelled"):
        manual_editions.resume(db, edition_id)
    with pytest.raises(NotFoundError):
        manual_editions.pause(db, edition_id + 1)


@pytest.mark.parametrize("slot", ["2026-03-10T12:00Z", "x" * 100, "", "\0"])
def test_an_edition_by_hand_never_takes_a_scheduled_editions_place(
    db: Database, clock: StoppedClock, slot: str
) -> None:
    edition_id = manual_editions.create(db, Audience("everyone"), note="", now=clock(), idempotency_key=slot)
    with db.begin() as tx:
        assert editions.by_id(tx, edition_id).slot.startswith("hand:")
        edition = scheduled.get_or_create_scheduled(tx, clock(), cutoff=clock(), now=clock())
        assert (edition.kind, edition.slot) == ("scheduled", "2026-03-10T12:00Z")
        assert edition.id != edition_id


def test_what_is_not_scheduled_is_never_taken_for_it(db: Database, clock: StoppedClock) -> None:
    with db.begin() as tx:
        tx.add(Edition(kind=EditionKind.MANUAL, slot="2026-03-10T12:00Z", cutoff=clock(), created_at=clock()))
    with pytest.raises(NoResultFound), db.begin() as tx:
        scheduled.get_or_create_scheduled(tx, clock(), cutoff=clock(), now=clock())
