"""Nothing is shown twice to a reader, and nothing in their regions is missed, whatever they or editors change."""

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
from digest.articles.pure.drafts import Draft
from digest.articles.store import articles
from digest.database import Database, Tx
from digest.deliveries.models import Delivery
from digest.deliveries.planning import manual_editions
from digest.deliveries.planning.edition_planner import NOTHING, Planner, plan_due
from digest.deliveries.previews import digest_preview
from digest.deliveries.pure.audience import Audience
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.sending_context import Post
from digest.deliveries.store import claims as store
from digest.deliveries.store import windows as history
from digest.deliveries.store.plans import Group
from digest.editions.composer import Composed
from digest.editions.models import Digest, Edition
from digest.editions.pure.selection import LONGEST
from digest.editions.store import editions
from digest.mail.pure.outcomes import Deferred, InDoubt, Outcome, Refused
from digest.regions.pure.tagger import Tag
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers import lifecycle
from digest.subscribers.models import Preferences, Subscriber
from digest.subscribers.pure.subscription import Wishes
from tests.builders import World
from tests.conftest import StoppedClock
from tests.fake_relay import FakeRelay
from tests.store.test_planning import fresh, reader_regions

REGIONS = ("central-asia", "kz", "ge", "south-caucasus", "asia", "fr", "world")
CODES = ("KZ", "UZ", "GE", "AM", "FR")


def shown(db: Database, reader: Subscriber) -> list[int]:
    """Story ids of the reader's deliveries that were not cancelled, in order."""
    with db.read() as tx:
        query = select(Digest).join(Delivery, Delivery.digest_id == Digest.id).order_by(Delivery.id)
        rows = tx.scalars(query.where(Delivery.subscriber_id == reader.id, Delivery.state != "cancelled"))
        return [story for digest in rows for _, ids in editions.stories_of(digest) for story, _ in ids]


def shown_by_digest(db: Database, reader: Subscriber) -> list[list[int]]:
    """Story ids of each digest that was planned for the reader."""
    with db.read() as tx:
        query = select(Digest).join(Delivery, Delivery.digest_id == Digest.id).order_by(Delivery.id)
        rows = tx.scalars(query.where(Delivery.subscriber_id == reader.id))
        return [[story for _, ids in editions.stories_of(row) for story, _ in ids] for row in rows]


def a_day_later(db: Database, tree: RegionTree, clock: StoppedClock) -> None:
    for _ in range(6):
        clock.forward(hours=4)
        plan_due(db, fresh(tree), clock())


def article_of(db: Database, title: str) -> int:
    with db.read() as tx:
        return tx.scalars(select(Article.id).where(Article.title == title)).one()


def test_a_story_that_comes_to_be_about_another_country_is_news_to_its_readers_alone(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    kazakh, georgian, both = (world.reader(regions=r) for r in (["kz"], ["ge"], ["kz", "ge"]))
    world.article("A cable is laid across the sea", ["KZ"], source="one")
    plan_due(db, fresh(tree), clock())
    clock.forward(hours=2)
    world.article("A cable is laid across the sea", ["GE"], age=0, source="two")
    a_day_later(db, tree, clock)
    a_day_later(db, tree, clock)
    assert [len(shown(db, reader)) for reader in (kazakh, georgian, both)] == [1, 1, 1]


def test_an_editors_country_reaches_its_readers_though_the_window_was_closed(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    french, everywhere = world.reader(regions=["fr"]), world.reader(regions=["world"])
    world.article("Nobody knows where this was", [])
    plan_due(db, fresh(tree), clock())
    assert shown(db, everywhere) == []
    clock.forward(hours=3)
    moderation.retag(db, tree, article_of(db, "Nobody knows where this was"), ["FR"], now=clock())
    a_day_later(db, tree, clock)
    a_day_later(db, tree, clock)
    assert [len(shown(db, reader)) for reader in (french, everywhere)] == [1, 1]


def test_who_had_a_story_does_not_get_it_again_when_they_and_its_countries_change(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    moving, other = world.reader(regions=["kz"]), world.reader(regions=["ge"])
    world.article("A bridge between two countries", ["KZ"])
    plan_due(db, fresh(tree), clock())
    clock.forward(hours=3)
    moderation.retag(db, tree, article_of(db, "A bridge between two countries"), ["GE"], now=clock())
    lifecycle.change(db, moving.public_id, Wishes(("ge",)))
    world.article("Something else in the south", ["GE"], age=0)
    a_day_later(db, tree, clock)
    a_day_later(db, tree, clock)
    assert len(shown(db, moving)) == len(set(shown(db, moving))) == 2
    assert len(shown(db, other)) == 2


def test_a_hidden_story_that_is_let_in_again_reaches_those_who_had_not_got_it(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    early, late = world.reader(), world.reader(next_due_at=clock() + timedelta(hours=4), send_minute=16 * 60)
    world.article("A headline that is doubted")
    key = article_of(db, "A headline that is doubted")
    plan_due(db, fresh(tree), clock())
    moderation.hide(db, key, clock())
    clock.forward(hours=4)
    plan_due(db, fresh(tree), clock())
    assert (len(shown(db, early)), len(shown(db, late))) == (1, 0)
    moderation.unhide(db, key, clock())
    for _ in range(3):
        a_day_later(db, tree, clock)
    assert (len(shown(db, early)), len(shown(db, late))) == (1, 1)


def test_an_edition_of_the_last_hours_repeats_nothing_and_takes_nothing_away(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    reader = world.reader(next_due_at=clock() + timedelta(hours=2), send_minute=14 * 60)
    world.article("Early news that is old by now", age=20)
    world.article("Late news of the last hour", age=0.5)
    edition = manual_editions.create(db, Audience("everyone"), note="", now=clock(), hours=1)
    manual_editions.plan(db, fresh(tree), edition, clock())
    assert len(shown(db, reader)) == 1
    clock.forward(hours=2)
    plan_due(db, fresh(tree), clock())
    assert len(shown(db, reader)) == len(set(shown(db, reader))) == 2


def test_a_cancelled_edition_gives_its_readers_their_windows_back(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    reader = world.reader()
    world.article("News that an edition was to bring")
    plan_due(db, fresh(tree), clock())
    with db.read() as tx:
        edition = editions.listing(tx)[0][0]
    assert manual_editions.cancel(db, edition.id, clock()) == 1
    assert shown(db, reader) == []
    a_day_later(db, tree, clock)
    assert len(shown(db, reader)) == 1


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([], id="paused before it went out"),
        pytest.param([Refused("550 5.7.1 we do not like it")], id="refused"),
        pytest.param([Deferred("451 later")] * 40, id="deferred until it was stale"),
    ],
)
def test_news_of_a_digest_that_a_reader_never_had_is_in_the_next(
    world: World, tree: RegionTree, clock: StoppedClock, post: Post, answers: list[Outcome]
) -> None:
    db, relay = world.db, post.relay
    assert isinstance(relay, FakeRelay)
    reader, other = world.reader(regions=["kz"]), world.reader(regions=["kz"])
    world.article("A bridge is opened", ["KZ"])
    plan_due(db, fresh(tree), clock())
    relay.answers[reader.email] = list(answers)
    if not answers:
        with db.begin() as tx:
            tx.execute(update(Subscriber).where(Subscriber.id == reader.id).values(state="paused"))
    for _ in range(23):
        send_due(db, post)
        clock.forward(hours=1)
    with db.begin() as tx:
        tx.execute(update(Subscriber).where(Subscriber.id == reader.id).values(state="active"))
    world.article("A museum is closed", ["KZ"], age=0)
    a_day_later(db, tree, clock)
    assert [len(told) for told in shown_by_digest(db, reader)] == [1, 2]
    assert [len(told) for told in shown_by_digest(db, other)] == [1, 1]


@dataclass
class Interrupted(Planner):
    """Something happens while the digest of the second range of readers, who asked for something else, is composed."""

    happens: Callable[[Edition], object] = lambda _edition: None
    composed: int = 0

    def compose(
        self, tx: Tx, edition: Edition, group: Group, wanted: Preferences, without: frozenset[int] = NOTHING
    ) -> Composed | None:
        self.composed += 1
        if self.composed == 2:
            self.happens(edition)
        return super().compose(tx, edition, group, wanted, without)


def test_an_edition_cancelled_while_it_is_planned_takes_no_news_from_anybody(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    readers = [world.reader(regions=[region]) for region in ("kz", "central-asia", "asia")]
    world.article("News that an edition was to bring")
    cancel = partial(manual_editions.cancel, db, now=clock())
    planner = Interrupted(tree, timedelta(hours=6), 1, happens=lambda edition: cancel(edition.id))
    plan_due(db, planner, clock())
    assert planner.composed == 2
    assert [shown(db, reader) for reader in readers] == [[], [], []]
    a_day_later(db, tree, clock)
    assert [len(shown(db, reader)) for reader in readers] == [1, 1, 1]


def test_of_an_edition_emptied_while_it_is_planned_nothing_goes_out(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, post: Post
) -> None:
    readers = [world.reader(regions=[region]) for region in ("kz", "central-asia", "asia")]
    world.article("News that is taken back")

    def hide(_edition: Edition) -> None:
        with db.begin() as tx:
            articles.set_hidden(tx, tx.scalars(select(Story.id)).one(), hidden=True, now=clock())

    plan_due(db, Interrupted(tree, timedelta(hours=6), 1, happens=hide), clock())
    with db.read() as tx:
        digests = tx.scalars(select(Digest.id)).all()
    assert digests
    assert [digest_preview.of_digest(db, post, digest) for digest in digests] == [None] * len(digests)
    before = [len(shown(db, reader)) for reader in readers]
    a_day_later(db, tree, clock)
    assert [len(shown(db, reader)) for reader in readers] == before


def test_who_pauses_after_planning_has_the_news_when_they_are_back(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    away, here = world.reader(), world.reader()
    world.article("News of the day of the pause")
    plan_due(db, fresh(tree), clock())
    with db.begin() as tx:
        mine = tx.scalars(select(Delivery.id).where(Delivery.subscriber_id == away.id)).one()
        tx.execute(update(Subscriber).where(Subscriber.id == away.id).values(state="paused"))
        tx.execute(update(Delivery).where(Delivery.id == mine).values(state="skipped"))
        assert history.give_back(tx, [mine]) == 1
    a_day_later(db, tree, clock)
    world.article("News of the days of the pause")
    with db.begin() as tx:
        back = update(Subscriber).where(Subscriber.id == away.id)
        tx.execute(back.values(state="active", next_due_at=None))
    a_day_later(db, tree, clock)
    told = shown(db, away)
    assert sorted(told[1:]) == sorted(shown(db, here))  # the first is what was skipped
    assert len(told) == 3


def test_what_a_sender_had_in_hand_of_a_cancelled_edition_is_in_the_next_digest(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    reader = world.reader()
    world.article("News of the day")
    plan_due(db, fresh(tree), clock())
    with db.begin() as tx:
        (edition,) = tx.scalars(select(Edition.id))
        assert store.claim(tx, "a sender that is lost", clock(), lease=timedelta(minutes=1), limit=9)
    assert manual_editions.cancel(db, edition, clock()) == 0
    clock.forward(minutes=2)
    other = manual_editions.create(db, Audience("everyone"), note="", now=clock())
    assert manual_editions.cancel(db, other, clock()) == 0  # of another edition it settles nothing
    manual_editions.cancel_given_back(db, clock())
    with db.read() as tx:
        assert tx.scalars(select(Delivery.state)).all() == ["cancelled"]
    a_day_later(db, tree, clock)
    assert len(shown(db, reader)) == 1


def test_who_was_served_since_keeps_their_window(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    reader = world.reader()
    world.article("News of the first day")
    plan_due(db, fresh(tree), clock())
    clock.forward(hours=20)
    world.article("News of the second day", age=0.5)
    clock.forward(hours=4)
    plan_due(db, fresh(tree), clock())
    with db.begin() as tx:
        first = tx.scalars(select(Delivery.id).order_by(Delivery.id)).first()
        assert first is not None
        tx.execute(update(Delivery).where(Delivery.id == first).values(state="skipped"))
        assert history.give_back(tx, [first]) == 0
    a_day_later(db, tree, clock)
    assert len(shown(db, reader)) == 2


@pytest.mark.parametrize("then", [Refused("550 5.7.1 we have it"), Deferred("451 later")])
def test_news_that_a_reader_may_have_had_is_not_told_again(
    world: World, tree: RegionTree, clock: StoppedClock, post: Post, then: Outcome
) -> None:
    db, relay = world.db, post.relay
    assert isinstance(relay, FakeRelay)
    reader = world.reader(regions=["kz"])
    world.article("A bridge is opened", ["KZ"])
    plan_due(db, fresh(tree), clock())
    relay.answers[reader.email] = [InDoubt("hung up"), *[then] * 40]
    for _ in range(23):
        send_due(db, post)
        clock.forward(hours=1)
    world.article("A museum is closed", ["KZ"], age=0)
    a_day_later(db, tree, clock)
    assert [len(told) for told in shown_by_digest(db, reader)] == [1, 1]


@pytest.mark.parametrize("source", ["one", "two"])
def test_more_articles_of_a_story_bring_it_to_nobody_again(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, source: str
) -> None:
    reader = world.reader(regions=["asia"])
    world.article("The harbour is frozen over again", ["KZ"], source="one")
    plan_due(db, fresh(tree), clock())
    clock.forward(hours=1)
    world.article("The harbour is frozen over again", ["KZ"], age=0, source=source)
    if source == "one":  # the same outlet once more: that is another story
        return
    a_day_later(db, tree, clock)
    assert len(shown(db, reader)) == 1


@given(st.integers(0, 10**6))
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_over_a_month_of_changes_nothing_is_shown_twice_and_nothing_is_missed(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, seed: int
) -> None:
    """Readers change regions, hours, zones, cadence and size, pause and come back; editors retag, hide, let in again,
    and send by hand; planning comes late or twice, in small ranges. What a reader must have is what was about their
    regions of that moment at the cutoff of each of their windows."""
    chance = random.Random(seed)  # noqa: S311 -- Hypothesis says which seed failed
    with db.begin() as tx:  # the examples share a database
        tx.execute(update(Subscriber).values(state="unsubscribed"))
    readers = [_joins(world, chance, clock) for _ in range(6)]
    owed: dict[int, set[int]] = {reader.id: set() for reader in readers}
    hidden: set[int] = set()
    end = clock() + timedelta(days=30)
    while clock() < end:
        clock.forward(minutes=chance.choice([45, 300, 600, 900]))
        if clock() < end - timedelta(days=9):  # then all windows close over what there is
            for _ in range(chance.randrange(3)):
                world.article(countries=chance.sample(CODES, chance.choice([0, 1, 1, 2])), age=0)
            _something_happens(db, world, chance, readers, hidden)
        clock.forward(minutes=2)
        before = _cutoffs(db)
        plan_due(db, fresh(tree), clock())
        _owe(db, tree, owed, before)
    for reader in readers:
        got = Counter(shown(db, reader))
        assert max(got.values(), default=1) == 1, f"seed {seed}: reader {reader.id} had a story twice"
        assert owed[reader.id] <= set(got), (
            f"seed {seed}: reader {reader.id} missed {owed[reader.id] - set(got)}"
        )


def _joins(world: World, chance: random.Random, clock: StoppedClock) -> Subscriber:
    wishes = _wishes(chance)
    return world.reader(
        regions=wishes.regions, send_minute=wishes.send_minute, zone=wishes.zone, cadence=wishes.cadence,
        next_due_at=None, last_cutoff=clock(),
    )  # fmt: skip


def _wishes(chance: random.Random) -> Wishes:
    return Wishes(
        regions=tuple(sorted(chance.sample(REGIONS, chance.randint(1, 3)))),
        cadence=chance.choice(["daily", "daily", "weekdays"]),
        send_minute=chance.randrange(96) * 15,
        zone=chance.choice(["UTC", "Asia/Tashkent", "America/New_York", "Pacific/Kiritimati"]),
        size=chance.choice(["brief", "standard", "full"]),
    )


def _something_happens(
    db: Database, world: World, chance: random.Random, readers: list[Subscriber], hidden: set[int]
) -> None:
    now, reader = world.clock(), chance.choice(readers)
    with db.read() as tx:
        rows = tx.scalars(select(Article.id).order_by(Article.id.desc()).limit(12)).all()
    match chance.randrange(9):
        case 0 | 1 | 2:
            lifecycle.change(db, reader.public_id, _wishes(chance))
        case 3:
            lifecycle.resume(db, reader.public_id)
            lifecycle.pause(db, reader.public_id, now + timedelta(days=chance.randint(1, 4)), now)
        case 4 if rows:
            moderation.retag(db, world.tree, chance.choice(rows), chance.sample(CODES, 2), now=now)
        case 5 if rows:
            key = chance.choice(rows)
            (moderation.unhide if key in hidden else moderation.hide)(db, key, now)
            hidden ^= {key}
        case 6:
            hours = chance.choice([0, 3])
            made = manual_editions.create(
                db, Audience("everyone"), note="", now=now, hours=hours, slot=str(now)
            )
            manual_editions.plan(db, fresh(world.tree), made, now)
        case _:
            pass


def _cutoffs(db: Database) -> dict[int, object]:
    with db.read() as tx:
        return {row[0]: row[1] for row in tx.execute(select(Subscriber.id, Subscriber.last_cutoff))}


def _owe(db: Database, tree: RegionTree, owed: dict[int, set[int]], before: dict[int, object]) -> None:
    """What readers whose windows have just closed must have had by now: all that is about their regions and was seen
    in the window, and is not hidden."""
    with db.read() as tx:
        for reader in tx.scalars(select(Subscriber).where(Subscriber.id.in_(owed))):
            start, end = before[reader.id], reader.last_cutoff
            if start == end or end is None:
                continue
            mine = tree.expand(reader_regions(db, reader))
            for story in tx.scalars(
                select(Story).where(Story.first_seen_at >= start, Story.first_seen_at < end)
            ):
                about = {tag.country for article in story.articles for tag in article.tags}
                late = story.released_at is not None and story.released_at >= end
                if not story.hidden and not late and about & mine:
                    owed[reader.id].add(story.id)


def test_pinning_puts_a_story_first_in_the_digest(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    reader = world.reader()
    world.article("The first of two headlines here", age=5)
    world.article("The second of two headlines here", age=1)
    with db.begin() as tx:
        first = tx.scalars(select(Story.id).order_by(Story.id)).first() or 0
        articles.set_pinned(tx, first, 1)
    plan_due(db, fresh(tree), clock())
    assert shown(db, reader)[0] == first


def test_more_news_than_a_digest_has_is_told_bit_by_bit_and_never_twice(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    """Each edition of the last hours takes what is left; the stories that come up then may have been told as well."""
    reader = world.reader()
    drafts = [
        Draft(
            guid=f"g{n}", url=f"https://example.net/many/{n}", title=f"apple{n} pear{n} plum{n}", excerpt="", text="",
            author="", published_at=clock(), date_source="published", tags=(Tag("KZ", 1.0, ()),),
            content_hash=f"h{n}",
        )
        for n in range(2 * LONGEST + 1)
    ]  # fmt: skip
    source_id = world.source()
    with db.begin() as tx:
        article_upsert.save(tx, source_id, drafts, seen_at=clock() - timedelta(hours=1), language="en")
    for _ in range(2):
        made = manual_editions.create(db, Audience("everyone"), note="", now=clock(), hours=6)
        assert manual_editions.plan(db, fresh(tree), made, clock()).deliveries == 1
        clock.forward(minutes=1)
    assert plan_due(db, fresh(tree), clock()).deliveries == 1
    told = shown(db, reader)
    assert len(told) == len(set(told)) == 2 * LONGEST + 1
