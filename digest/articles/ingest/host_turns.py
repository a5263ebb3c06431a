"""The turns of hosts: all processes together send each host one request at a time, with pauses between."""

import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from digest.database import Tx
from digest.sources.http.results import FetchFailed
from digest.sources.pure.schedule.next_poll import HOST_GAP_SECONDS, host_pause
from digest.sources.store import hosts

# After this time the host of a worker that died is free again: enough for two fetches of 30 s (robots.txt, the page) on
# a very busy machine.
HOST_LEASE = timedelta(minutes=2)
HOST_CHECK_SECONDS = 0.25  # between two checks whether a host is free


def host_checks(count: int) -> Iterator[int]:
    """Yield 0 to `count` - 1 with a sleep before each but the first; the caller checks a host each time."""
    for number in range(count):
        time.sleep(HOST_CHECK_SECONDS if number else 0)
        yield number


def release_host(tx: Tx, host: str, now: datetime, *, min_gap: timedelta = timedelta()) -> None:
    """End a turn. The next one begins after a gap of random length that is at least `min_gap`."""
    gap = timedelta(seconds=random.uniform(*HOST_GAP_SECONDS))  # noqa: S311 -- spreads load, no secret
    hosts.release(tx, host, now, gap=max(gap, min_gap))


def pause_host(tx: Tx, host: str, failure: FetchFailed, now: datetime) -> None:
    """Pause a host if its answer asks for that (status 429 or 503)."""
    if pause := host_pause(failure.status, failure.retry_after):
        hosts.pause(tx, host, now + pause, failure.reason)
