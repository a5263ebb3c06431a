"""Deletes old articles and stories that are in no digest; sent digests stay readable."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.articles.store import retention as store
from digest.database import Database
from digest.sources.store import sources

BATCH_SIZE = 1_000  # rows deleted in one transaction: other writers wait for it, some 50 ms
LISTED_AT_TOLERANCE = timedelta(days=1)  # `listed_at` is written once a day


@dataclass(frozen=True, slots=True)
class PrunedCounts:
    """How much was deleted."""

    articles: int
    stories: int


def prune(db: Database, now: datetime, *, keep: timedelta) -> PrunedCounts:
    """Delete articles that were seen longer than `keep` ago, and stories that have no articles left.

    Articles of a story that is in a digest stay. Articles that their source's newest document lists stay too: the
    next poll would write them again as new ones.
    """
    with db.read() as tx:
        changed_sources = [
            (source.id, source.last_changed_at)
            for source in sources.all_sources(tx)
            if source.last_changed_at
        ]
    articles = sum(
        _prune_source(db, source_id, before=now - keep, unlisted_since=changed_at - LISTED_AT_TOLERANCE)
        for source_id, changed_at in changed_sources
    )
    stories = 0
    while True:
        with db.begin(time_limit=False) as tx:
            deleted = store.prune_stories(tx, before=now - keep, limit=BATCH_SIZE)
        stories += deleted
        if deleted < BATCH_SIZE:
            return PrunedCounts(articles, stories)


def _prune_source(db: Database, source_id: int, *, before: datetime, unlisted_since: datetime) -> int:
    articles = 0
    while True:
        with db.begin(time_limit=False) as tx:
            deleted = store.prune_articles(
                tx, source_id, before=before, unlisted_since=unlisted_since, limit=BATCH_SIZE
            )
        articles += deleted
        if deleted < BATCH_SIZE:
            return articles
