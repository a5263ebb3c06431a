"""Requests to addresses that an operator has set: what is no address is an error in words."""

import pytest

from digest.errors import UnavailableError
from digest.http_client import send_request
from digest.webhooks.posting import post
from tests.webhooks.test_webhooks import receiver

NO_ADDRESSES = (
    "http://[",
    "http://a.example:99999/",
    "http://a.example:x/",
    "ftp://a.example/",
    "https:///a",
    "a b",
    "http://a.example/\ud800",
)


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_address_can_not_be_asked(url: str) -> None:
    with pytest.raises(UnavailableError, match="can't be asked"):
        send_request("GET", url)
    answer = post(url, b"{}", {})
    assert not answer.is_success
    assert "can't be asked" in answer.reason


def test_letters_beyond_ascii_in_a_path_are_encoded() -> None:
    with receiver() as (handler, port):
        url = f"http://127.0.0.1:{port}/новости?a=%20&b=ü"
        answer = post(url, b"{}", {}, allowed_private_hosts=frozenset([f"127.0.0.1:{port}"]))
        assert answer.is_success
        assert handler.paths == ["/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8?a=%20&b=%C3%BC"]
