"""News of editions that were cancelled, emptied, refused or skipped comes with a later digest."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from digest.articles.models import Story
from digest.articles.store import articles
from digest.database import Database, Tx
from digest.deliveries.models import Delivery
from digest.deliveries.planning import manual_editions
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.planning.planner import NO_STORIES, Planner
from digest.deliveries.previews import digest_preview
from digest.deliveries.pure.audience import Audience
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.sending_context import SendingContext
from digest.deliveries.store import ranges, windows
from digest.deliveries.store.plans import GroupKey
from digest.editions.composer import ComposedDigest
from digest.editions.models import Digest, Edition
from digest.editions.pure.edition_spec import DigestPreferences, EditionSpec
from digest.editions.store import editions
from digest.mail.pure.outcomes import Deferred, InDoubt, Outcome, Refused
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.models import Subscriber
from tests.builders import World
from tests.conftest import StoppedClock
from tests.deliveries.digest_history import a_day_later, shown, shown_by_digest
from tests.deliveries.test_edition_planner import new_planner
from tests.fake_relay import FakeRelay


def test_a_cancelled_edition_gives_its_subscribers_their_windows_back(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    subscriber = world.subscriber()
    world.article("News that an edition was to bring")
    plan_due(db, new_planner(tree), clock())
    with db.read() as tx:
        edition = editions.listing(tx)[0][0]
    assert manual_editions.cancel(db, edition.id, clock()) == 1
    assert shown(db, subscriber) == []
    a_day_later(db, tree, clock)
    assert len(shown(db, subscriber)) == 1


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([], id="paused before it went out"),
        pytest.param([Refused("550 5.7.1 we do not like it")], id="refused"),
        pytest.param([Deferred("451 later")] * 40, id="deferred until it was stale"),
    ],
)
def test_news_of_a_digest_that_a_subscriber_never_had_is_in_the_next(
    world: World,
    tree: RegionTree,
    clock: StoppedClock,
    sending_context: SendingContext,
    answers: list[Outcome],
) -> None:
    db, relay = world.db, sending_context.relay
    assert isinstance(relay, FakeRelay)
    subscriber, other = world.subscriber(regions=["kz"]), world.subscriber(regions=["kz"])
    world.article("A bridge is opened", ["KZ"])
    plan_due(db, new_planner(tree), clock())
    relay.answers[subscriber.email] = list(answers)
    if not answers:
        with db.begin() as tx:
            tx.execute(update(Subscriber).where(Subscriber.id == subscriber.id).values(state="paused"))
    for _ in range(23):
        send_due(db, sending_context)
        clock.advance(hours=1)
    with db.begin() as tx:
        tx.execute(update(Subscriber).where(Subscriber.id == subscriber.id).values(state="active"))
    world.article("A museum is closed", ["KZ"], age=0)
    a_day_later(db, tree, clock)
    assert [len(stories) for stories in shown_by_digest(db, subscriber)] == [1, 2]
    assert [len(stories) for stories in shown_by_digest(db, other)] == [1, 1]


@dataclass
class Interrupted(Planner):
    """Calls `happens` while the digest of the second range of subscribers is composed."""

    happens: Callable[[EditionSpec], object] = lambda _spec: None
    composed: int = 0

    def compose_digest(
        self,
        tx: Tx,
        spec: EditionSpec,
        group: GroupKey,
        preferences: DigestPreferences,
        without: frozenset[int] = NO_STORIES,
    ) -> ComposedDigest | None:
        self.composed += 1
        if self.composed == 2:
            self.happens(spec)
        return super().compose_digest(tx, spec, group, preferences, without)


def test_an_edition_cancelled_while_it_is_planned_takes_no_news_from_anybody(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    all_subscribers = [world.subscriber(regions=[region]) for region in ("kz", "central-asia", "asia")]
    world.article("News that an edition was to bring")
    cancel = partial(manual_editions.cancel, db, now=clock())
    planner = Interrupted(tree, timedelta(hours=6), 1, happens=lambda spec: cancel(spec.id or 0))
    plan_due(db, planner, clock())
    assert planner.composed == 2
    assert [shown(db, subscriber) for subscriber in all_subscribers] == [[], [], []]
    a_day_later(db, tree, clock)
    assert [len(shown(db, subscriber)) for subscriber in all_subscribers] == [1, 1, 1]


def test_of_an_edition_emptied_while_it_is_planned_nothing_goes_out(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, sending_context: SendingContext
) -> None:
    all_subscribers = [world.subscriber(regions=[region]) for region in ("kz", "central-asia", "asia")]
    world.article("News that is taken back")

    def hide(_spec: EditionSpec) -> None:
        with db.begin() as tx:
            articles.set_hidden(tx, tx.scalars(select(Story.id)).one(), hidden=True, now=clock())

    plan_due(db, Interrupted(tree, timedelta(hours=6), 1, happens=hide), clock())
    with db.read() as tx:
        digests = tx.scalars(select(Digest.id)).all()
    assert digests
    assert [digest_preview.preview_digest(db, sending_context, digest) for digest in digests] == [None] * len(
        digests
    )
    before = [len(shown(db, subscriber)) for subscriber in all_subscribers]
    a_day_later(db, tree, clock)
    assert [len(shown(db, subscriber)) for subscriber in all_subscribers] == before


def test_who_pauses_after_planning_has_the_news_when_they_are_back(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    away, here = world.subscriber(), world.subscriber()
    world.article("News of the day of the pause")
    plan_due(db, new_planner(tree), clock())
    with db.begin() as tx:
        delivery_id = tx.scalars(select(Delivery.id).where(Delivery.subscriber_id == away.id)).one()
        tx.execute(update(Subscriber).where(Subscriber.id == away.id).values(state="paused"))
        tx.execute(update(Delivery).where(Delivery.id == delivery_id).values(state="skipped"))
        assert windows.restore_windows(tx, [delivery_id]) == 1
    a_day_later(db, tree, clock)
    world.article("News of the days of the pause")
    with db.begin() as tx:
        back = update(Subscriber).where(Subscriber.id == away.id)
        tx.execute(back.values(state="active", next_due_at=None))
    a_day_later(db, tree, clock)
    stories = shown(db, away)
    assert sorted(stories[1:]) == sorted(shown(db, here))  # the first is what was skipped
    assert len(stories) == 3


def test_what_a_sender_had_in_hand_of_a_cancelled_edition_is_in_the_next_digest(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    subscriber = world.subscriber()
    world.article("News of the day")
    plan_due(db, new_planner(tree), clock())
    with db.begin() as tx:
        (edition,) = tx.scalars(select(Edition.id))
        ranges.divide(tx)
        assert ranges.claim(tx, "a sender that is lost", clock())
    assert manual_editions.cancel(db, edition, clock()) == 0
    clock.advance(minutes=2)
    other = manual_editions.create(db, Audience("everyone"), note="", now=clock())
    assert manual_editions.cancel(db, other, clock()) == 0  # of another edition it settles nothing
    with db.begin() as tx:
        ranges.release_holder(tx, "a sender that is lost")
    manual_editions.cancel_deliveries_of_cancelled_editions(db, clock())
    with db.read() as tx:
        assert tx.scalars(select(Delivery.state)).all() == ["cancelled"]
    a_day_later(db, tree, clock)
    assert len(shown(db, subscriber)) == 1


def test_who_was_served_since_keeps_their_window(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    subscriber = world.subscriber()
    world.article("News of the first day")
    plan_due(db, new_planner(tree), clock())
    clock.advance(hours=20)
    world.article("News of the second day", age=0.5)
    clock.advance(hours=4)
    plan_due(db, new_planner(tree), clock())
    with db.begin() as tx:
        first = tx.scalars(select(Delivery.id).order_by(Delivery.id)).first()
        assert first is not None
        tx.execute(update(Delivery).where(Delivery.id == first).values(state="skipped"))
        assert windows.restore_windows(tx, [first]) == 0
    a_day_later(db, tree, clock)
    assert len(shown(db, subscriber)) == 2


@pytest.mark.parametrize("then", [Refused("550 5.7.1 we have it"), Deferred("451 later")])
def test_news_that_a_subscriber_may_have_had_is_not_told_again(
    world: World, tree: RegionTree, clock: StoppedClock, sending_context: SendingContext, then: Outcome
) -> None:
    db, relay = world.db, sending_context.relay
    assert isinstance(relay, FakeRelay)
    subscriber = world.subscriber(regions=["kz"])
    world.article("A bridge is opened", ["KZ"])
    plan_due(db, new_planner(tree), clock())
    relay.answers[subscriber.email] = [InDoubt("hung up"), *[then] * 40]
    for _ in range(23):
        send_due(db, sending_context)
        clock.advance(hours=1)
    world.article("A museum is closed", ["KZ"], age=0)
    a_day_later(db, tree, clock)
    assert [len(stories) for stories in shown_by_digest(db, subscriber)] == [1, 1]
