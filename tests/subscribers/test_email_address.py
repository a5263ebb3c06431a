"""Checking e-mail addresses."""

import pytest

from digest.errors import InvalidInputError
from digest.subscribers.pure.email_address import MAX_EMAIL_LENGTH, parse_address


def test_an_address_keeps_its_case_and_its_key_is_case_folded() -> None:
    address = parse_address(" Ann@Example.COM ")
    assert (address.email, address.key) == ("Ann@example.com", "ann@example.com")


@pytest.mark.parametrize("length", [MAX_EMAIL_LENGTH + 1, 1_000_000])
def test_a_text_longer_than_any_address_is_refused_before_it_is_examined(length: int) -> None:
    text = ("x@" + "." * length)[:length]
    with pytest.raises(InvalidInputError, match=f"it has {length} characters, and 254 is the most"):
        parse_address(text)
