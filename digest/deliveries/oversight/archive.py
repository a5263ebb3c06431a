"""Replaces old deliveries by counts, so that their table stays small however many subscribers there are."""

from datetime import datetime

from digest.database import Database
from digest.deliveries.store import oversight as store

ROWS_PER_TRANSACTION = 5000  # few enough that SQLite's only write lock is soon free again
# The next run, an hour later, continues: 14 million a day. Other writers of SQLite get the lock between transactions,
# and may miss it for as long as a run takes, which must be less than their 30 s: 17 s were measured.
MAX_ROWS_PER_RUN = 600_000


def archive_old_deliveries(db: Database, before: datetime) -> int:
    """Replace the deliveries of editions created before a moment with counts, oldest first; returns how many.

    A run after a crash continues, because rows are deleted and counts are written in one transaction.
    """
    total, archived = 0, 1
    while archived and total < MAX_ROWS_PER_RUN:
        with db.begin(time_limit=False) as tx:
            archived = store.archive_deliveries(tx, before, ROWS_PER_TRANSACTION)
        total += archived
    return total
