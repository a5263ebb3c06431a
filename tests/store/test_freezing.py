"""A frozen edition is sent as it was looked at, or not at all; and a slot that editors review."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from digest.articles import moderation
from digest.articles.models import Article
from digest.database import Database
from digest.deliveries.planning import edition_planner, freezing, manual_editions
from digest.deliveries.planning.edition_planner import Planned, Planner, plan_due
from digest.deliveries.previews import draft_preview
from digest.deliveries.pure.audience import Audience
from digest.deliveries.sending.delivery_sender import Post, send_due
from digest.editions.composer import Composed
from digest.editions.models import Digest, Edition
from digest.editions.store import editions
from digest.errors import ConflictError, InvalidInputError
from digest.regions.tree.region_tree import RegionTree
from tests.builders import World
from tests.conftest import StoppedClock
from tests.fake_relay import FakeRelay
from tests.store.test_planning import fresh, reader_now, received

TITLE = "A tunnel is opened under the mountain"


def frozen(db: Database, tree: RegionTree, world: World) -> int:
    made = manual_editions.create(db, Audience("everyone"), note="Hello", now=world.clock(), draft=True)
    freezing.freeze(db, made, world.clock())
    freezing.compose(db, fresh(tree), made, world.clock())
    return made


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
    db: Database, world: World, tree: RegionTree, post: Post
) -> None:
    reader = world.reader()
    world.article(TITLE)
    made = frozen(db, tree, world)
    assert edition(db, made).state == "frozen"
    assert [subject for subject, _ in digests(db)] == [TITLE]
    assert send_due(db, post) == 0
    assert reader_now(db, reader).last_cutoff == reader.last_cutoff


def test_what_was_frozen_and_looked_at_is_what_is_sent(
    db: Database, world: World, tree: RegionTree, post: Post, relay: FakeRelay
) -> None:
    clock, reader = world.clock, world.reader("ann@example.com")
    world.article(TITLE)
    made = frozen(db, tree, world)
    world.article("Something that came after the freezing", age=0)
    _, shown = draft_preview.of_reader(db, post, fresh(tree), made, reader.id, now=clock())
    before = digests(db)
    freezing.release(db, made, clock())
    assert manual_editions.plan(db, fresh(tree), made, clock()) == Planned(deliveries=1)
    send_due(db, post)
    assert digests(db) == before
    assert shown is not None
    assert shown.subject == TITLE
    (sent,) = relay.handed
    for text in (TITLE, "Hello"):
        assert text in shown.text
        assert text.encode() in sent.message
    assert b"came after" not in sent.message


@pytest.mark.parametrize("what", ["changed", "hidden"])
def test_a_story_that_changed_since_is_a_refusal_that_names_it(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, what: str
) -> None:
    world.reader()
    world.article(TITLE)
    made = frozen(db, tree, world)
    if what == "hidden":
        moderation.hide(db, article(db).id, clock())
    else:
        moderation.retag(db, tree, article(db).id, ["KZ", "GE"], now=clock())
    with pytest.raises(ConflictError, match=f"tunnel.*{what}"):
        freezing.release(db, made, clock())
    assert received(db) == {}
    freezing.thaw(db, made)
    assert edition(db, made).state == "draft"
    assert digests(db) == []


def test_one_that_is_scheduled_goes_out_by_itself_unless_it_changed(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    world.reader(next_due_at=clock() + timedelta(days=1))
    world.article(TITLE)
    made = frozen(db, tree, world)
    with pytest.raises(InvalidInputError, match="past"):
        freezing.release(db, made, clock(), at=clock())
    freezing.release(db, made, clock(), at=clock() + timedelta(hours=1))
    freezing.release_due(db, clock())
    assert edition(db, made).state == "frozen"
    clock.forward(hours=1)
    freezing.release_due(db, clock())
    assert edition(db, made).state == "planning"


def test_a_scheduled_one_that_changed_stays_for_an_editor(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    world.reader()
    world.article(TITLE)
    made = frozen(db, tree, world)
    freezing.release(db, made, clock(), at=clock() + timedelta(hours=1))
    moderation.hide(db, article(db).id, clock())
    clock.forward(hours=1)
    freezing.release_due(db, clock())
    assert (edition(db, made).state, edition(db, made).send_at) == ("frozen", None)


def test_who_was_served_since_the_freezing_gets_nothing_twice(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    served, waiting = world.reader(), world.reader(next_due_at=clock() + timedelta(days=1))
    world.article(TITLE)
    made = frozen(db, tree, world)
    plan_due(db, fresh(tree), clock())
    freezing.release(db, made, clock())
    manual_editions.plan(db, fresh(tree), made, clock())
    assert {reader: len(stories) for reader, stories in received(db).items()} == {served.id: 1, waiting.id: 1}


@pytest.mark.parametrize("when", ["freezing", "planning"])
def test_cancelling_while_it_is_composed_is_safe(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, when: str
) -> None:
    reader = world.reader()
    world.article(TITLE)
    made = manual_editions.create(db, Audience("everyone"), note="", now=clock(), draft=when == "freezing")
    if when == "freezing":
        freezing.freeze(db, made, clock())

    class Interrupted(Planner):
        def decided(self, edition: Edition) -> dict[tuple[str, object], frozenset[int]]:  # type: ignore[override]
            if self.batch != 1:
                self.batch = 1
                manual_editions.cancel(db, made, clock())
            return super().decided(edition)  # type: ignore[return-value]

    planner = Interrupted(tree, timedelta(hours=6))
    freezing.compose(db, planner, made, clock())
    manual_editions.plan(db, planner, made, clock())
    assert edition(db, made).state == "cancelled"
    assert received(db) == {}
    plan_due(db, fresh(tree), clock())
    assert len(received(db)[reader.id]) == 1


@pytest.mark.parametrize("opened_again", [False, True])
def test_freezing_it_while_another_task_composes_it_leaves_nothing_old_behind(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, *, opened_again: bool
) -> None:
    world.reader()
    world.article(TITLE)
    made = manual_editions.create(db, Audience("everyone"), note="", now=clock(), draft=True)
    freezing.freeze(db, made, clock())

    class Overtaken(Planner):
        overtaken = False

        def compose(self, *args: Any, **options: Any) -> Composed | None:
            if not self.overtaken:
                self.overtaken = True
                freezing.compose(db, fresh(tree), made, clock())
                if opened_again:
                    freezing.thaw(db, made)
            return super().compose(*args, **options)

    freezing.compose(db, Overtaken(tree, timedelta(hours=6)), made, clock())
    assert edition(db, made).state == ("draft" if opened_again else "frozen")
    if opened_again:
        clock.forward(hours=1)
        world.article("What came while it was open", age=0.5)
        freezing.freeze(db, made, clock())
        freezing.compose(db, fresh(tree), made, clock())
    assert len(digests(db)) == 1
    assert ("1 more" in digests(db)[0][0]) == opened_again


def test_an_edition_that_is_emptied_while_frozen_is_not_sent(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    world.reader()
    world.article(TITLE)
    made = frozen(db, tree, world)
    with db.begin() as tx:
        for found in tx.scalars(select(Article)):
            tx.delete(found)
    with pytest.raises(ConflictError):
        freezing.release(db, made, clock())


def test_a_reviewed_slot_opens_before_its_time_and_goes_out_by_itself(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    reader = world.reader(next_due_at=clock() + timedelta(minutes=30))
    assert edition_planner.open_reviews(db, clock() - timedelta(minutes=5)) == 0
    assert edition_planner.open_reviews(db, clock()) == 1
    assert edition_planner.open_reviews(db, clock()) == 0
    world.article(TITLE, age=0)
    clock.forward(minutes=31)
    assert plan_due(db, fresh(tree), clock()).deliveries == 1
    assert len(received(db)[reader.id]) == 1
    assert edition(db, 1).state == "sending"


def test_a_held_slot_waits_until_it_is_let_go(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    world.reader(next_due_at=clock() + timedelta(minutes=30))
    world.article(TITLE)
    edition_planner.open_reviews(db, clock())
    manual_editions.pause(db, 1)
    clock.forward(hours=2)
    assert plan_due(db, fresh(tree), clock()) == Planned()
    manual_editions.resume(db, 1)
    assert plan_due(db, fresh(tree), clock()).deliveries == 1


@pytest.mark.parametrize("step", ["held for too long", "cancelled"])
def test_a_slot_that_never_went_out_leaves_its_news_to_the_next(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, step: str
) -> None:
    reader = world.reader(next_due_at=clock() + timedelta(minutes=30), send_minute=12 * 60 + 30)
    world.article(TITLE)
    edition_planner.open_reviews(db, clock())
    if step == "cancelled":
        manual_editions.cancel(db, 1, clock())
        clock.forward(minutes=31)
    else:
        manual_editions.pause(db, 1)
        clock.forward(hours=7)
    assert plan_due(db, fresh(tree), clock()) == Planned(merged=1)
    assert edition(db, 1).state == "cancelled"
    for _ in range(6):
        clock.forward(hours=4)
        plan_due(db, fresh(tree), clock())
    assert len(received(db)[reader.id]) == 1
