"""Slots: when they open to editors, what planning several of them does, and one that is cancelled meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from digest.articles.models import Article, Story
from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.planning import manual_editions
from digest.deliveries.planning.edition_planner import (
    PlanningResult,
    open_reviews,
    plan_due,
    schedule_subscribers,
)
from digest.deliveries.planning.planner import Planner
from digest.editions.composer import ComposedDigest
from digest.editions.models import Edition
from digest.editions.states import EditionState
from digest.editions.store import editions, scheduled
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.models import Subscriber
from digest.webhooks import endpoints
from digest.webhooks.models import WebhookMessage
from tests.builders import World
from tests.conftest import StoppedClock
from tests.deliveries.test_edition_planner import new_planner, received, reload

# What planning decides is the same on every database; their locks have tests of their own.
pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
HALF_HOUR = timedelta(minutes=30)
STORM = "Storm closes the harbour of Aktau for two days"


def states(db: Database) -> list[str]:
    with db.read() as tx:
        return list(tx.scalars(select(Edition.state).order_by(Edition.id)))


def test_slots_of_the_next_half_hour_open_to_editors(db: Database, world: World, clock: StoppedClock) -> None:
    for minutes in (0, 15, 30, 45):
        world.subscriber(next_due_at=clock() + timedelta(minutes=minutes))
    assert open_reviews(db, clock()) == 2
    with db.read() as tx:
        slots = list(tx.scalars(select(Edition.slot).order_by(Edition.slot)))
    assert slots == [scheduled.slot_name(clock() + timedelta(minutes=minutes)) for minutes in (15, 30)]
    assert open_reviews(db, clock() + timedelta(minutes=14)) == 0
    assert open_reviews(db, clock() + timedelta(minutes=15)) == 1


def test_new_subscribers_are_scheduled_and_counted_once(db: Database, world: World) -> None:
    due = world.subscriber()
    new = [world.subscriber(next_due_at=None) for _ in range(3)]
    assert schedule_subscribers(db, world.clock()) == 3
    assert schedule_subscribers(db, world.clock()) == 0
    assert all(reload(db, subscriber).next_due_at for subscriber in new)
    assert reload(db, due).next_due_at == world.clock()


def test_what_several_slots_bring_is_added_up(db: Database, world: World, tree: RegionTree) -> None:
    now = world.clock()
    for due in (now, now - HALF_HOUR):
        world.subscriber(next_due_at=due)
        world.subscriber(next_due_at=due, regions=["ge"])
    for hours in (7, 8):
        world.subscriber(next_due_at=now - timedelta(hours=hours))
    world.article()
    assert plan_due(db, new_planner(tree), now) == PlanningResult(deliveries=2, nothing_new=2, postponed=2)


def put_apart(db: Database) -> None:
    """Give the newest article a story of its own, as if it had been placed before the others came."""
    with db.begin() as tx:
        article = tx.scalars(select(Article).order_by(Article.id.desc())).first() or Article()
        article.story = Story(first_seen_at=article.seen_at, title_key="")


def test_stories_are_grouped_anew_when_a_slot_opens_also_beside_one_that_is_open(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    first = world.subscriber()
    for source in ("Post", "Wire"):
        world.article(STORM, source=source, text="The harbour of Aktau is closed.")
    put_apart(db)
    plan_due(db, new_planner(tree), clock())
    assert len(received(db)[first.id]) == 1
    for source in ("Post", "Wire"):
        world.article("Ferry to Baku runs again", source=source, text="The ferry runs from Monday.", age=0.5)
    put_apart(db)
    late = world.subscriber(next_due_at=clock(), regions=["kz"])
    second = world.subscriber(next_due_at=clock() - HALF_HOUR)
    plan_due(db, new_planner(tree), clock())
    assert [len(received(db)[subscriber.id]) for subscriber in (late, second)] == [2, 2]


def test_who_is_not_planned_when_a_slot_is_cancelled_keeps_the_news_for_the_next(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    all_regions = (["kz"], ["central-asia"], ["asia"])
    readers = [world.subscriber(regions=regions, send_minute=12 * 60) for regions in all_regions]
    world.article()

    class Interrupted(Planner):
        composed = 0

        def compose_digest(self, *args: Any, **options: Any) -> ComposedDigest | None:
            self.composed += 1
            if self.composed == 2:
                manual_editions.cancel(db, 1, clock())
            return super().compose_digest(*args, **options)

    planner = Interrupted(tree, timedelta(hours=6), batch_size=1)
    assert plan_due(db, planner, clock()) == PlanningResult(deliveries=1, postponed=2)
    assert states(db) == ["cancelled"]
    waiting = [reload(db, reader) for reader in readers[1:]]
    assert all(reader.next_due_at == clock() + timedelta(days=1) for reader in waiting)
    assert all(reader.last_cutoff == clock() - timedelta(days=1) for reader in waiting)
    clock.advance(days=1)
    plan_due(db, new_planner(tree), clock())
    assert all(len(received(db)[reader.id]) == 1 for reader in waiting)


def test_an_edition_that_was_sent_is_sent_on_for_a_late_reader_with_news_only(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    world.subscriber()
    world.article()
    plan_due(db, new_planner(tree), clock())
    with db.begin() as tx:
        editions.set_state(tx, 1, EditionState.SENT, only_from=[EditionState.SENDING])
    world.subscriber(regions=["ge"])
    assert plan_due(db, new_planner(tree), clock()) == PlanningResult(nothing_new=1)
    assert states(db) == ["sent"]
    world.subscriber()
    assert plan_due(db, new_planner(tree), clock()) == PlanningResult(deliveries=1)
    assert states(db) == ["sending"]


def test_endpoints_hear_of_slots_that_have_deliveries(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    endpoints.add(db, "https://hooks.example/", ["edition.planned"], key="k", now=clock())
    world.subscriber(regions=["ge"], next_due_at=clock() - HALF_HOUR)
    world.subscriber()
    world.article()
    plan_due(db, new_planner(tree), clock())
    with db.read() as tx:
        told = list(tx.scalars(select(WebhookMessage.data)))
        edition_id = tx.scalars(select(Delivery.edition_id)).one()
    assert told == [{"id": edition_id, "deliveries": 1}]


def test_who_comes_while_a_slot_is_composed_is_planned_with_it(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    class Overtaken(Planner):
        late: Subscriber | None = None

        def compose_digest(self, *args: Any, **options: Any) -> ComposedDigest | None:
            self.late = self.late or world.subscriber(regions=["kz"])
            return super().compose_digest(*args, **options)

    world.subscriber()
    world.article()
    planner = Overtaken(tree, timedelta(hours=6))
    assert plan_due(db, planner, clock()) == PlanningResult(deliveries=2)
    assert planner.late
    assert len(received(db)[planner.late.id]) == 1


def test_what_was_planned_is_logged_with_its_edition(
    db: Database, world: World, planner: Planner, caplog: pytest.LogCaptureFixture
) -> None:
    world.subscriber()
    world.subscriber(regions=["ge"])
    world.article()
    with caplog.at_level("INFO", logger="digest.deliveries.planning.edition_planner"):
        plan_due(db, planner, world.clock())
    assert "edition 1 is planned: 1 deliveries; nothing new for 1" in caplog.messages
