"""Nothing is shown twice to a subscriber, and nothing in their regions is missed, whatever they or editors change."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from digest.articles import moderation
from digest.articles.ingest import article_upsert
from digest.articles.models import Article, Story
from digest.articles.pure.drafts import ArticleDraft
from digest.articles.states import DateSource
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
from digest.deliveries.store import claims, windows
from digest.deliveries.store.plans import GroupKey
from digest.editions.composer import ComposedDigest
from digest.editions.models import Digest, Edition
from digest.editions.pure.edition_spec import DigestPreferences, EditionSpec
from digest.editions.pure.selection import MAX_DIGEST_STORIES
from digest.editions.store import editions
from digest.mail.pure.outcomes import Deferred, InDoubt, Outcome, Refused
from digest.regions.pure.tagger import Tag
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers import lifecycle
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import Cadence, DigestSize
from tests.builders import World
from tests.conftest import StoppedClock
from tests.deliveries.test_edition_planner import new_planner, subscriber_regions
from tests.fake_relay import FakeRelay

REGIONS = ("central-asia", "kz", "ge", "south-caucasus", "asia", "fr", "world")
CODES = ("KZ", "UZ", "GE", "AM", "FR")


def shown(db: Database, subscriber: Subscriber) -> list[int]:
    """Story ids of the subscriber's deliveries that were not cancelled, in order."""
    with db.read() as tx:
        query = select(Digest).join(Delivery, Delivery.digest_id == Digest.id).order_by(Delivery.id)
        rows = tx.scalars(query.where(Delivery.subscriber_id == subscriber.id, Delivery.state != "cancelled"))
        return [story for digest in rows for _, ids in digest.sections for story, _ in ids]


def shown_by_digest(db: Database, subscriber: Subscriber) -> list[list[int]]:
    """Story ids of each digest that was planned for the subscriber."""
    with db.read() as tx:
        query = select(Digest).join(Delivery, Delivery.digest_id == Digest.id).order_by(Delivery.id)
        rows = tx.scalars(query.where(Delivery.subscriber_id == subscriber.id))
        return [[story for _, ids in row.sections for story, _ in ids] for row in rows]


def a_day_later(db: Database, tree: RegionTree, clock: StoppedClock) -> None:
    for _ in range(6):
        clock.advance(hours=4)
        plan_due(db, new_planner(tree), clock())


def article_of(db: Database, title: str) -> int:
    with db.read() as tx:
        return tx.scalars(select(Article.id).where(Article.title == title)).one()


def test_a_story_that_comes_to_be_about_another_country_is_news_to_its_subscribers_alone(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    kazakh, georgian, both = (world.subscriber(regions=r) for r in (["kz"], ["ge"], ["kz", "ge"]))
    world.article("A cable is laid across the sea", ["KZ"], source="one")
    plan_due(db, new_planner(tree), clock())
    clock.advance(hours=2)
    world.article("A cable is laid across the sea", ["GE"], age=0, source="two")
    a_day_later(db, tree, clock)
    a_day_later(db, tree, clock)
    assert [len(shown(db, subscriber)) for subscriber in (kazakh, georgian, both)] == [1, 1, 1]


def test_an_editors_country_reaches_its_subscribers_though_the_window_was_closed(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    french, everywhere = world.subscriber(regions=["fr"]), world.subscriber(regions=["world"])
    world.article("Nobody knows where this was", [])
    plan_due(db, new_planner(tree), clock())
    assert shown(db, everywhere) == []
    clock.advance(hours=3)
    moderation.retag(db, tree, article_of(db, "Nobody knows where this was"), ["FR"], now=clock())
    a_day_later(db, tree, clock)
    a_day_later(db, tree, clock)
    assert [len(shown(db, subscriber)) for subscriber in (french, everywhere)] == [1, 1]


def test_who_had_a_story_does_not_get_it_again_when_they_and_its_countries_change(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    moving, other = world.subscriber(regions=["kz"]), world.subscriber(regions=["ge"])
    world.article("A bridge between two countries", ["KZ"])
    plan_due(db, new_planner(tree), clock())
    clock.advance(hours=3)
    moderation.retag(db, tree, article_of(db, "A bridge between two countries"), ["GE"], now=clock())
    lifecycle.change_subscription(db, moving.public_id, Subscription(("ge",)))
    world.article("Something else in the south", ["GE"], age=0)
    a_day_later(db, tree, clock)
    a_day_later(db, tree, clock)
    assert len(shown(db, moving)) == len(set(shown(db, moving))) == 2
    assert len(shown(db, other)) == 2


def test_a_hidden_story_that_is_let_in_again_reaches_those_who_had_not_got_it(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    early, late = (
        world.subscriber(),
        world.subscriber(next_due_at=clock() + timedelta(hours=4), send_minute=16 * 60),
    )
    world.article("A headline that is doubted")
    key = article_of(db, "A headline that is doubted")
    plan_due(db, new_planner(tree), clock())
    moderation.hide(db, key, clock())
    clock.advance(hours=4)
    plan_due(db, new_planner(tree), clock())
    assert (len(shown(db, early)), len(shown(db, late))) == (1, 0)
    moderation.unhide(db, key, clock())
    for _ in range(3):
        a_day_later(db, tree, clock)
    assert (len(shown(db, early)), len(shown(db, late))) == (1, 1)


def test_an_edition_of_the_last_hours_repeats_nothing_and_takes_nothing_away(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    subscriber = world.subscriber(next_due_at=clock() + timedelta(hours=2), send_minute=14 * 60)
    world.article("Early news that is old by now", age=20)
    world.article("Late news of the last hour", age=0.5)
    edition = manual_editions.create(db, Audience("everyone"), note="", now=clock(), hours=1)
    manual_editions.plan(db, new_planner(tree), edition, clock())
    assert len(shown(db, subscriber)) == 1
    clock.advance(hours=2)
    plan_due(db, new_planner(tree), clock())
    assert len(shown(db, subscriber)) == len(set(shown(db, subscriber))) == 2


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
        assert claims.claim(tx, "a sender that is lost", clock(), lease=timedelta(minutes=1), limit=9)
    assert manual_editions.cancel(db, edition, clock()) == 0
    clock.advance(minutes=2)
    other = manual_editions.create(db, Audience("everyone"), note="", now=clock())
    assert manual_editions.cancel(db, other, clock()) == 0  # of another edition it settles nothing
    manual_editions.cancel_released_deliveries(db, clock())
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


@pytest.mark.parametrize("source", ["one", "two"])
def test_more_articles_of_a_story_bring_it_to_nobody_again(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, source: str
) -> None:
    subscriber = world.subscriber(regions=["asia"])
    world.article("The harbour is frozen over again", ["KZ"], source="one")
    plan_due(db, new_planner(tree), clock())
    clock.advance(hours=1)
    world.article("The harbour is frozen over again", ["KZ"], age=0, source=source)
    if source == "one":  # the same outlet once more: that is another story
        return
    a_day_later(db, tree, clock)
    assert len(shown(db, subscriber)) == 1


@given(st.integers(0, 10**6))
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_over_a_month_of_changes_nothing_is_shown_twice_and_nothing_is_missed(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, seed: int
) -> None:
    """A month of random changes.

    Subscribers change regions, hours, zones, cadence and size, pause and come back. Editors retag, hide, unhide, and
    send by hand. Planning comes late or twice, in small ranges. A subscriber must have what was about their regions at
    the cutoff of each of their windows.
    """
    rng = random.Random(seed)  # noqa: S311 -- Hypothesis says which seed failed
    with db.begin() as tx:  # the examples share a database
        tx.execute(update(Subscriber).values(state="unsubscribed"))
    all_subscribers = [_new_subscriber(world, rng, clock) for _ in range(6)]
    required: dict[int, set[int]] = {subscriber.id: set() for subscriber in all_subscribers}
    hidden: set[int] = set()
    end = clock() + timedelta(days=30)
    while clock() < end:
        clock.advance(minutes=rng.choice([45, 300, 600, 900]))
        if clock() < end - timedelta(days=9):  # then all windows close over what there is
            for _ in range(rng.randrange(3)):
                world.article(countries=rng.sample(CODES, rng.choice([0, 1, 1, 2])), age=0)
            _random_change(db, world, rng, all_subscribers, hidden)
        clock.advance(minutes=2)
        before = _cutoffs(db)
        plan_due(db, new_planner(tree), clock())
        _add_required(db, tree, required, before)
    for subscriber in all_subscribers:
        received_stories = Counter(shown(db, subscriber))
        most = max(received_stories.values(), default=1)
        assert most == 1, f"seed {seed}: subscriber {subscriber.id} had a story twice"
        assert required[subscriber.id] <= set(received_stories), (
            f"seed {seed}: subscriber {subscriber.id} missed {required[subscriber.id] - set(received_stories)}"
        )


def _new_subscriber(world: World, rng: random.Random, clock: StoppedClock) -> Subscriber:
    subscription = _random_subscription(rng)
    return world.subscriber(
        regions=subscription.regions,
        send_minute=subscription.send_minute,
        zone=subscription.zone,
        cadence=subscription.cadence,
        next_due_at=None,
        last_cutoff=clock(),
    )


def _random_subscription(rng: random.Random) -> Subscription:
    return Subscription(
        regions=tuple(sorted(rng.sample(REGIONS, rng.randint(1, 3)))),
        cadence=rng.choice([Cadence.DAILY, Cadence.DAILY, Cadence.WEEKDAYS]),
        send_minute=rng.randrange(96) * 15,
        zone=rng.choice(["UTC", "Asia/Tashkent", "America/New_York", "Pacific/Kiritimati"]),
        size=rng.choice(list(DigestSize)),
    )


def _random_change(
    db: Database, world: World, rng: random.Random, all_subscribers: list[Subscriber], hidden: set[int]
) -> None:
    now, subscriber = world.clock(), rng.choice(all_subscribers)
    with db.read() as tx:
        rows = tx.scalars(select(Article.id).order_by(Article.id.desc()).limit(12)).all()
    match rng.randrange(9):
        case 0 | 1 | 2:
            lifecycle.change_subscription(db, subscriber.public_id, _random_subscription(rng))
        case 3:
            lifecycle.resume(db, subscriber.public_id)
            lifecycle.pause(db, subscriber.public_id, now + timedelta(days=rng.randint(1, 4)), now)
        case 4 if rows:
            moderation.retag(db, world.tree, rng.choice(rows), rng.sample(CODES, 2), now=now)
        case 5 if rows:
            key = rng.choice(rows)
            (moderation.unhide if key in hidden else moderation.hide)(db, key, now)
            hidden ^= {key}
        case 6:
            hours = rng.choice([0, 3])
            edition_id = manual_editions.create(
                db, Audience("everyone"), note="", now=now, hours=hours, idempotency_key=str(now)
            )
            manual_editions.plan(db, new_planner(world.tree), edition_id, now)
        case _:
            pass


def _cutoffs(db: Database) -> dict[int, object]:
    with db.read() as tx:
        return {row[0]: row[1] for row in tx.execute(select(Subscriber.id, Subscriber.last_cutoff))}


def _add_required(
    db: Database, tree: RegionTree, required: dict[int, set[int]], before: dict[int, object]
) -> None:
    """Add what subscribers must have received by now, if their window has just closed: the stories about their regions
    that were seen in the window and are not hidden."""
    with db.read() as tx:
        for subscriber in tx.scalars(select(Subscriber).where(Subscriber.id.in_(required))):
            start, end = before[subscriber.id], subscriber.last_cutoff
            if start == end or end is None:
                continue
            countries = tree.countries_of(subscriber_regions(db, subscriber))
            for story in tx.scalars(
                select(Story).where(Story.first_seen_at >= start, Story.first_seen_at < end)
            ):
                about = {tag.country for article in story.articles for tag in article.tags}
                late = story.released_at is not None and story.released_at >= end
                if not story.hidden and not late and about & countries:
                    required[subscriber.id].add(story.id)


def test_pinning_puts_a_story_first_in_the_digest(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    subscriber = world.subscriber()
    world.article("The first of two headlines here", age=5)
    world.article("The second of two headlines here", age=1)
    with db.begin() as tx:
        first = tx.scalars(select(Story.id).order_by(Story.id)).first() or 0
        articles.set_pinned(tx, first, 1)
    plan_due(db, new_planner(tree), clock())
    assert shown(db, subscriber)[0] == first


def test_more_news_than_a_digest_has_is_told_bit_by_bit_and_never_twice(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    """Each edition of the last hours takes what is left; the stories that come next may have been received as well."""
    subscriber = world.subscriber()
    drafts = [
        ArticleDraft(
            guid=f"g{n}", url=f"https://example.net/many/{n}", title=f"apple{n} pear{n} plum{n}", excerpt="", text="",
            author="", published_at=clock(), date_source=DateSource.PUBLISHED, tags=(Tag("KZ", 1.0, ()),),
            content_hash=f"h{n}",
        )
        for n in range(2 * MAX_DIGEST_STORIES + 1)
    ]  # fmt: skip
    source_id = world.source()
    with db.begin() as tx:
        article_upsert.upsert_articles(
            tx, source_id, drafts, seen_at=clock() - timedelta(hours=1), language="en"
        )
    for _ in range(2):
        edition_id = manual_editions.create(db, Audience("everyone"), note="", now=clock(), hours=6)
        assert manual_editions.plan(db, new_planner(tree), edition_id, clock()).deliveries == 1
        clock.advance(minutes=1)
    assert plan_due(db, new_planner(tree), clock()).deliveries == 1
    stories = shown(db, subscriber)
    assert len(stories) == len(set(stories)) == 2 * MAX_DIGEST_STORIES + 1
