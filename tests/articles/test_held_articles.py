"""Articles that are held for an editor, and old articles that are deleted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.articles import moderation, pruning
from digest.articles.ingest import article_upsert
from digest.articles.ingest.article_upsert import UpsertCounts
from digest.articles.pruning import PrunedCounts
from digest.articles.pure.drafts import draft_articles
from digest.articles.pure.flood_rules import SourceHistory
from digest.articles.store import retention
from digest.database import Database
from digest.regions.pure.tagger import Tagger
from digest.sources.pure.entries import Entry
from digest.sources.store import sources
from digest.sources.store.sources import DocumentMetadata, PollResult
from tests.articles.article_helpers import all_articles, all_stories, hours_ago, numbered_entry
from tests.builders import World
from tests.conftest import StoppedClock

UpsertOfOneSource = Callable[..., UpsertCounts]


@pytest.fixture
def upsert(db: Database, world: World, tagger: Tagger, clock: StoppedClock) -> UpsertOfOneSource:
    """Take in entries of one source with a known history; keyword arguments replace fields of it."""

    def upsert_entries(*entries: Entry, **history: object) -> UpsertCounts:
        usual = {"per_day": 2.0, "last_day_count": 0, "last_success_at": clock() - timedelta(hours=1)}
        drafts = draft_articles(entries, tagger, home=None, seen_at=clock()).drafts
        source = world.source()
        with db.begin() as tx:
            return article_upsert.upsert_articles(
                tx,
                source,
                drafts,
                seen_at=clock(),
                language="en",
                history=SourceHistory(**(usual | history)),  # type: ignore[arg-type]
            )

    return upsert_entries


def test_a_flood_is_held_and_becomes_news_when_an_editor_releases_it(
    db: Database, upsert: UpsertOfOneSource, clock: StoppedClock
) -> None:
    flood = [numbered_entry(n, published=hours_ago(1)) for n in range(40)]
    assert upsert(*flood) == UpsertCounts(held=40)
    assert all_stories(db) == []
    assert upsert(*flood) == UpsertCounts()
    clock.advance(hours=5)
    assert moderation.release_held(db, 1, clock()) == 40
    assert {story.first_seen_at for story in all_stories(db)} == {clock()}
    assert [article.story_id for article in all_articles(db)] == [story.id for story in all_stories(db)]
    assert moderation.release_held(db, 1, clock()) == 0


def test_a_flood_of_fresh_entries_in_a_first_document_is_held_and_its_backlog_is_not(
    db: Database, upsert: UpsertOfOneSource, clock: StoppedClock
) -> None:
    flood = [numbered_entry(n, published=hours_ago(1)) for n in range(200)]
    backlog = [numbered_entry(n, published=hours_ago(100)) for n in range(200, 250)]
    assert upsert(*flood, *backlog, last_success_at=None) == UpsertCounts(new=50, held=200)
    assert all_stories(db) == []
    assert moderation.release_held(db, 1, clock()) == 200
    assert len({article.story_id for article in all_articles(db)} - {None}) == len(all_stories(db)) > 0
    assert sum(article.story_id is None for article in all_articles(db)) == 50


def test_only_old_entries_are_held_and_dropped_ones_stay_out_though_they_are_edited(
    db: Database, upsert: UpsertOfOneSource
) -> None:
    old = [numbered_entry(n, published=hours_ago(24 * 90 + n)) for n in range(12)]
    assert upsert(*old) == UpsertCounts(held=12)
    assert moderation.drop_held(db, 1) == 12
    edited = [replace(old_entry, summary="A correction.") for old_entry in old]
    assert upsert(*edited) == UpsertCounts(updated=12)
    assert all_stories(db) == []
    assert moderation.restore_dropped(db, 1) == 12


def test_an_entry_without_a_date_is_backlog_in_a_first_document_and_news_later(
    db: Database, upsert: UpsertOfOneSource
) -> None:
    assert upsert(*map(numbered_entry, range(50)), last_success_at=None) == UpsertCounts(new=50)
    assert all_stories(db) == []
    assert upsert(*map(numbered_entry, range(52))) == UpsertCounts(new=2)
    assert len(all_stories(db)) == 2


def test_old_articles_are_deleted_unless_they_are_in_a_digest_or_still_listed(
    db: Database, upsert: UpsertOfOneSource, clock: StoppedClock
) -> None:
    upsert(*(numbered_entry(n, published=hours_ago(1)) for n in range(4)))
    with db.begin() as tx:
        retention.mark_kept(
            tx, [next(article.story_id for article in all_articles(db) if article.guid == "g0") or 0]
        )
    for _ in range(70):
        clock.advance(days=1)
        upsert(numbered_entry(1, published=hours_ago(1)), numbered_entry(9, published=hours_ago(1)))
        with db.begin() as tx:
            sources.record_poll(tx, 1, PollResult(clock(), document=DocumentMetadata()), clock())
    keep = timedelta(days=60)
    assert pruning.prune(db, clock(), keep=keep) == PrunedCounts(articles=2, stories=2)
    assert {article.guid for article in all_articles(db)} == {"g0", "g1", "g9"}
    assert len(all_stories(db)) == 3
    assert pruning.prune(db, clock(), keep=keep) == PrunedCounts(0, 0)
    assert upsert(numbered_entry(1, published=hours_ago(1)), last_success_at=clock()) == UpsertCounts()
