"""First digests: who confirms gets the last day's news at once, once, and the next digest goes on from there."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.planning import manual_editions
from digest.deliveries.planning.edition_planner import PlanningResult, plan_due
from digest.deliveries.planning.first_digests import LIFETIME, MIN_LEAD, plan_first_digests
from digest.deliveries.planning.planner import Planner
from digest.deliveries.store import ranges
from digest.editions.models import Digest, Edition
from digest.editions.states import EditionKind, EditionState
from digest.feedback.unsubscribing import unsubscribe
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers import lifecycle
from digest.subscribers.models import Subscriber
from digest.subscribers.store import subscribers
from tests.builders import World
from tests.conftest import StoppedClock

EVENING = 18 * 60  # the hour of those who confirm at noon


def new_planner(tree: RegionTree) -> Planner:
    return Planner(tree, timedelta(hours=6))


def confirmed(db: Database, world: World, send_minute: int = EVENING) -> Subscriber:
    """A subscriber who confirms now."""
    subscriber = world.subscriber(
        send_minute=send_minute, state="pending", confirmed_at=None, last_cutoff=None, next_due_at=None
    )
    letter = world.confirmation_letter(subscriber)
    return lifecycle.confirm(
        db, letter, origin="192.0.2.1", wording="yes", secret="not needed", now=world.clock()
    )


def received(db: Database) -> list[list[int]]:
    """The story ids of each delivery, oldest first."""
    with db.read() as tx:
        query = select(Digest).join(Delivery, Delivery.digest_id == Digest.id).order_by(Delivery.id)
        return [[story for _, refs in digest.sections for story, _ in refs] for digest in tx.scalars(query)]


def test_who_confirms_gets_the_last_day_at_once_and_only_once(
    db: Database, world: World, tree: RegionTree
) -> None:
    world.article(age=20)
    world.article(age=30)
    confirmed(db, world)
    assert plan_first_digests(db, new_planner(tree), world.clock(), note="Hello") == PlanningResult(1)
    assert plan_first_digests(db, new_planner(tree), world.clock()) == PlanningResult()
    assert received(db) == [[1]]
    with db.read() as tx:
        edition = tx.scalars(select(Edition)).one()
        digest = tx.scalars(select(Digest)).one()
    assert (edition.kind, edition.state, edition.note) == (EditionKind.FIRST, EditionState.SENDING, "Hello")
    assert digest.subject.startswith("Your first digest: Something of note")
    assert len(digest.subject) <= 78


def test_the_next_digest_neither_repeats_nor_loses_a_story(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    confirmed(db, world)
    world.article(age=5)
    plan_first_digests(db, new_planner(tree), clock())
    world.article(age=0)  # after the cutoff of the first digest, and before the reader has it
    clock.advance(hours=6)
    world.article(age=1)
    assert plan_due(db, new_planner(tree), clock()).deliveries == 1
    first, second = received(db)
    assert first == [1]
    assert sorted(second) == [2, 3]


def test_two_who_confirm_in_one_quarter_of_an_hour_share_an_edition(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    world.article(age=5)
    confirmed(db, world)
    plan_first_digests(db, new_planner(tree), clock())
    clock.advance(minutes=10)
    confirmed(db, world)
    assert plan_first_digests(db, new_planner(tree), clock()).deliveries == 1
    clock.advance(minutes=10)
    confirmed(db, world)
    assert plan_first_digests(db, new_planner(tree), clock()).deliveries == 1
    with db.read() as tx:
        first, second, third = tx.scalars(select(Delivery.edition_id).order_by(Delivery.id))
    assert first == second != third


def test_without_news_nothing_is_sent_and_the_next_digest_has_the_whole_window(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    subscriber = confirmed(db, world)
    began = clock()
    assert plan_first_digests(db, new_planner(tree), clock()) == PlanningResult(nothing_new=1)
    clock.advance(minutes=15)
    assert plan_first_digests(db, new_planner(tree), clock()) == PlanningResult(nothing_new=1)
    assert plan_first_digests(db, new_planner(tree), clock()) == PlanningResult()
    with db.read() as tx:
        found = subscribers.by_id(tx, subscriber.id)
    assert found.first_digest_since is None
    assert found.last_cutoff == began - timedelta(days=1)


def test_news_that_comes_while_somebody_confirms_makes_their_first_digest_a_quarter_later(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    confirmed(db, world)
    world.article(age=0)  # after the cutoff of the edition
    assert plan_first_digests(db, new_planner(tree), clock()) == PlanningResult(nothing_new=1)
    clock.advance(minutes=15)
    assert plan_first_digests(db, new_planner(tree), clock()) == PlanningResult(deliveries=1)
    assert received(db) == [[1]]


@pytest.mark.parametrize("minutes", [0, 30, 60])
def test_who_is_due_soon_gets_one_mail_not_two(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, minutes: int
) -> None:
    assert timedelta(minutes=minutes) <= MIN_LEAD
    world.article(age=5)
    confirmed(db, world, send_minute=12 * 60 + minutes)
    assert plan_first_digests(db, new_planner(tree), clock()) == PlanningResult()
    clock.advance(minutes=minutes)
    assert plan_due(db, new_planner(tree), clock()).deliveries == 1
    assert plan_first_digests(db, new_planner(tree), clock()) == PlanningResult()
    assert received(db) == [[1]]


def test_a_first_digest_that_no_worker_planned_in_time_is_left_to_the_next_one(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    world.article(age=5)
    confirmed(db, world)
    clock.advance(seconds=LIFETIME.total_seconds() + 1)
    assert plan_first_digests(db, new_planner(tree), clock()) == PlanningResult()
    clock.advance(hours=5)
    plan_due(db, new_planner(tree), clock())
    assert received(db) == [[1]]


@pytest.mark.parametrize("step", ["leave", "pause"])
def test_who_leaves_or_pauses_first_gets_no_first_digest(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, step: str
) -> None:
    world.article(age=5)
    subscriber = confirmed(db, world)
    if step == "leave":
        unsubscribe(db, subscriber.public_id, origin="page", now=clock())
    else:
        lifecycle.pause(db, subscriber.public_id, clock() + timedelta(days=1), clock())
        lifecycle.resume(db, subscriber.public_id, now=clock())
    assert plan_first_digests(db, new_planner(tree), clock()) == PlanningResult()


def test_a_cancelled_first_digest_leaves_its_news_to_the_next_one(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    world.article(age=5)
    confirmed(db, world)
    plan_first_digests(db, new_planner(tree), clock())
    manual_editions.cancel(db, 1, clock())
    clock.advance(minutes=1)
    confirmed(db, world)  # joins the cancelled edition of the same quarter of an hour
    assert plan_first_digests(db, new_planner(tree), clock()) == PlanningResult()
    with db.begin() as tx:  # and would get the next edition's, if that came
        tx.execute(update(Subscriber).values(first_digest_since=None))
    clock.advance(hours=6)
    plan_due(db, new_planner(tree), clock())
    assert received(db) == [[1], [1], [1]]  # the cancelled one, then both scheduled ones


def test_a_digest_again_by_undoing_brings_no_first_digest(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    world.article(age=5)
    subscriber = confirmed(db, world)
    plan_first_digests(db, new_planner(tree), clock())
    clock.advance(hours=1)
    world.article(age=0.5)
    unsubscribe(db, subscriber.public_id, origin="page", now=clock())
    lifecycle.return_after_leaving(db, subscriber.public_id, origin="", now=clock())
    assert plan_first_digests(db, new_planner(tree), clock()) == PlanningResult()


def test_a_first_digest_is_sent_also_after_the_reader_of_the_last_one_was_erased(
    db: Database, world: World, tree: RegionTree
) -> None:
    world.article(age=20)
    first = confirmed(db, world)
    assert plan_first_digests(db, new_planner(tree), world.clock()) == PlanningResult(1)
    with db.begin() as tx:
        ranges.divide(tx)
        tx.execute(delete(Subscriber).where(Subscriber.id == first.id))
    confirmed(db, world)
    assert plan_first_digests(db, new_planner(tree), world.clock()) == PlanningResult(1)
    with db.begin() as tx:
        assert ranges.divide(tx) == 1
