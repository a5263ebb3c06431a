"""Fetches a document when its host is free, and leaves the host alone for a while afterwards."""

from datetime import timedelta

from digest.articles.ingest.host_turns import (
    HOST_CHECK_SECONDS,
    HOST_LEASE,
    host_checks,
    pause_host,
    release_host,
)
from digest.database import Database
from digest.sources.http.results import FetchFailed, FetchResult
from digest.sources.http.robots import FetchContext
from digest.sources.pure.urls import host_of
from digest.sources.store import hosts


def fetch_politely(
    db: Database, context: FetchContext, url: str, *, obey_robots: bool, max_wait: float
) -> FetchResult | None:
    """The result of fetching `url`; None if its host is not free within `max_wait` seconds.

    With `obey_robots` the host's robots.txt must allow the address, and its Crawl-delay is kept. Pass False for feeds
    and sitemaps: they are published for programs.
    """
    host = host_of(url)
    for _ in host_checks(1 + int(max_wait / HOST_CHECK_SECONDS)):
        with db.begin() as tx:
            is_free = hosts.claim(tx, [host], context.clock(), lease=HOST_LEASE)
        if is_free:
            break
    else:
        return None
    min_gap = timedelta()
    if obey_robots:
        answer = context.robots.fetch(context.fetcher, url, context.clock())
        min_gap = context.robots.crawl_delay(context.fetcher, url, context.clock())
    else:
        answer = context.fetcher.fetch(url)
    with db.begin() as tx:
        release_host(tx, host, context.clock(), min_gap=min_gap)
        if isinstance(answer, FetchFailed):
            pause_host(tx, host, answer, context.clock())
    return answer
