"""Notes in a web process that links were opened, and hands them to the broker a moment later.

The answer to a request never waits for the broker. While the broker does not answer, opens are not counted.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from celery import Celery

from digest.errors import UnavailableError
from digest.networks import narrow_network
from digest.opens import waiting_visits
from digest.opens.pure.counted_links import CountedLink
from digest.opens.pure.visits import Visit, hash_visitor

log = logging.getLogger(__name__)
FLUSH_INTERVAL = 0.5  # seconds; a process that is killed loses what it noted in this time
RETRY_INTERVAL = 10.0  # seconds for which a broker that did not answer is not asked again
MOST_NOTED = 5_000  # opens of one interval; further ones are dropped
MAX_AGENT = 300  # characters of a program's name


class Opened(NamedTuple):
    """A request for a link. It leaves the process only as a `Visit`, without the network."""

    at: datetime
    link: CountedLink
    network: str
    agent: str
    is_machine: bool


class OpenRecorder:
    """What one web process has noted and not handed over yet. Any thread may use it."""

    def __init__(self, celery: Celery, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._celery, self._monotonic = celery, monotonic
        self._noted: deque[Opened] = deque()
        self._lock, self._flush_lock = threading.Lock(), threading.Lock()
        self._thread: threading.Thread | None = None
        self._retry_at = 0.0

    def note(self, at: datetime, link: CountedLink, *, address: str, agent: str, is_machine: bool) -> None:
        """Note that a link was opened. Returns at once."""
        with self._lock:
            if len(self._noted) < MOST_NOTED:
                self._noted.append(Opened(at, link, narrow_network(address), agent[:MAX_AGENT], is_machine))
            if self._thread is None:
                self._thread = threading.Thread(target=self._flush_until_empty, name="opens", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Hand over what was noted. Without a broker it is forgotten."""
        with self._flush_lock:
            with self._lock:
                noted, self._noted = list(self._noted), deque()
            if not noted or self._monotonic() < self._retry_at:
                return
            try:
                salts = waiting_visits.load_salts(
                    self._celery, {_day(opened) for opened in noted}, noted[-1].at
                )
                dropped = waiting_visits.push(self._celery, _as_visits(noted, salts))
            except UnavailableError as error:
                self._retry_at = self._monotonic() + RETRY_INTERVAL
                log.warning("opened stories are not counted; the broker: %s", error)
                return
            if dropped:
                log.warning("%d opened stories were not counted: too many wait", dropped)

    def _flush_until_empty(self) -> None:
        while True:
            time.sleep(FLUSH_INTERVAL)
            self.flush()
            with self._lock:
                if not self._noted:
                    self._thread = None
                    return


def _as_visits(noted: list[Opened], salts: dict[str, bytes]) -> list[Visit]:
    """The visits of some requests: those of one visitor to one article are one visit."""
    times: dict[tuple[str, CountedLink, bool], list[int]] = {}
    for opened in noted:
        is_machine = opened.is_machine
        visitor = "" if is_machine else hash_visitor(salts[_day(opened)], opened.network, opened.agent)
        times.setdefault((visitor, opened.link, is_machine), []).append(int(opened.at.timestamp() * 1000))
    visits = [
        Visit(min(moments), visitor, link.article_id, link.edition_id, is_machine, len(moments))
        for (visitor, link, is_machine), moments in times.items()
    ]
    return sorted(visits, key=lambda visit: visit.at)


def _day(opened: Opened) -> str:
    return opened.at.astimezone(UTC).date().isoformat()
