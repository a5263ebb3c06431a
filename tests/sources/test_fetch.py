"""The HTTP client against a polite, a broken and a hostile server."""

import hashlib
import resource
import socket
import threading
import time
import tracemalloc
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.sources.http.body import SpooledBody
from digest.sources.http.fetch import Fetcher
from digest.sources.http.results import Fetched, FetchFailed, FetchLimits, NotModified, Validators
from tests.sources.feed_server import ETAG, FEED, LAST_MODIFIED, UNUSUAL_ETAG, FeedServer
from tests.sources.fetching import QUICK, failure, fetcher, success

MAX_SECONDS = 6  # a busy machine is late, but each slow path of the server takes 10 seconds


def test_a_feed_is_fetched_with_its_validators_and_freshness(feed_server: FeedServer) -> None:
    answer = success(feed_server, "/feed")
    assert answer == Fetched(
        url=feed_server.url("/feed"),
        status=200,
        content_type="application/rss+xml",
        spooled_body=answer.spooled_body,
        validators=Validators(ETAG, LAST_MODIFIED),
        fresh_for=timedelta(hours=1),
    )
    assert answer.body == FEED
    assert answer.spooled_body.sha256 == hashlib.sha256(FEED).hexdigest()


def test_a_request_names_our_user_agent(feed_server: FeedServer) -> None:
    success(feed_server, "/feed")
    (_, headers) = feed_server.requests[0]
    assert headers["User-Agent"] == "Dateline test"
    assert headers["Host"] == feed_server.host


@pytest.mark.parametrize("validators", [Validators(etag=ETAG), Validators(last_modified=LAST_MODIFIED)])
def test_an_unchanged_feed_is_not_sent_again(feed_server: FeedServer, validators: Validators) -> None:
    answer = fetcher(feed_server).fetch(feed_server.url("/feed"), validators)
    assert answer == NotModified(replace(validators, etag=ETAG), fresh_for=timedelta(minutes=10))


def test_not_modified_without_validators_is_a_failure(feed_server: FeedServer) -> None:
    assert failure(feed_server, "/status?304").status == 304


def test_only_status_410_means_gone(feed_server: FeedServer) -> None:
    answer = failure(feed_server, "/status?410")
    assert (answer.gone, answer.status) == (True, 410)
    assert not failure(feed_server, "/status?404").gone


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/nothing", "nothing at this address"),
        ("/status?403", "refuses us"),
        ("/status?401", "password"),
        ("/status?500", "error of its own"),
        ("/status?418", "nothing to read"),
        ("/status?799", "error of its own"),
        ("/invalid-gzip", "compression is damaged"),
        ("/truncated", "broke off"),
        ("/garbage", "broke off"),
    ],
)
def test_a_failure_has_a_reason_in_words(feed_server: FeedServer, path: str, expected: str) -> None:
    assert expected in failure(feed_server, path).reason


def test_retry_after_is_read_as_seconds_or_as_a_date(feed_server: FeedServer) -> None:
    assert failure(feed_server, "/status?429:120").retry_after == timedelta(minutes=2)
    assert failure(feed_server, "/status?503:Wed,+14+Jan+2015+08:30:00+GMT").retry_after == timedelta()


def test_a_permanent_redirect_changes_the_permanent_url(feed_server: FeedServer) -> None:
    for status in (301, 308):
        answer = success(feed_server, f"/redirect?{status},/feed")
        assert answer.url == answer.permanent_url == feed_server.url("/feed")


def test_a_temporary_redirect_is_followed_but_changes_no_permanent_url(feed_server: FeedServer) -> None:
    for status in (302, 303, 307):
        answer = success(feed_server, f"/redirect?{status},/feed")
        assert (answer.url, answer.permanent_url) == (feed_server.url("/feed"), None)


def test_only_permanent_redirects_before_the_first_temporary_one_count(feed_server: FeedServer) -> None:
    answer = success(feed_server, "/redirect?301,/redirect?302,/feed")
    assert answer.permanent_url == feed_server.url("/redirect?302,/feed")
    answer = success(feed_server, "/redirect?302,/redirect?301,/feed")
    assert answer.permanent_url is None


def test_redirects_end_after_five(feed_server: FeedServer) -> None:
    assert "more than 5 times" in failure(feed_server, "/loop").reason
    assert len(feed_server.requests) == 6


def test_a_gzip_bomb_stops_near_the_limit(feed_server: FeedServer) -> None:
    tracemalloc.start()
    answer = failure(feed_server, "/bomb", FetchLimits(max_bytes=2_000_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "larger than 2,000,000 bytes" in answer.reason
    # The body so far, plus the server in this process and the block that it compresses.
    assert peak < 6_000_000


def test_a_gzip_bomb_costs_no_more_time_and_memory_than_the_limit(feed_server: FeedServer) -> None:
    before = time.process_time()
    assert "larger than 10,485,760 bytes" in failure(feed_server, "/bomb").reason
    assert time.process_time() - before < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1024 * 1024  # KiB


def test_a_nested_gzip_bomb_stops_near_the_limit(feed_server: FeedServer) -> None:
    answer = failure(feed_server, "/nested-bomb", FetchLimits(max_bytes=2_000_000))
    assert "larger than 2,000,000 bytes" in answer.reason


def test_a_large_body_is_spooled_and_read_back_complete() -> None:
    body, pieces = SpooledBody(), [bytes([n]) * 100_000 for n in range(50)]
    for piece in pieces:
        body.add(piece)
    assert body.read() == body.read() == b"".join(pieces)
    assert body.sha256 == hashlib.sha256(b"".join(pieces)).hexdigest()


def test_validators_are_sent_back_byte_for_byte(feed_server: FeedServer) -> None:
    answer = success(feed_server, "/expires")
    assert answer.validators == Validators(etag=UNUSUAL_ETAG)
    assert isinstance(fetcher(feed_server).fetch(feed_server.url("/expires"), answer.validators), NotModified)


def test_expires_and_retry_after_are_read_from_a_response(feed_server: FeedServer) -> None:
    answer = success(feed_server, "/expires")
    assert answer.fresh_for is not None
    assert answer.fresh_for > timedelta(days=365)
    assert answer.retry_after == timedelta(hours=2)


def test_a_failure_after_a_redirect_names_the_host_that_refused(feed_server: FeedServer) -> None:
    allowed = frozenset((feed_server.host, f"localhost:{feed_server.server.server_port}"))
    answer = Fetcher(allowed_private_hosts=allowed, user_agent="t").fetch(
        feed_server.url("/redirect-to-localhost?/status?429:60")
    )
    assert isinstance(answer, FetchFailed)
    assert (answer.status, answer.host) == (429, "localhost")


def test_status_410_after_a_temporary_redirect_does_not_mean_gone(feed_server: FeedServer) -> None:
    assert not failure(feed_server, "/redirect?302,/status?410").gone
    assert failure(feed_server, "/redirect?301,/status?410").gone


def test_a_body_compressed_twice_is_read(feed_server: FeedServer) -> None:
    assert success(feed_server, "/gzipped-twice").body == FEED


@pytest.mark.parametrize("path", ["/drip", "/slow-head", "/silent"])
def test_a_slow_server_is_cut_off_at_the_deadline(feed_server: FeedServer, path: str) -> None:
    start = time.monotonic()
    answer = failure(feed_server, path, QUICK)
    assert "took longer than 2 s" in answer.reason
    assert time.monotonic() - start < MAX_SECONDS


def test_a_server_that_never_finishes_tls_is_cut_off_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
        threading.Thread(target=server.accept, daemon=True).start()
        start = time.monotonic()
        answer = Fetcher(allowed_private_hosts=frozenset((host,)), user_agent="t", limits=QUICK).fetch(
            f"https://{host}/"
        )
    assert isinstance(answer, FetchFailed)
    assert time.monotonic() - start < MAX_SECONDS


def test_a_port_without_a_listener_is_reported(feed_server: FeedServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed_host = f"127.0.0.1:{server.getsockname()[1]}"
    answer = Fetcher(allowed_private_hosts=frozenset((closed_host,)), user_agent="t").fetch(
        f"http://{closed_host}/"
    )
    assert isinstance(answer, FetchFailed)
    assert "refuses connections" in answer.reason


def test_a_server_without_tls_is_reported(feed_server: FeedServer) -> None:
    answer = fetcher(feed_server, QUICK).fetch(f"https://{feed_server.host}/feed")
    assert isinstance(answer, FetchFailed)
    assert "no secure connection" in answer.reason
