"""Deletes what is kept for a limited time: old editions with their digests, the audit trail, feedback, and polls.

Articles and stories that no digest has any more are deleted by `digest/articles/pruning.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.accounts.store import audit
from digest.articles.store import daily_news
from digest.articles.store import retention as stories
from digest.database import Database, Tx
from digest.deliveries.store import retention as editions
from digest.editions.store import day_notes
from digest.feedback.store import feedback
from digest.opens import store as opens
from digest.sources.store import polls

BATCH_SIZE = 1_000  # rows of one transaction: other writers wait for it, some 50 ms
POLL_HISTORY = timedelta(days=30)  # of each source
NEWS_COUNTS = timedelta(days=400)  # of articles and stories by day
WEEK = timedelta(days=7)  # counts of opened stories are of whole weeks
MAX_ROWS_PER_RUN = 100_000  # of each kind; the next run continues


@dataclass(frozen=True, slots=True)
class RetentionPeriods:
    """How long each kind of record is kept."""

    archive: timedelta  # editions, digests, and through them stories
    audit: timedelta
    feedback: timedelta


@dataclass(frozen=True, slots=True)
class DeletedRecords:
    """How much was deleted."""

    digests: int  # and editions
    audit_entries: int
    feedback: int
    open_counts: int = 0
    polls: int = 0
    news_counts: int = 0

    def __bool__(self) -> bool:
        """Whether anything was deleted."""
        return any(
            (self.digests, self.audit_entries, self.feedback, self.open_counts, self.polls, self.news_counts)
        )


def delete_expired(db: Database, now: datetime, periods: RetentionPeriods) -> DeletedRecords:
    """Delete what is older than its period, in small transactions, and release the stories of deleted digests."""
    before = now - periods.archive
    deleted = DeletedRecords(
        digests=_in_batches(db, lambda tx: editions.prune_digests(tx, before, BATCH_SIZE)),
        audit_entries=_in_batches(db, lambda tx: audit.prune(tx, now - periods.audit, BATCH_SIZE)),
        feedback=_in_batches(db, lambda tx: feedback.prune(tx, now - periods.feedback, BATCH_SIZE)),
        open_counts=_in_batches(db, lambda tx: opens.prune(tx, (before - WEEK).date().isoformat())),
        polls=_in_batches(db, lambda tx: polls.prune(tx, now - POLL_HISTORY, BATCH_SIZE)),
        news_counts=_in_batches(
            db, lambda tx: daily_news.prune_day(tx, (now - NEWS_COUNTS).date().isoformat())
        ),
    )
    # Stories that an earlier version put into digests have no date; they are kept as if they had been shown now.
    _in_batches(db, lambda tx: stories.date_undated(tx, now, BATCH_SIZE))
    with db.read() as tx:
        oldest = editions.oldest_cutoff_with_digests(tx) or before
    _in_batches(db, lambda tx: stories.release(tx, min(before, oldest), BATCH_SIZE))
    _in_batches(db, lambda tx: day_notes.prune(tx, min(before, oldest), BATCH_SIZE))
    return deleted


def _in_batches(db: Database, delete_some: Callable[[Tx], int]) -> int:
    total = 0
    while total < MAX_ROWS_PER_RUN:
        with db.begin(time_limit=False) as tx:
            count = delete_some(tx)
        total += count
        if count == 0:
            break
    return total
