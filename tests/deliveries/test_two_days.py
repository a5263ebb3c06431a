"""Two days end to end, polled four times a day, a digest each morning: every development is sent once."""

import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from digest.articles.models import Article
from digest.articles.pure.chapters import Chapter, last_received
from digest.articles.store import threads
from digest.database import Database
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.planning.personal_digests import digest_for_subscriber
from digest.deliveries.planning.planner import Planner
from digest.deliveries.previews.digest_preview import preview_digest
from digest.deliveries.sending.sending_context import SendingContext
from digest.editions.composer import fingerprint
from digest.editions.models import Digest, Edition
from digest.editions.pure.edition_spec import EditionSpec
from digest.editions.store.received_stories import received_stories
from digest.regions.tree import region_tree
from digest.regions.tree.region_tree import RegionTree
from tests.builders import World
from tests.conftest import StoppedClock
from tests.deliveries.two_days_of_news import ALL_DISPATCHES
from tests.empty_databases import empty_postgresql

POLL_HOURS = 6
OTHER_NEWS = 12  # reports of each poll about other events, in no country that the reader chose
DIGEST_HOURS = (20, 44, 68)  # after the first poll: three mornings


@dataclass(frozen=True)
class TwoDays:
    """A database after the two days, which tests only read or add to."""

    db: Database
    world: World
    clock: StoppedClock
    tree: RegionTree
    start: datetime


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def two_days(
    request: pytest.FixtureRequest, created: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TwoDays]:
    """The two days, on each database once for all tests of this file: they take seconds."""
    if request.param == "sqlite":
        path = shutil.copy(created, tmp_path_factory.mktemp("two-days") / "store.sqlite3")
        db = Database(f"sqlite:///{path}")
    else:
        db = Database(request.getfixturevalue("postgres_url"))
    clock, tree = StoppedClock(), region_tree.load()
    days = TwoDays(db, World(db, tree, clock), clock, tree, clock())
    run_two_days(db, days.world, clock, tree)
    yield days
    if request.param == "postgresql":
        empty_postgresql(db)
    db.close()


def run_two_days(db: Database, world: World, clock: StoppedClock, tree: RegionTree) -> None:
    """Poll and send as beat would: polls every six hours, an edition on each of three mornings."""
    world.subscriber(next_due_at=clock() + timedelta(hours=DIGEST_HOURS[0]), last_cutoff=clock())
    clock.advance(minutes=1)
    pending, hours = list(ALL_DISPATCHES), 0.0
    for step in sorted({*range(0, 70, POLL_HOURS), *DIGEST_HOURS}):
        clock.advance(hours=step - hours)
        hours = step
        while step % POLL_HOURS == 0 and pending and pending[0].hours <= hours:
            dispatch = pending.pop(0)
            world.article(
                dispatch.title, [dispatch.country], source=dispatch.source, age=0, text=dispatch.text
            )
        if step % POLL_HOURS == 0:
            world.articles(OTHER_NEWS, countries=(), age=0)
        if step in DIGEST_HOURS:
            clock.advance(minutes=1)
            hours += 1 / 60
            plan_due(db, Planner(tree, timedelta(hours=6)), clock())


def sent_stories(db: Database) -> list[list[int]]:
    """The story ids of each morning's digest."""
    with db.read() as tx:
        query = (
            select(Digest.sections).join(Edition, Edition.id == Digest.edition_id).order_by(Edition.cutoff)
        )
        return [[story for _, refs in sections for story, _ in refs] for sections in tx.scalars(query)]


def events_by_story(db: Database) -> Mapping[int, set[str]]:
    events = {(dispatch.title, dispatch.text): dispatch.event for dispatch in ALL_DISPATCHES}
    by_story: defaultdict[int, set[str]] = defaultdict(set)
    with db.read() as tx:
        for story_id, title, text in tx.execute(select(Article.story_id, Article.title, Article.text)):
            assert story_id is not None
            by_story[story_id].add(events.get((title, text), "other"))
    return by_story


def test_each_development_is_sent_the_morning_after_and_no_event_twice(two_days: TwoDays) -> None:
    db = two_days.db
    mornings = sent_stories(db)
    events = events_by_story(db)
    sent = [sorted(event for story in morning for event in events[story]) for morning in mornings]
    assert sent == [["bread/1", "quake/1", "talks/1"], ["opera/1", "quake/2", "talks/2", "tiger/1"]]
    assert len({story for morning in mornings for story in morning}) == sum(map(len, mornings))


def test_a_later_chapter_continues_what_its_readers_received(two_days: TwoDays) -> None:
    db = two_days.db
    first, second = sent_stories(db)
    events = events_by_story(db)
    with db.read() as tx:
        chapters = threads.earlier_chapters(tx, second)
        digest = tx.scalars(select(Digest).order_by(Digest.window_start.desc())).first()
        assert digest
        group = digest.preferences_key, digest.window_start
        received = received_stories(tx, [group])[group]
    assert received == set(first)
    updates = {
        event: chapter
        for story, earlier in chapters.items()
        for event in events[story]
        if (chapter := last_received(earlier, received))
    }
    assert {event: events[chapter.story_id] for event, chapter in updates.items()} == {
        "talks/2": {"talks/1"},
        "quake/2": {"quake/1"},
    }
    assert all(chapter.sent_at == digest.window_start for chapter in updates.values())


def test_the_second_digest_keeps_and_shows_its_updates(
    two_days: TwoDays, sending_context: SendingContext
) -> None:
    db = two_days.db
    with db.read() as tx:
        query = select(Digest).join(Edition, Edition.id == Digest.edition_id).order_by(Edition.cutoff)
        first, second = tx.scalars(query).all()
    events = events_by_story(db)
    assert first.updates == {}
    assert sorted(event for story_id in second.updates for event in events[story_id]) == [
        "quake/2",
        "talks/2",
    ]
    assert {chapter.sent_at for chapter in second.updates.values()} == {second.window_start}
    assert second.hash == fingerprint(second.subject, second.sections, "", second.updates)
    preview = preview_digest(db, sending_context, second.id)
    assert preview is not None
    assert preview.text.count("\nUpdate: ") == preview.html.count(">Update</span>") == 2
    quoted = " ".join(preview.text.split())
    for headline in (
        "Caspian ministers to meet in Aktau over falling sea level",
        "Eight dead after quake shakes Andijan before dawn",
    ):
        assert f": {headline} https://" in quoted
    assert "In your digest of " in preview.html


def test_a_reader_without_the_earlier_chapters_gets_a_later_one_as_a_story(two_days: TwoDays) -> None:
    db = two_days.db
    _, second = sent_stories(db)
    with db.read() as tx:
        chapters = threads.earlier_chapters(tx, second)
        newcomers = ("other preferences", two_days.clock())
        received = received_stories(tx, [newcomers])[newcomers]
    assert chapters
    assert all(last_received(earlier, received) is None for earlier in chapters.values())


def test_somebody_who_subscribed_between_the_chapters_gets_the_later_one_as_a_story(
    two_days: TwoDays,
) -> None:
    db = two_days.db
    start = two_days.start
    newcomer = two_days.world.subscriber(last_cutoff=start + timedelta(hours=30), next_due_at=None)
    with db.read() as tx:
        planner, spec = (
            Planner(two_days.tree, timedelta(hours=6)),
            EditionSpec(None, start + timedelta(hours=44)),
        )
        digest = digest_for_subscriber(tx, planner, spec, newcomer)
    assert digest is not None
    assert digest.updates == {}


def test_what_many_groups_received_is_loaded_together(two_days: TwoDays) -> None:
    db = two_days.db
    first, second = sent_stories(db)
    with db.read() as tx:
        rows = tx.execute(
            select(Digest.preferences_key, Edition.cutoff).join(Edition, Edition.id == Digest.edition_id)
        ).all()
        (key, morning), (_, next_morning) = sorted(rows, key=lambda row: row[1])
        groups = [
            (key, morning),
            (key, next_morning),
            (key, next_morning + timedelta(seconds=1)),
            ("x", morning),
        ]
        received = received_stories(tx, groups)
        wanted = received_stories(tx, groups, first[:1])
    assert [received[group] for group in groups] == [{*first}, {*first, *second}, set(), set()]
    assert [wanted[group] for group in groups] == [{first[0]}, {first[0]}, set(), set()]


def test_the_newest_chapter_that_a_reader_received_counts() -> None:
    moment = StoppedClock()()
    chapters = [Chapter(n, moment + timedelta(days=n)) for n in (1, 2, 3)]
    assert last_received(chapters, {1, 2}) == chapters[1]
    assert last_received(chapters, set()) is None
