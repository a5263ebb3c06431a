"""Which addresses reach the same mailbox."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.subscribers.pure.email_address import EmailAddress, parse_address
from digest.subscribers.pure.mailbox import mailbox_key


def key(address: str) -> str:
    return mailbox_key(EmailAddress(address, address.casefold()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann.lee@gmail.com", "a.n.n.l.e.e+news@googlemail.com"),
        ("ann@example.org", "ann+1@example.org"),
        ("Ann@outlook.com", "ann+digest@outlook.com"),
        ("ann@icloud.com", "ann+a@me.com"),
        ("ann.lee@proton.me", "annlee+x@protonmail.com"),
        ("ann-lee@yandex.ru", "ann.lee@ya.ru"),
        ("ann@yahoo.com", "ann-shop@yahoo.com"),
        ("ann@fastmail.com", "ann+2@fastmail.com"),
    ],
)
def test_addresses_of_one_mailbox_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann.lee@example.org", "annlee@example.org"),  # other servers may tell these apart
        ("ann-lee@example.org", "ann@example.org"),
        ("ann@gmail.com", "ann@outlook.com"),
        ("ann@outlook.com", "ann@hotmail.com"),
        ("ann.lee@outlook.com", "annlee@outlook.com"),
        ("+ann@example.org", "+bob@example.org"),
    ],
)
def test_other_addresses_have_other_keys(one: str, other: str) -> None:
    assert key(one) != key(other)


@given(st.emails(), st.integers(0, 999))
def test_a_detail_never_makes_another_mailbox(address: str, number: int) -> None:
    name, _, domain = address.rpartition("@")
    assert key(f"{name}+{number}@{domain}") == key(address) or name.startswith("+")
    assert key(key(address)) == key(address)


def test_only_ignored_characters_leave_a_name() -> None:
    assert key("...@gmail.com") == "...@gmail.com"
    assert mailbox_key(parse_address("a@b.example")) == "a@b.example"
