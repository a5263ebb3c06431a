"""What is deleted after its time: editions with their digests and stories, feedback, and the audit trail."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from digest import retention
from digest.accounts.models import AuditEntry
from digest.accounts.store import audit
from digest.articles import pruning
from digest.articles.models import Article, Story
from digest.articles.store import retention as kept
from digest.database import Base, Database
from digest.deliveries.oversight import archive
from digest.deliveries.planning import edition_planner
from digest.deliveries.planning.planner import Planner
from digest.editions.models import Digest, Edition
from digest.editions.states import EditionState
from digest.feedback.models import Feedback
from digest.feedback.states import FeedbackKind
from digest.feedback.store import feedback
from digest.parts import Parts
from digest.retention import DeletedRecords, RetentionPeriods
from digest.sources.models import SourcePoll
from digest.sources.states import PollOutcome
from digest.sources.store import polls, sources
from digest.sources.store.polls import Poll
from tests.builders import World
from tests.conftest import StoppedClock

YEAR = timedelta(days=365)
PERIODS = RetentionPeriods(archive=YEAR, audit=2 * YEAR, feedback=YEAR)
NOTHING = DeletedRecords(0, 0, 0)


def count(db: Database, table: type[Base]) -> int:
    with db.read() as tx:
        return tx.scalar(select(func.count()).select_from(table)) or 0


def send_edition(db: Database, planner: Planner, world: World) -> None:
    """An edition to one reader about one story; all is over with it."""
    world.article()
    assert edition_planner.plan_due(db, planner, world.clock()).deliveries == 1
    with db.begin() as tx:
        for edition in tx.scalars(select(Edition)):
            edition.state = EditionState.SENT


def archive_and_delete(db: Database, clock: StoppedClock) -> DeletedRecords:
    archive.archive_old_deliveries(db, clock() - timedelta(days=90))
    return retention.delete_expired(db, clock(), PERIODS)


def delete_articles(db: Database, clock: StoppedClock) -> None:
    """As the hourly task does, after the source has listed none of them for long."""
    with db.begin() as tx:
        for source in sources.all_sources(tx):
            source.last_changed_at = clock()
    pruning.prune(db, clock(), keep=timedelta(days=60))


def test_an_edition_goes_with_its_digests_and_stories_after_its_time(
    db: Database, world: World, planner: Planner, clock: StoppedClock
) -> None:
    world.subscriber()
    send_edition(db, planner, world)
    clock.advance(days=364)
    assert archive_and_delete(db, clock) == NOTHING
    delete_articles(db, clock)
    assert (count(db, Digest), count(db, Story), count(db, Article)) == (1, 1, 1)
    clock.advance(days=3)
    assert archive_and_delete(db, clock).digests == 2  # and its edition
    delete_articles(db, clock)
    assert [count(db, table) for table in (Edition, Digest, Story, Article)] == [0, 0, 0, 0]
    assert archive_and_delete(db, clock) == NOTHING


def test_a_story_stays_as_long_as_a_newer_digest_has_it(
    db: Database, world: World, planner: Planner, clock: StoppedClock
) -> None:
    world.subscriber()
    send_edition(db, planner, world)
    with db.read() as tx:
        (story_id,) = tx.scalars(select(Story.id))
    clock.advance(days=200)
    with db.begin() as tx:
        kept.mark_shown(tx, [story_id], clock())  # as an edition of that day does
    clock.advance(days=200)
    assert archive_and_delete(db, clock).digests == 2
    delete_articles(db, clock)
    assert count(db, Story) == 1
    clock.advance(days=200)
    archive_and_delete(db, clock)
    delete_articles(db, clock)
    assert count(db, Story) == 0


def test_what_is_open_or_not_yet_archived_stays(
    db: Database, world: World, planner: Planner, clock: StoppedClock
) -> None:
    world.subscriber()
    send_edition(db, planner, world)
    clock.advance(days=400)
    assert retention.delete_expired(db, clock(), PERIODS) == NOTHING  # its deliveries are not counts yet
    archive.archive_old_deliveries(db, clock())
    with db.begin() as tx:
        for edition in tx.scalars(select(Edition)):
            edition.state = EditionState.PAUSED
    assert retention.delete_expired(db, clock(), PERIODS) == NOTHING
    delete_articles(db, clock)
    assert (count(db, Digest), count(db, Story)) == (1, 1)


def test_stories_of_an_earlier_version_are_kept_for_the_whole_time_from_now(
    db: Database, world: World, clock: StoppedClock
) -> None:
    world.article()
    with db.begin() as tx:
        for story in tx.scalars(select(Story)):
            story.kept, story.shown_at = True, None
    clock.advance(days=1000)
    retention.delete_expired(db, clock(), PERIODS)
    delete_articles(db, clock)
    assert count(db, Story) == 1
    clock.advance(days=370)
    retention.delete_expired(db, clock(), PERIODS)
    delete_articles(db, clock)
    assert count(db, Story) == 0


def test_feedback_and_the_audit_trail_have_times_of_their_own(
    db: Database, world: World, clock: StoppedClock
) -> None:
    reader = world.subscriber()
    for number in range(2):
        clock.advance(days=300 * number)
        with db.begin() as tx:
            feedback.add(tx, reader, FeedbackKind.UNSUBSCRIBE, "page", now=clock())
            audit.add(tx, "ann@example.org", "signed in", "", now=clock())
    clock.advance(days=100)
    assert retention.delete_expired(db, clock(), PERIODS) == DeletedRecords(0, 0, 1)
    assert (count(db, Feedback), count(db, AuditEntry)) == (1, 2)
    clock.advance(days=400)
    assert retention.delete_expired(db, clock(), PERIODS) == DeletedRecords(0, 1, 1)
    assert (count(db, Feedback), count(db, AuditEntry)) == (0, 1)


def test_the_address_of_a_deleted_digest_says_that_it_is_no_longer_kept(
    app: Flask, parts: Parts, clock: StoppedClock
) -> None:
    world = World(parts.db, parts.tree, clock)
    world.subscriber()
    send_edition(parts.db, parts.planner(), world)
    with parts.db.read() as tx:
        (public_id,) = tx.scalars(select(Digest.public_id))
    client = app.test_client()
    assert client.get(f"/read/{public_id}").status_code == 200
    invented = "x" * 16 + public_id[16:]
    assert client.get(f"/read/{invented}").status_code == 404  # an edition of today is not deleted yet
    clock.advance(days=400)
    archive_and_delete(parts.db, clock)
    gone = client.get(f"/read/{public_id}")
    assert gone.status_code == 410
    assert "No longer kept" in gone.text
    assert "365 days" in gone.text
    assert client.get("/read/unknown").status_code == 404


def test_polls_are_kept_for_thirty_days(db: Database, world: World, clock: StoppedClock) -> None:
    source_id = world.source()
    for _ in range(2):
        with db.begin() as tx:
            polls.add(tx, source_id, Poll(PollOutcome.READ, 200, new=1), clock())
        clock.advance(days=20)
    assert retention.delete_expired(db, clock(), PERIODS) == DeletedRecords(0, 0, 0, polls=1)
    assert count(db, SourcePoll) == 1
