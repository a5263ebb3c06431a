"""The poller: all sources that are due, many hosts at a time, one request at a time to each."""

import logging
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from digest.articles.ingest.source_poll import Polled, Reader, claim, read, unreadable
from digest.database import Database
from digest.sources.models import Source
from digest.sources.pure.schedule.next_poll import GAP
from digest.sources.store import hosts

log = logging.getLogger(__name__)
LOOK = timedelta(seconds=0.25)  # between two looks at which hosts are free again
SOON = timedelta(seconds=GAP[1])

Tell = Callable[[Polled], None]


def read_due(db: Database, reader: Reader, *, at_once: int, until: datetime, tell: Tell) -> int:
    """Look at all sources that are due, `at_once` hosts at a time; nothing new is begun after `until`.

    Each host has its own turns, so a slow one delays its own sources alone, as long as there are not `at_once` of
    them. Any number of these may run at once, on any number of machines. Returns how many were looked at.
    """
    running: dict[Future[Polled], Source] = {}
    done = 0
    look_at = reader.clock()
    with ThreadPoolExecutor(at_once, thread_name_prefix="poll") as pool:
        while True:
            now = reader.clock()
            free = at_once - len(running) if now < until else 0
            if free and (now >= look_at or not running):
                claimed = _claim(db, now, limit=free)
                # All that was free now is at work: another look at once would find nothing, and costs.
                look_at = now if len(claimed) == free else now + LOOK
                for source in claimed:
                    running[pool.submit(read, db, reader, source)] = source
            if not running and (now >= until or not _waits(db, now)):
                return done
            finished, _ = wait(running, timeout=LOOK.total_seconds(), return_when=FIRST_COMPLETED)
            for future in finished:
                tell(_outcome(db, reader, future, running.pop(future)))
            done += len(finished)


def _claim(db: Database, now: datetime, *, limit: int) -> list[Source]:
    if limit <= 0:
        return []
    with db.read() as tx:
        turns = list(hosts.turns(tx, now, limit=limit))
    if not turns:
        return []
    with db.begin() as tx:
        return claim(tx, turns, now)


def _waits(db: Database, now: datetime) -> bool:
    with db.read() as tx:
        return hosts.free_soon(tx, now, within=SOON)


def _outcome(db: Database, reader: Reader, future: Future[Polled], source: Source) -> Polled:
    """What came of one look; a mistake of ours stays with its source, and stops no other."""
    problem = future.exception()
    if problem is None:
        return future.result()
    log.error("reading %s failed", source.url, exc_info=problem)
    return unreadable(
        db, reader, source, f"an error of ours ({type(problem).__name__}); it is in the worker's log"
    )
