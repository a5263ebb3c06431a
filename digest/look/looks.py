"""The look of the site as this process knows it, and how it is changed.

A look is a row that never changes, so a process needs to ask only which is the newest.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from digest.database import Database, Tx
from digest.errors import UnavailableError
from digest.look import store
from digest.look.pure.look import NOTHING_SAVED, Look, Words

ASK_AGAIN = 1.0  # seconds after which a process asks whether another one has saved a look
MAX_KEPT = 8  # looks in memory; of editions that are being sent


class Looks:
    """The looks of the site. A process has one instance."""

    def __init__(self, environment: Words, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._environment, self._monotonic = environment, monotonic
        self._known = Look(environment=environment)
        self._kept: dict[int, Look] = {NOTHING_SAVED: self._known}
        self._asked_at = float("-inf")
        self._lock = threading.Lock()

    @property
    def known(self) -> Look:
        """The newest look that this process has seen."""
        return self._known

    def current(self, db: Database) -> Look:
        """The look that counts, at most a second old; the last known one while the database does not answer."""
        if self._monotonic() - self._asked_at < ASK_AGAIN:
            return self._known
        self._asked_at = self._monotonic()
        try:
            with db.read() as tx:
                self._known = self.get(tx, store.newest_version(tx))
        except UnavailableError:  # an error page still needs the name of the site
            pass
        return self._known

    def newest(self, tx: Tx) -> Look:
        """The look that counts now."""
        return self.get(tx, store.newest_version(tx))

    def get(self, tx: Tx, version: int | None) -> Look:
        """The look of this version; None: the one that counts now, for editions from before there were looks."""
        if version is None:
            return self.newest(tx)
        if version not in self._kept:
            look = store.load(tx, version, self._environment)
            with self._lock:
                if len(self._kept) >= MAX_KEPT:
                    self._kept = {NOTHING_SAVED: self._kept[NOTHING_SAVED]}
                self._kept[version] = look
        return self._kept[version]

    def save(
        self, db: Database, change: Callable[[Look], Look], *, author: str, now: datetime
    ) -> tuple[Look, Look]:
        """Change the newest look; returns it as it was and as it is. Nothing is stored if nothing is changed."""
        with db.begin() as tx:
            store.lock_looks(tx)
            before = self.newest(tx)
            wanted = change(before)
            if store.is_same(before, wanted):
                return before, before
            version = store.save(tx, wanted, author=author, now=now)
        after = replace(wanted, version=version)
        self._known = after
        return before, after
