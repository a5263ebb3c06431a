"""What an editor does with articles that were held: let them go into digests, or not."""

from datetime import datetime

from digest.articles.store import held as store
from digest.articles.story_assignment import Newsroom, place
from digest.database import Database, serialise
from digest.sources.pure.schedule.rates import DAY, MEMORY
from digest.sources.store import sources


def release(db: Database, source_id: int, now: datetime) -> int:
    """Let a source's held articles be news, as if they had come now. Returns how many.

    They count for what is usual from now on, so that a source that has grown is not held every day.
    """
    with db.begin() as tx:
        serialise(tx, "intake")
        held = store.waiting(tx, source_id)
        for article in held:
            article.held, article.seen_at = "", now
        place(tx, Newsroom(), held, now)
        sources.count_more(tx, source_id, len(held) / (MEMORY / DAY))
    return len(held)


def drop(db: Database, source_id: int) -> int:
    """Keep a source's held articles out of all digests; they stay among the articles. Returns how many."""
    with db.begin() as tx:
        return store.drop(tx, source_id)


def take_back(db: Database, source_id: int) -> int:
    """Undo dropping: what was dropped is held again. Returns how many."""
    with db.begin() as tx:
        return store.take_back(tx, source_id)
