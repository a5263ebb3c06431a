"""Which requests come from this machine."""

import pytest

from digest.local_requests import is_forwarded, is_local


@pytest.mark.parametrize(
    ("peer", "host", "headers", "local"),
    [
        ("127.0.0.1", "127.0.0.1:8000", [], True),
        ("::1", "[::1]:8000", [], True),
        ("127.9.9.9", "LOCALHOST", ["Accept"], True),
        ("192.0.2.1", "localhost", [], False),
        ("127.0.0.1", "news.example.org", [], False),  # another name for this machine (DNS rebinding)
        ("127.0.0.1", "localhost.example.org", [], False),
        ("127.0.0.1", "localhost", ["x-forwarded-for"], False),
        ("127.0.0.1", "localhost", ["VIA"], False),
        (None, "localhost", [], False),
        ("", "localhost", [], False),
        ("a socket", "localhost", [], False),
    ],
)
def test_a_request_is_local_by_peer_and_host_and_without_a_proxy(
    peer: str | None, host: str, headers: list[str], local: bool
) -> None:
    assert is_local(peer, host, headers) == local


def test_headers_of_proxies_are_known() -> None:
    assert is_forwarded(["Accept", "X-Forwarded-Proto"])
    assert is_forwarded(["Forwarded"])
    assert not is_forwarded(["Accept", "Host"])
