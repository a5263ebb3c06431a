"""A frozen edition is sent as it was frozen, or not at all. A slot that editors review goes out at its time."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from digest.articles import moderation
from digest.articles.models import Article
from digest.database import Database
from digest.deliveries.planning import edition_planner, freezing, manual_editions
from digest.deliveries.planning.edition_planner import PlanningResult, plan_due
from digest.deliveries.planning.planner import Planner
from digest.deliveries.previews import draft_preview
from digest.deliveries.pure.audience import Audience
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.sending_context import SendingContext
from digest.deliveries.store.plans import GroupKey
from digest.editions.composer import ComposedDigest
from digest.editions.models import Digest, Edition
from digest.editions.pure.edition_spec import EditionSpec
from digest.editions.store import editions
from digest.errors import ConflictError, InvalidInputError
from digest.regions.tree.region_tree import RegionTree
from tests.builders import World
from tests.conftest import StoppedClock
from tests.deliveries.test_edition_planner import new_planner, received, reload
from tests.fake_relay import FakeRelay

TITLE = "A tunnel is opened under the mountain"


def create_frozen(db: Database, tree: RegionTree, world: World) -> int:
    edition_id = manual_editions.create(db, Audience("everyone"), note="Hello", now=world.clock(), draft=True)
    freezing.freeze(db, edition_id, world.clock())
    freezing.write_digests(db, new_planner(tree), edition_id, world.clock())
    return edition_id


def edition(db: Database, edition_id: int) -> Edition:
    with db.read() as tx:
        return editions.by_id(tx, edition_id)


def article(db: Database) -> Article:
    with db.read() as tx:
        return tx.scalars(select(Article).order_by(Article.id)).first() or Article()


def digests(db: Database) -> list[tuple[str, str]]:
    with db.read() as tx:
        return [(d.subject, d.hash) for d in tx.scalars(select(Digest).order_by(Digest.id))]


def test_freezing_decides_all_digests_and_sends_and_moves_nothing(
    db: Database, world: World, tree: RegionTree, sending_context: SendingContext
) -> None:
    subscriber = world.subscriber()
    world.article(TITLE)
    edition_id = create_frozen(db, tree, world)
    assert edition(db, edition_id).state == "frozen"
    assert [subject for subject, _ in digests(db)] == [TITLE]
    assert send_due(db, sending_context).claimed == 0
    assert reload(db, subscriber).last_cutoff == subscriber.last_cutoff


def test_what_was_frozen_and_looked_at_is_what_is_sent(
    db: Database, world: World, tree: RegionTree, sending_context: SendingContext, relay: FakeRelay
) -> None:
    clock, subscriber = world.clock, world.subscriber("ann@example.com")
    world.article(TITLE)
    edition_id = create_frozen(db, tree, world)
    world.article("Something that came after the freezing", age=0)
    _, preview = draft_preview.preview_for_subscriber(
        db, sending_context, new_planner(tree), edition_id, subscriber.id, now=clock()
    )
    before = digests(db)
    freezing.release(db, edition_id, clock())
    assert manual_editions.plan(db, new_planner(tree), edition_id, clock()) == PlanningResult(deliveries=1)
    send_due(db, sending_context)
    assert digests(db) == before
    assert preview is not None
    assert preview.subject == TITLE
    (sent,) = relay.relayed
    for text in (TITLE, "Hello"):
        assert text in preview.text
        assert text.encode() in sent.message
    assert b"came after" not in sent.message


@pytest.mark.parametrize("change", ["changed", "hidden"])
def test_a_story_that_changed_since_is_a_refusal_that_names_it(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, change: str
) -> None:
    world.subscriber()
    world.article(TITLE)
    edition_id = create_frozen(db, tree, world)
    if change == "hidden":
        moderation.hide(db, article(db).id, clock())
    else:
        moderation.retag(db, tree, article(db).id, ["KZ", "GE"], now=clock())
    with pytest.raises(ConflictError, match=f"tunnel.*{change}"):
        freezing.release(db, edition_id, clock())
    assert received(db) == {}
    freezing.thaw(db, edition_id)
    assert edition(db, edition_id).state == "draft"
    assert digests(db) == []


def test_one_that_is_scheduled_goes_out_by_itself_unless_it_changed(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    world.subscriber(next_due_at=clock() + timedelta(days=1))
    world.article(TITLE)
    edition_id = create_frozen(db, tree, world)
    with pytest.raises(InvalidInputError, match="past"):
        freezing.release(db, edition_id, clock(), send_at=clock())
    freezing.release(db, edition_id, clock(), send_at=clock() + timedelta(hours=1))
    freezing.release_due(db, clock())
    assert edition(db, edition_id).state == "frozen"
    clock.advance(hours=1)
    freezing.release_due(db, clock())
    assert edition(db, edition_id).state == "planning"


def test_a_scheduled_one_that_changed_stays_for_an_editor(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    world.subscriber()
    world.article(TITLE)
    edition_id = create_frozen(db, tree, world)
    freezing.release(db, edition_id, clock(), send_at=clock() + timedelta(hours=1))
    moderation.hide(db, article(db).id, clock())
    clock.advance(hours=1)
    freezing.release_due(db, clock())
    assert (edition(db, edition_id).state, edition(db, edition_id).send_at) == ("frozen", None)


def test_who_was_served_since_the_freezing_gets_nothing_twice(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    served, waiting = world.subscriber(), world.subscriber(next_due_at=clock() + timedelta(days=1))
    world.article(TITLE)
    edition_id = create_frozen(db, tree, world)
    plan_due(db, new_planner(tree), clock())
    freezing.release(db, edition_id, clock())
    manual_editions.plan(db, new_planner(tree), edition_id, clock())
    assert {subscriber: len(stories) for subscriber, stories in received(db).items()} == {
        served.id: 1,
        waiting.id: 1,
    }


@pytest.mark.parametrize("when", ["freezing", "planning"])
def test_cancelling_while_it_is_composed_is_safe(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, when: str
) -> None:
    subscriber = world.subscriber()
    world.article(TITLE)
    edition_id = manual_editions.create(
        db, Audience("everyone"), note="", now=clock(), draft=when == "freezing"
    )
    if when == "freezing":
        freezing.freeze(db, edition_id, clock())

    class Interrupted(Planner):
        def composed_groups(self, spec: EditionSpec) -> dict[GroupKey, frozenset[int]]:
            if self.batch_size != 1:
                self.batch_size = 1
                manual_editions.cancel(db, edition_id, clock())
            return super().composed_groups(spec)

    planner = Interrupted(tree, timedelta(hours=6))
    freezing.write_digests(db, planner, edition_id, clock())
    manual_editions.plan(db, planner, edition_id, clock())
    assert edition(db, edition_id).state == "cancelled"
    assert received(db) == {}
    plan_due(db, new_planner(tree), clock())
    assert len(received(db)[subscriber.id]) == 1


@pytest.mark.parametrize("opened_again", [False, True])
def test_freezing_it_while_another_task_composes_it_leaves_nothing_old_behind(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, *, opened_again: bool
) -> None:
    world.subscriber()
    world.article(TITLE)
    edition_id = manual_editions.create(db, Audience("everyone"), note="", now=clock(), draft=True)
    freezing.freeze(db, edition_id, clock())

    class Overtaken(Planner):
        overtaken = False

        def compose_digest(self, *args: Any, **options: Any) -> ComposedDigest | None:
            if not self.overtaken:
                self.overtaken = True
                freezing.write_digests(db, new_planner(tree), edition_id, clock())
                if opened_again:
                    freezing.thaw(db, edition_id)
            return super().compose_digest(*args, **options)

    freezing.write_digests(db, Overtaken(tree, timedelta(hours=6)), edition_id, clock())
    assert edition(db, edition_id).state == ("draft" if opened_again else "frozen")
    if opened_again:
        clock.advance(hours=1)
        world.article("What came while it was open", age=0.5)
        freezing.freeze(db, edition_id, clock())
        freezing.write_digests(db, new_planner(tree), edition_id, clock())
    assert len(digests(db)) == 1
    assert ("1 more" in digests(db)[0][0]) == opened_again


def test_an_edition_that_is_emptied_while_frozen_is_not_sent(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    world.subscriber()
    world.article(TITLE)
    edition_id = create_frozen(db, tree, world)
    with db.begin() as tx:
        for row in tx.scalars(select(Article)):
            tx.delete(row)
    with pytest.raises(ConflictError):
        freezing.release(db, edition_id, clock())


def test_a_reviewed_slot_opens_before_its_time_and_goes_out_by_itself(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    subscriber = world.subscriber(next_due_at=clock() + timedelta(minutes=30))
    assert edition_planner.open_reviews(db, clock() - timedelta(minutes=5)) == 0
    assert edition_planner.open_reviews(db, clock()) == 1
    assert edition_planner.open_reviews(db, clock()) == 0
    world.article(TITLE, age=0)
    clock.advance(minutes=31)
    assert plan_due(db, new_planner(tree), clock()).deliveries == 1
    assert len(received(db)[subscriber.id]) == 1
    assert edition(db, 1).state == "sending"


def test_a_held_slot_waits_until_it_is_let_go(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    world.subscriber(next_due_at=clock() + timedelta(minutes=30))
    world.article(TITLE)
    edition_planner.open_reviews(db, clock())
    manual_editions.pause(db, 1)
    clock.advance(hours=2)
    assert plan_due(db, new_planner(tree), clock()) == PlanningResult()
    manual_editions.resume(db, 1)
    assert plan_due(db, new_planner(tree), clock()).deliveries == 1


@pytest.mark.parametrize("step", ["held for too long", "cancelled"])
def test_a_slot_that_never_went_out_leaves_its_news_to_the_next(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, step: str
) -> None:
    subscriber = world.subscriber(next_due_at=clock() + timedelta(minutes=30), send_minute=12 * 60 + 30)
    world.article(TITLE)
    edition_planner.open_reviews(db, clock())
    if step == "cancelled":
        manual_editions.cancel(db, 1, clock())
        clock.advance(minutes=31)
    else:
        manual_editions.pause(db, 1)
        clock.advance(hours=7)
    assert plan_due(db, new_planner(tree), clock()) == PlanningResult(postponed=1)
    assert edition(db, 1).state == "cancelled"
    for _ in range(6):
        clock.advance(hours=4)
        plan_due(db, new_planner(tree), clock())
    assert len(received(db)[subscriber.id]) == 1
