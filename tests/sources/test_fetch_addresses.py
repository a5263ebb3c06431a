"""Fetching reaches public addresses only, whatever a name, a redirect or a proxy setting says."""

import socket
import time
from typing import Any

import pytest

from digest.sources.http.connect import PrivateAddressError, Resolver, connect
from digest.sources.http.fetch import Fetcher
from digest.sources.http.results import FetchFailed
from tests.sources.feed_server import FEED, FeedServer
from tests.sources.fetching import failure, success


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
