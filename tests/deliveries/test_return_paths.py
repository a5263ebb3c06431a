"""Return paths: short, in lower case, impossible to forge, and recognised in whatever text wraps them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliveries.messages.digest_message import SenderIdentity
from digest.deliveries.pure import return_paths
from digest.deliveries.pure.return_paths import AddressKind, AddressToken, find_tokens
from digest.own_addresses import NamedAddress

SECRET = "a secret of thirty-two characters"
THEN = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
TIMESTAMP = int(THEN.timestamp())


@given(st.integers(1, 2**63 - 1))
def test_a_local_part_is_short_and_plain_and_read_back(number: int) -> None:
    local = return_paths.delivery_local_part(SECRET, number, THEN)
    assert len(local) <= 64
    assert local == local.lower()
    assert set(local) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert list(find_tokens(SECRET, local)) == [AddressToken(AddressKind.DELIVERY, number, TIMESTAMP)]
    assert list(find_tokens("another secret of thirty-two chars", local)) == []


@given(st.text(alphabet=st.characters(min_codepoint=45, max_codepoint=122), min_size=1, max_size=16))
def test_a_subscribers_address_is_read_back(public_id: str) -> None:
    local = return_paths.subscriber_local_part(SECRET, public_id)
    assert len(local) <= 64
    assert list(find_tokens(SECRET, local.upper())) == [
        AddressToken(AddressKind.SUBSCRIBER, public_id=public_id)
    ]


@pytest.mark.parametrize(
    "wrapped",
    [
        "<{}@bounces.example.org>",
        "SRS0=Ab1c=XY=bounces.example.org={}@forwarder.example",
        "prvs=1234567890={}@bounces.example.org",
        "rfc822;{}@BOUNCES.example.org",
        "Return-Path: <{}@bounces.example.org>\nTo: x",
        "{}",
    ],
)
def test_what_wraps_a_return_path_does_not_hide_it(wrapped: str) -> None:
    for local in (
        return_paths.delivery_local_part(SECRET, 7, THEN),
        return_paths.letter_local_part(SECRET, 7, THEN),
    ):
        assert [token.row_id for token in find_tokens(SECRET, wrapped.format(local))] == [7]


def test_a_letter_and_a_delivery_of_one_number_are_two() -> None:
    letter = return_paths.letter_local_part(SECRET, 7, THEN)
    assert list(find_tokens(SECRET, "b" + letter[1:])) == []
    assert [token.kind for token in find_tokens(SECRET, letter)] == ["letter"]


def test_any_change_makes_an_address_invalid() -> None:
    local = return_paths.delivery_local_part(SECRET, 1234, THEN)
    for at in range(len(local)):
        for other in "a2z-":
            if local[at] != other:
                assert list(find_tokens(SECRET, local[:at] + other + local[at + 1 :])) == []


def test_a_text_of_forged_addresses_takes_no_time_and_names_nobody() -> None:
    assert list(find_tokens(SECRET, f"b-1-2-{'a' * 20} " * 50_000)) == []
    assert list(find_tokens(SECRET, "u-" + "a" * 200_000)) == []
    assert list(find_tokens(SECRET, "u-" + "7" * 39 + "-" + "a" * 20)) == []


def test_the_address_to_unsubscribe_is_named_only_where_somebody_reads_it() -> None:
    def sender(*, reads_mail: bool, domain: str = "bounces.example.org") -> SenderIdentity:
        mailbox = NamedAddress("D", "d@example.org")
        return SenderIdentity(mailbox, domain, "D", "https://d.example", SECRET, receives_mail=reads_mail)

    url = "https://d.example/unsubscribe/x"
    assert sender(reads_mail=False).list_unsubscribe(url, "abc") == f"<{url}>"
    assert sender(reads_mail=True, domain="").list_unsubscribe(url, "abc") == f"<{url}>"
    value = sender(reads_mail=True).list_unsubscribe(url, "abc")
    assert value.startswith(f"<{url}>, <mailto:u-")
    assert value.endswith("@bounces.example.org?subject=unsubscribe>")
    assert [token.public_id for token in find_tokens(SECRET, value)] == ["abc"]
