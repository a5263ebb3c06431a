"""The HTTP client against a polite, a broken and a hostile server."""

import hashlib
import resource
import socket
import threading
import time
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from digest.sources.http.body import SpooledBody
from digest.sources.http.connect import PrivateAddressError, Resolver, connect
from digest.sources.http.fetch import Fetched, Fetcher, FetchFailed, FetchLimits, NotModified, Validators
from tests.sources.feed_server import ETAG, FEED, LAST_MODIFIED, UNUSUAL_ETAG, FeedServer

QUICK = FetchLimits(connect_seconds=2.0, total_seconds=2.0)
MAX_SECONDS = 6  # a busy machine is late, but each slow path of the server takes 10 seconds


def fetcher(feed_server: FeedServer, limits: FetchLimits | None = None) -> Fetcher:
    return Fetcher(
        allowed_private_hosts=frozenset((feed_server.host,)), user_agent="Dateline test", limits=limits
    )


def failure(feed_server: FeedServer, path: str, limits: FetchLimits | None = None) -> FetchFailed:
    answer = fetcher(feed_server, limits).fetch(feed_server.url(path))
    assert isinstance(answer, FetchFailed)
    return answer


def success(feed_server: FeedServer, path: str) -> Fetched:
    answer = fetcher(feed_server).fetch(feed_server.url(path))
    assert isinstance(answer, Fetched)
    return answer


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


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://localhost:1/",
        "//10.0.0.1/",
        "http://2130706433:1/",
    ],
)
def test_a_redirect_to_a_private_address_is_not_followed(feed_server: FeedServer, target: str) -> None:
    assert "not on the public internet" in failure(feed_server, f"/redirect?302,{target}").reason


def test_a_redirect_to_a_file_is_not_followed(feed_server: FeedServer) -> None:
    assert "address" in failure(feed_server, "/redirect?302,file:///etc/passwd").reason


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0"],
)
def test_no_spelling_of_this_machine_is_connected_to(feed_server: FeedServer, host: str) -> None:
    port = feed_server.server.server_port
    answer = Fetcher(allowed_private_hosts=frozenset(), user_agent="t").fetch(f"http://{host}:{port}/feed")
    assert isinstance(answer, FetchFailed)
    assert "not on the public internet" in answer.reason
    assert feed_server.requests == []


def test_only_the_allowed_host_with_the_allowed_port_is_reached(feed_server: FeedServer) -> None:
    allowed = frozenset((f"localhost:{feed_server.server.server_port}", "127.0.0.1:1"))
    answer = Fetcher(allowed_private_hosts=allowed, user_agent="t").fetch(feed_server.url("/feed"))
    assert isinstance(answer, FetchFailed)
    assert f"add {feed_server.host} to FETCH_ALLOW" in answer.reason


def test_proxies_in_the_environment_are_ignored(
    feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert success(feed_server, "/feed").body == FEED


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("file:///etc/passwd", "not an address"),
        ("gopher://quay.example/", "only http and https"),
        ("http://user:secret@quay.example/", "user name or password"),
        ("quay", "not an address"),
        ("", "not an address"),
        ("http://", "not an address"),
        ("http://quay.example:99999/", "not an address"),
        ("http://a b/", "not an address"),
        ("http://" + "a" * 80 + ".example/", "no host"),
        ("http://" + "a" * 5_000, "not an address"),
    ],
)
def test_an_invalid_web_address_is_refused(url: str, expected: str) -> None:
    answer = Fetcher(allowed_private_hosts=frozenset(), user_agent="t").fetch(url)
    assert isinstance(answer, FetchFailed)
    assert expected in answer.reason
    assert "secret" not in answer.reason


def test_a_gzip_bomb_stops_near_the_limit(feed_server: FeedServer) -> None:
    tracemalloc.start()
    answer = failure(feed_server, "/bomb", FetchLimits(max_bytes=2_000_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "larger than 2,000,000 bytes" in answer.reason
    assert (
        peak < 6_000_000
    )  # the body so far, plus the server in this process and the block that it compresses


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


def test_a_host_name_in_another_script_is_looked_up_in_its_ascii_form() -> None:
    answer = Fetcher(allowed_private_hosts=frozenset(), user_agent="t").fetch("http://новости.invalid/лента")
    assert isinstance(answer, FetchFailed)
    assert "no host xn--" in answer.reason


def resolver(*addresses: str) -> Resolver:
    """A resolver that returns these addresses for every host name."""

    def resolve(_host: str, port: int, _seconds: float) -> list[tuple[Any, ...]]:
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
        return [
            (family, socket.SOCK_STREAM, 6, "", (address, port))
            for family, address in zip(families, addresses, strict=True)
        ]

    return resolve


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "64:ff9b::7f00:1",
     "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "fe80::1",
     "fc00::1", "0.0.0.1", "::", "100.64.0.1", "192.168.1.1", "255.255.255.255", "224.0.0.1"],
)  # fmt: skip
def test_a_name_that_resolves_to_a_private_address_is_not_connected_to(address: str) -> None:
    with pytest.raises(PrivateAddressError):
        connect("news.example", 80, allow_private=False, timeout=1, resolve=resolver(address))


def test_a_host_name_is_resolved_once_so_it_cannot_change_after_the_check(feed_server: FeedServer) -> None:
    names = []

    def rebinding(host: str, port: int, seconds: float) -> list[tuple[Any, ...]]:
        names.append(host)
        return resolver("127.0.0.1", "10.0.0.1")(host, port, seconds)

    with pytest.raises(PrivateAddressError):
        connect(
            "news.example", feed_server.server.server_port, allow_private=False, timeout=1, resolve=rebinding
        )
    assert names == ["news.example"]
    assert feed_server.requests == []


def test_an_address_that_never_answers_leaves_time_for_the_next(feed_server: FeedServer) -> None:
    start = time.monotonic()
    sock = connect(
        "news.example",
        feed_server.server.server_port,
        allow_private=True,
        timeout=2,
        resolve=resolver("127.0.0.2", "127.0.0.1"),
    )
    sock.close()
    assert time.monotonic() - start < 2


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
