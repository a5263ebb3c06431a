"""Helpers that fetch from the test server."""

from digest.sources.http.fetch import Fetcher
from digest.sources.http.results import Fetched, FetchFailed, FetchLimits
from tests.sources.feed_server import FeedServer

QUICK = FetchLimits(connect_seconds=2.0, total_seconds=2.0)


def fetcher(
    feed_server: FeedServer, limits: FetchLimits | None = None, *, private_hosts: tuple[str, ...] = ()
) -> Fetcher:
    allowed = frozenset(private_hosts or (feed_server.host,))
    return Fetcher(allowed_private_hosts=allowed, user_agent="Dateline test", limits=limits)


def failure(feed_server: FeedServer, path: str, limits: FetchLimits | None = None) -> FetchFailed:
    answer = fetcher(feed_server, limits).fetch(feed_server.url(path))
    assert isinstance(answer, FetchFailed)
    return answer


def success(feed_server: FeedServer, path: str) -> Fetched:
    answer = fetcher(feed_server).fetch(feed_server.url(path))
    assert isinstance(answer, Fetched)
    return answer
