"""Requests to addresses that an operator has set: what is no address is an error in words."""

import pytest

from digest.errors import UnavailableError
from digest.http_client import send_request
from digest.webhooks.posting import post

NO_ADDRESSES = (
    "http://[",
    "http://a.example:99999/",
    "http://a.example:x/",
    "ftp://a.example/",
    "https:///a",
    "a b",
)


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_address_can_not_be_asked(url: str) -> None:
    with pytest.raises(UnavailableError, match="can't be asked"):
        send_request("GET", url)
    answer = post(url, b"{}", {})
    assert not answer.is_success
    assert "can't be asked" in answer.reason
