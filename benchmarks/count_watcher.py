"""Compares the sum of an edition's counts with what it should be, at random moments while the edition is sent."""

import random
import threading

from sqlalchemy import select

from digest.deliveries.store import deliveries
from digest.editions.models import Edition
from digest.errors import UnavailableError
from digest.parts import Parts

LONGEST_PAUSE = 2.0  # seconds between two looks


class CountWatcher:
    """Counts in a thread, as the edition's page does, until it is stopped."""

    def __init__(self, parts: Parts, due: int, rng: random.Random) -> None:
        self._parts, self._due, self._rng = parts, due, rng
        self.times, self.wrong = 0, list[int]()  # how often it counted, and each sum that was wrong
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Count no more."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._rng.uniform(0, LONGEST_PAUSE)):
            try:
                total = self._count()
            except UnavailableError:
                continue
            self.times += 1
            if total != self._due:
                self.wrong.append(total)

    def _count(self) -> int:
        with self._parts.db.read() as tx:
            edition_ids = tx.scalars(select(Edition.id)).all()
            counts = deliveries.count_by_state(tx, edition_ids)
        return sum(sum(by_state.values()) for by_state in counts.values())
