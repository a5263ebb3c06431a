"""Counts what happens in this process, and adds it to the rows of figures now and then.

So a scrape of any web process shows the sum of all processes and machines, and a process that ends leaves nothing
behind. What a process has counted since it last wrote is lost when it is killed.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable

from digest.database import Database
from digest.errors import UnavailableError
from digest.monitoring.states import FigureName
from digest.monitoring.store import figures as store

log = logging.getLogger(__name__)
FLUSH_INTERVAL = 15.0  # seconds between two writes
RETRY_INTERVAL = 60.0  # seconds until the next attempt when the database can't be written to
MAX_KEPT = 5_000  # figures that wait while the database can't be written to; further ones are dropped


class Figures:
    """The counts of this process that are not written yet. Any thread may use it."""

    def __init__(self, db: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._db, self._monotonic = db, monotonic
        self._lock = threading.Lock()
        self._amounts: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._flush_at = monotonic() + FLUSH_INTERVAL

    def add(self, name: FigureName, amount: float = 1.0, **labels: str) -> None:
        """Add to a figure."""
        key = (str(name), store.encode_labels(labels))
        with self._lock:
            if key in self._amounts or len(self._amounts) < MAX_KEPT:
                self._amounts[key] += amount

    def flush_if_due(self) -> None:
        """Write what was counted, if the last write was long enough ago."""
        if self._monotonic() >= self._flush_at:
            self.flush()

    def flush(self) -> None:
        """Write what was counted. While the database can't be written to, it is kept."""
        with self._lock:
            amounts, self._amounts = self._amounts, defaultdict(float)
            self._flush_at = self._monotonic() + FLUSH_INTERVAL
        if not amounts:
            return
        try:
            with self._db.begin() as tx:
                store.add(tx, amounts)
        except UnavailableError as error:
            log.debug("figures wait: %s", error)
            with self._lock:
                for key, amount in amounts.items():
                    self._amounts[key] += amount
                self._flush_at = self._monotonic() + RETRY_INTERVAL
