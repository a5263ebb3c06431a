"""Checking e-mail addresses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import InvalidInputError
from digest.subscribers.pure.email_address import MAX_EMAIL_LENGTH, parse_address, tidy_address


def test_an_address_keeps_its_case_and_its_key_is_case_folded() -> None:
    address = parse_address(" Ann@Example.COM ")
    assert (address.email, address.key) == ("Ann@example.com", "ann@example.com")


@pytest.mark.parametrize("length", [MAX_EMAIL_LENGTH + 1, 1_000_000])
def test_a_text_longer_than_any_address_is_refused_before_it_is_examined(length: int) -> None:
    text = ("x@" + "a" * length)[:length]
    with pytest.raises(InvalidInputError, match=f"it has {length} characters, and 254 is the most"):
        parse_address(text)


INVISIBLE = {
    "a space that must not break": "\u00a0", "a zero width space": "\u200b", "a byte order mark": "\ufeff",
    "a soft hyphen": "\u00ad", "a word joiner": "\u2060", "a left-to-right mark": "\u200e",
    "an Arabic letter mark": "\u061c", "a left-to-right embedding": "\u202a", "the end of one": "\u202c",
    "an isolate": "\u2068", "a joiner": "\u200d", "a NUL": "\x00", "a line end": "\r\n", "an emoji selector": "\ufe0f",
}  # fmt: skip


@pytest.mark.parametrize("invisible", INVISIBLE.values(), ids=INVISIBLE.keys())
def test_invisible_characters_around_an_address_are_removed(invisible: str) -> None:
    for text in (
        f"{invisible}lea@example.org",
        f"lea@example.org{invisible}",
        f"{invisible}lea@example.org{invisible}",
    ):
        assert parse_address(text).email == "lea@example.org"


@pytest.mark.parametrize("invisible", ["\u200b", "\u00ad", "\u2060", "\u200d", "\ufeff"])
def test_invisible_characters_within_an_address_are_removed_too(invisible: str) -> None:
    assert parse_address(f"le{invisible}a@exam{invisible}ple.org").email == "lea@example.org"


def test_an_address_is_refused_rather_than_sent_to_another_domain() -> None:
    with pytest.raises(InvalidInputError, match=r"U\+200C can't be part of it"):
        parse_address("lea@نامه\u200cای.com")


@pytest.mark.parametrize(
    "text",
    [
        "mailto:lea@example.org", "MAILTO:lea%40example.org?subject=Hello%20there", "<lea@example.org>",
        "Lea <lea@example.org>", '"Moe, Lea" <lea@example.org>;', "lea@example.org <mailto:lea@example.org>",
        "<mailto:lea@example.org>", "lea＠example.org", "ｌｅａ＠ｅｘａｍｐｌｅ．ｏｒｇ", "lea﹫example。org",
        "lea@example.org.", "lea@example.org,", "lea@example.org…", "(lea@example.org)",
        '"lea@example.org"', "„lea@example.org“",
        "«lea@example.org»", "lea@example.org>", "\ufeff Lea <\u200blea@example.org> ",
    ],
)  # fmt: skip
def test_what_people_paste_around_an_address_is_removed(text: str) -> None:
    assert parse_address(text).email == "lea@example.org"
    assert tidy_address(text).casefold() == "lea@example.org"


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("o'neil+news=1@example.org", "o'neil+news=1@example.org"),
        ("'lea@example.org", "'lea@example.org"),
        ("{lea}!%$@example.org", "{lea}!%$@example.org"),
        ("lea%41@example.org", "lea%41@example.org"),
        ("lea@weiß.example", "lea@xn--wei-7ka.example"),
        ("of‑ﬁce@example.org", "of-fice@example.org"),
    ],
)
def test_characters_that_an_address_may_have_stay(text: str, email: str) -> None:
    assert parse_address(text).email == email


@given(
    st.from_regex(
        r"[a-zA-Z0-9!#$&'*+/=^_`{|}~-]{1,20}(\.[a-z0-9]{1,9})?@[a-z]{1,9}\.(org|com)", fullmatch=True
    )
)
@settings(max_examples=200)
def test_a_tidy_address_stays_as_it_is(text: str) -> None:
    assert tidy_address(text) == text
    assert parse_address(parse_address(text).email) == parse_address(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not an e-mail address"),
        ("lea.example.org", "it has no @"),
        ("lea@example.org, max@example.org", "is not an e-mail address but several"),
        ("Lea <lea@example.org>, Max <max@example.org>", "is not an e-mail address but several"),
        ("max@example.org <lea@example.org>", "is not an e-mail address but several"),
        ("lea moe@example.org", "it has a space"),
        ("Lea <lea@example.org> Moe", "it has a space"),
        ("léa@example.org", r'"é" \(U\+00E9\) can\'t be part of it'),
        ("lea–moe@example.org", r'"–" \(U\+2013\) can\'t be part of it'),
        ("lea@example;org", r'";" \(U\+003B\) can\'t be part of it'),
        ("l\u3164ea@example.org", r"U\+3164 can't be part of it"),
        ("=?utf-8?q?lea?=@example.org", r'"=\?" can\'t be part of it'),
        ("=?@example.org", r'"=\?" can\'t be part of it'),
        ("lea@", "is not an e-mail address"),
        ("mailto:", "is not an e-mail address"),
        (" . ", "is not an e-mail address"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_precisely(text: str, reason: str) -> None:
    with pytest.raises(InvalidInputError, match=reason):
        parse_address(text)
