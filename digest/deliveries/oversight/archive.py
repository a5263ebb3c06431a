"""Old deliveries become counts, so that the table stays small however many readers there are."""

from datetime import datetime

from digest.database import Database
from digest.deliveries.store import oversight as store

BATCH = 5000  # rows a transaction, so that SQLite's only write lock is soon free again
AT_ONCE = 200_000  # rows a run; the next one goes on


def fold_old(db: Database, before: datetime) -> int:
    """Fold deliveries of editions made before a moment into counts, oldest first; returns how many. Done again after a
    crash it goes on where it stopped: rows go and counts come in one transaction."""
    total, folded = 0, 1
    while folded and total < AT_ONCE:
        with db.begin() as tx:
            folded = store.fold(tx, before, BATCH)
        total += folded
    return total
