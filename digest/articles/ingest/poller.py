"""The poller: polls all sources that are due, many hosts at a time, with one request at a time to each host."""

import logging
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from digest.articles.ingest.host_turns import HOST_CHECK_SECONDS
from digest.articles.ingest.source_poll import (
    IngestContext,
    PollReport,
    claim_sources,
    poll_claimed,
    record_unreadable,
)
from digest.database import Database
from digest.sources.models import Source
from digest.sources.pure.schedule.next_poll import HOST_GAP_SECONDS
from digest.sources.store import hosts

log = logging.getLogger(__name__)
HOST_CHECK_INTERVAL = timedelta(seconds=HOST_CHECK_SECONDS)
MAX_HOST_GAP = timedelta(seconds=HOST_GAP_SECONDS[1])

PollCallback = Callable[[PollReport], None]


def poll_due_sources(
    db: Database, context: IngestContext, *, concurrency: int, until: datetime, on_report: PollCallback
) -> int:
    """Poll all sources that are due, `concurrency` hosts at a time. Returns how many were polled.

    No poll begins after `until`. A slow host delays only its own sources, as long as fewer than `concurrency` hosts are
    slow. Any number of pollers may run at once, on any number of machines.
    """
    running: dict[Future[PollReport], Source] = {}
    done = 0
    next_check = context.clock()
    with ThreadPoolExecutor(concurrency, thread_name_prefix="poll") as pool:
        while True:
            now = context.clock()
            free_threads = concurrency - len(running) if now < until else 0
            if free_threads and (now >= next_check or not running):
                claimed = _claim(db, now, limit=free_threads)
                # If fewer were claimed, no other due source has a free host: checking again at once would find none.
                next_check = now if len(claimed) == free_threads else now + HOST_CHECK_INTERVAL
                for source in claimed:
                    running[pool.submit(poll_claimed, db, context, source)] = source
            if not running and (now >= until or not _has_due_source_soon(db, now)):
                return done
            finished, _ = wait(
                running, timeout=HOST_CHECK_INTERVAL.total_seconds(), return_when=FIRST_COMPLETED
            )
            for future in finished:
                on_report(_report_of(db, context, future, running.pop(future)))
            done += len(finished)


def _claim(db: Database, now: datetime, *, limit: int) -> list[Source]:
    if limit <= 0:
        return []
    with db.read() as tx:
        candidates = list(hosts.due_with_free_hosts(tx, now, limit=limit))
    if not candidates:
        return []
    with db.begin() as tx:
        return claim_sources(tx, candidates, now)


def _has_due_source_soon(db: Database, now: datetime) -> bool:
    with db.read() as tx:
        return hosts.is_due_source_waiting_for_host(tx, now, within=MAX_HOST_GAP)


def _report_of(
    db: Database, context: IngestContext, future: Future[PollReport], source: Source
) -> PollReport:
    """The report of a poll that has ended. If it hit a bug, its source gets the report, and other polls go on."""
    problem = future.exception()
    if problem is None:
        return future.result()
    log.error("polling %s failed", source.url, exc_info=problem)
    return record_unreadable(
        db, context, source, f"an error of ours ({type(problem).__name__}); it is in the worker's log"
    )
