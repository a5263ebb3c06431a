"""Fetching from a server that is polite, broken or hostile."""

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

from digest.sources.http.body import Body
from digest.sources.http.connect import PrivateAddressError, Resolve, connect
from digest.sources.http.fetch import Fetched, Fetcher, FetchFailed, FetchLimits, NotModified, Validators
from tests.sources.feed_server import ETAG, FEED, MODIFIED, ODD_ETAG, Newsstand

QUICK = FetchLimits(connect=2.0, total=2.0)
MUCH_LATER = 6  # seconds; a busy machine is late, but each slow server takes 10


def fetcher(newsstand: Newsstand, limits: FetchLimits | None = None) -> Fetcher:
    return Fetcher(allow=frozenset((newsstand.host,)), user_agent="Dateline test", limits=limits)


def failure(newsstand: Newsstand, path: str, limits: FetchLimits | None = None) -> FetchFailed:
    answer = fetcher(newsstand, limits).fetch(newsstand.url(path))
    assert isinstance(answer, FetchFailed)
    return answer


def success(newsstand: Newsstand, path: str) -> Fetched:
    answer = fetcher(newsstand).fetch(newsstand.url(path))
    assert isinstance(answer, Fetched)
    return answer


def test_a_feed_is_fetched_with_what_is_needed_to_ask_again(newsstand: Newsstand) -> None:
    answer = success(newsstand, "/feed")
    assert answer == Fetched(
        url=newsstand.url("/feed"),
        status=200,
        content_type="application/rss+xml",
        kept=answer.kept,
        validators=Validators(ETAG, MODIFIED),
        fresh_for=timedelta(hours=1),
    )
    assert answer.body == FEED
    assert answer.kept.digest == hashlib.sha256(FEED).hexdigest()


def test_we_say_who_we_are(newsstand: Newsstand) -> None:
    success(newsstand, "/feed")
    (_, headers) = newsstand.asked[0]
    assert headers["User-Agent"] == "Dateline test"
    assert headers["Host"] == newsstand.host


@pytest.mark.parametrize("validators", [Validators(etag=ETAG), Validators(last_modified=MODIFIED)])
def test_an_unchanged_feed_costs_nothing(newsstand: Newsstand, validators: Validators) -> None:
    answer = fetcher(newsstand).fetch(newsstand.url("/feed"), validators)
    assert answer == NotModified(replace(validators, etag=ETAG), fresh_for=timedelta(minutes=10))


def test_not_modified_without_having_asked_is_a_failure(newsstand: Newsstand) -> None:
    assert failure(newsstand, "/status?304").status == 304


def test_what_the_publisher_removed_for_good_is_gone(newsstand: Newsstand) -> None:
    answer = failure(newsstand, "/status?410")
    assert (answer.gone, answer.status) == (True, 410)
    assert not failure(newsstand, "/status?404").gone


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/nothing", "nothing at this address"),
        ("/status?403", "refuses us"),
        ("/status?401", "password"),
        ("/status?500", "error of its own"),
        ("/status?418", "nothing to read"),
        ("/status?799", "error of its own"),
        ("/damaged", "compression is damaged"),
        ("/cut", "broke off"),
        ("/garbage", "broke off"),
    ],
)
def test_a_failure_is_told_in_words(newsstand: Newsstand, path: str, words: str) -> None:
    assert words in failure(newsstand, path).reason


def test_a_server_that_asks_for_a_pause_is_heard(newsstand: Newsstand) -> None:
    assert failure(newsstand, "/status?429:120").retry_after == timedelta(minutes=2)
    assert failure(newsstand, "/status?503:Wed,+14+Jan+2015+08:30:00+GMT").retry_after == timedelta()


def test_a_move_for_good_is_remembered(newsstand: Newsstand) -> None:
    for code in (301, 308):
        answer = success(newsstand, f"/redirect?{code},/feed")
        assert answer.url == answer.permanent_url == newsstand.url("/feed")


def test_a_move_for_now_is_followed_but_not_remembered(newsstand: Newsstand) -> None:
    for code in (302, 303, 307):
        answer = success(newsstand, f"/redirect?{code},/feed")
        assert (answer.url, answer.permanent_url) == (newsstand.url("/feed"), None)


def test_only_the_moves_for_good_at_the_beginning_are_remembered(newsstand: Newsstand) -> None:
    answer = success(newsstand, "/redirect?301,/redirect?302,/feed")
    assert answer.permanent_url == newsstand.url("/redirect?302,/feed")
    answer = success(newsstand, "/redirect?302,/redirect?301,/feed")
    assert answer.permanent_url is None


def test_redirects_end_after_five(newsstand: Newsstand) -> None:
    assert "more than 5 times" in failure(newsstand, "/loop").reason
    assert len(newsstand.asked) == 6


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
def test_a_redirect_into_the_network_is_not_followed(newsstand: Newsstand, target: str) -> None:
    assert "not on the public internet" in failure(newsstand, f"/redirect?302,{target}").reason


def test_a_redirect_to_a_file_is_not_followed(newsstand: Newsstand) -> None:
    assert "address" in failure(newsstand, "/redirect?302,file:///etc/passwd").reason


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0"],
)
def test_no_spelling_of_this_machine_is_connected_to(newsstand: Newsstand, host: str) -> None:
    port = newsstand.server.server_port
    answer = Fetcher(allow=frozenset(), user_agent="t").fetch(f"http://{host}:{port}/feed")
    assert isinstance(answer, FetchFailed)
    assert "not on the public internet" in answer.reason
    assert newsstand.asked == []


def test_only_the_very_host_and_port_that_were_allowed_are_reached(newsstand: Newsstand) -> None:
    allow = frozenset((f"localhost:{newsstand.server.server_port}", "127.0.0.1:1"))
    answer = Fetcher(allow=allow, user_agent="t").fetch(newsstand.url("/feed"))
    assert isinstance(answer, FetchFailed)
    assert f"add {newsstand.host} to FETCH_ALLOW" in answer.reason


def test_proxies_of_the_environment_are_not_asked(
    newsstand: Newsstand, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert success(newsstand, "/feed").body == FEED


@pytest.mark.parametrize(
    ("url", "words"),
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
def test_what_is_no_web_address_is_not_asked(url: str, words: str) -> None:
    answer = Fetcher(allow=frozenset(), user_agent="t").fetch(url)
    assert isinstance(answer, FetchFailed)
    assert words in answer.reason
    assert "secret" not in answer.reason


def test_a_gzip_bomb_stops_near_the_limit(newsstand: Newsstand) -> None:
    tracemalloc.start()
    answer = failure(newsstand, "/bomb", FetchLimits(size=2_000_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "larger than 2,000,000 bytes" in answer.reason
    assert peak < 6_000_000  # the body so far, its server in this process, and the block it packs


def test_a_gibibyte_in_a_megabyte_costs_no_more_than_the_limit(newsstand: Newsstand) -> None:
    before = time.process_time()
    assert "larger than 10,485,760 bytes" in failure(newsstand, "/bomb").reason
    assert time.process_time() - before < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1024 * 1024  # KiB


def test_a_bomb_within_a_bomb_stops_near_the_limit(newsstand: Newsstand) -> None:
    answer = failure(newsstand, "/bomb-within", FetchLimits(size=2_000_000))
    assert "larger than 2,000,000 bytes" in answer.reason


def test_a_large_body_is_kept_on_disk_and_comes_back_whole() -> None:
    body, pieces = Body(), [bytes([n]) * 100_000 for n in range(50)]
    for piece in pieces:
        body.add(piece)
    assert body.read() == body.read() == b"".join(pieces)
    assert body.digest == hashlib.sha256(b"".join(pieces)).hexdigest()


def test_validators_go_back_byte_for_byte(newsstand: Newsstand) -> None:
    answer = success(newsstand, "/expires")
    assert answer.validators == Validators(etag=ODD_ETAG)
    assert isinstance(fetcher(newsstand).fetch(newsstand.url("/expires"), answer.validators), NotModified)


def test_what_an_answer_says_of_its_freshness_is_heard(newsstand: Newsstand) -> None:
    answer = success(newsstand, "/expires")
    assert answer.fresh_for is not None
    assert answer.fresh_for > timedelta(days=365)
    assert answer.retry_after == timedelta(hours=2)


def test_the_host_that_refused_is_named_also_after_a_redirect(newsstand: Newsstand) -> None:
    allow = frozenset((newsstand.host, f"localhost:{newsstand.server.server_port}"))
    answer = Fetcher(allow=allow, user_agent="t").fetch(newsstand.url("/wander?/status?429:60"))
    assert isinstance(answer, FetchFailed)
    assert (answer.status, answer.host) == (429, "localhost")


def test_gone_behind_a_redirect_for_now_is_not_gone(newsstand: Newsstand) -> None:
    assert not failure(newsstand, "/redirect?302,/status?410").gone
    assert failure(newsstand, "/redirect?301,/status?410").gone


def test_a_name_in_another_script_is_asked_for_as_dns_knows_it() -> None:
    answer = Fetcher(allow=frozenset(), user_agent="t").fetch("http://новости.invalid/лента")
    assert isinstance(answer, FetchFailed)
    assert "no host xn--" in answer.reason


def found(*addresses: str) -> Resolve:
    """A resolver that answers with these addresses, whatever is asked."""

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
        connect("news.example", 80, allowed=False, timeout=1, resolve=found(address))


def test_a_name_is_resolved_once_so_it_cannot_change_after_the_check(newsstand: Newsstand) -> None:
    asked = []

    def rebinding(host: str, port: int, seconds: float) -> list[tuple[Any, ...]]:
        asked.append(host)
        return found("127.0.0.1", "10.0.0.1")(host, port, seconds)

    with pytest.raises(PrivateAddressError):
        connect("news.example", newsstand.server.server_port, allowed=False, timeout=1, resolve=rebinding)
    assert asked == ["news.example"]
    assert newsstand.asked == []


def test_an_address_that_swallows_everything_leaves_time_for_the_next(newsstand: Newsstand) -> None:
    start = time.monotonic()
    sock = connect(
        "news.example",
        newsstand.server.server_port,
        allowed=True,
        timeout=2,
        resolve=found("127.0.0.2", "127.0.0.1"),
    )
    sock.close()
    assert time.monotonic() - start < 2


def test_a_body_packed_twice_is_read(newsstand: Newsstand) -> None:
    assert success(newsstand, "/twice").body == FEED


@pytest.mark.parametrize("path", ["/drip", "/slow-head", "/silent"])
def test_a_slow_server_is_left_at_the_deadline(newsstand: Newsstand, path: str) -> None:
    start = time.monotonic()
    answer = failure(newsstand, path, QUICK)
    assert "took longer than 2 s" in answer.reason
    assert time.monotonic() - start < MUCH_LATER


def test_a_server_that_never_finishes_tls_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
        threading.Thread(target=server.accept, daemon=True).start()
        start = time.monotonic()
        answer = Fetcher(allow=frozenset((host,)), user_agent="t", limits=QUICK).fetch(f"https://{host}/")
    assert isinstance(answer, FetchFailed)
    assert time.monotonic() - start < MUCH_LATER


def test_a_port_where_nobody_listens_is_told(newsstand: Newsstand) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = f"127.0.0.1:{server.getsockname()[1]}"
    answer = Fetcher(allow=frozenset((free,)), user_agent="t").fetch(f"http://{free}/")
    assert isinstance(answer, FetchFailed)
    assert "refuses connections" in answer.reason


def test_a_server_without_tls_is_told(newsstand: Newsstand) -> None:
    answer = fetcher(newsstand, QUICK).fetch(f"https://{newsstand.host}/feed")
    assert isinstance(answer, FetchFailed)
    assert "no secure connection" in answer.reason
