"""Deleting articles that no digest has, after a while; what was sent stays readable."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.articles.store import retention as store
from digest.database import Database
from digest.sources.store import sources

BATCH = 1_000  # articles of one transaction: some 50 ms, for which others wait
UNLISTED = timedelta(days=1)  # `listed_at` is that exact


@dataclass(frozen=True, slots=True)
class Pruned:
    """How much was deleted."""

    articles: int
    stories: int


def prune(db: Database, now: datetime, *, keep: timedelta) -> Pruned:
    """Delete articles seen longer than `keep` ago, and stories that have none left.

    Articles of a story that is in a digest stay, and those that their source's newest document still lists: they
    would come back as new ones.
    """
    with db.read() as tx:
        changed = [(s.id, s.last_changed_at) for s in sources.listing(tx) if s.last_changed_at]
    articles = sum(_prune_source(db, id_, before=now - keep, unlisted=at - UNLISTED) for id_, at in changed)
    stories = 0
    while True:
        with db.begin() as tx:
            gone = store.prune_stories(tx, before=now - keep, limit=BATCH)
        stories += gone
        if gone < BATCH:
            return Pruned(articles, stories)


def _prune_source(db: Database, source_id: int, *, before: datetime, unlisted: datetime) -> int:
    articles = 0
    while True:
        with db.begin() as tx:
            gone = store.prune_articles(tx, source_id, before=before, unlisted=unlisted, limit=BATCH)
        articles += gone
        if gone < BATCH:
            return articles
