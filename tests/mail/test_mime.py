"""Raw messages: what a mail program reads back is what was put in, and every line is as short as the RFCs want."""

import email.policy
import html
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.mail.pure.mime import (
    PreparedMessage,
    encode_quoted_printable,
    format_date,
)
from digest.mail.pure.slotted_text import Slot, SlottedText

HOSTILE = (
    "plain", "ends with spaces   ", ".", "..\n.\n", "From me to you", "From", "From ", "\nFrom a\n.From b\n>From c",
    "=", "===" * 40, "=20", "é" * 60, "🙂" * 30,
    "👩‍👩‍👧‍👦 family", "مرحبا بالعالم " * 9, "x" * 300, "word " * 60, "tab\tand\ttab\t",
    "\n\n\n", "a\r\nb\rc", "\x00\x0b\x0c\x1f",
    "--=_dateline_part--", "a" * 74 + "=", "a" * 75 + "é", "Қазақстан " * 20,
)  # fmt: skip
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=200),
    st.text(st.sampled_from("a .=\n\té🙂"), max_size=200),
    st.lists(st.sampled_from(["From ", "From", " ", "\n", ".", "=", "é", "x" * 70]), max_size=20).map(
        "".join
    ),
)
values = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=120)


def parsed(message: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=email.policy.default).parsebytes(message)


def body(message: bytes, kind: str) -> str:
    part = parsed(message).get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(st.lists(st.tuples(texts, values), max_size=4), texts)
@settings(max_examples=80)
@example([("a" * 75, "b"), ("." + "c" * 80, "d" * 200)], ".")
@example([("=" * 26, "="), (" ", " ")], "\n.\n")
@example([("x" * 75 + "From Oslo", "From Bergen"), ("From " * 40, ".")], "From Rome\nFrom ")
def test_whatever_the_text_lines_are_short_and_the_reader_gets_just_the_text(
    pieces: list[tuple[str, str]], end: str
) -> None:
    parts = (*(part for n, (text, _) in enumerate(pieces) for part in (text, Slot(f"s{n}"))), end)
    given_values = {f"s{n}": value for n, (_, value) in enumerate(pieces)}
    message = PreparedMessage(
        [("Subject", "x")], text=SlottedText(parts), html_body=SlottedText(parts)
    ).build([], given_values)
    assert all(len(line) <= 76 for line in message.split(b"\r\n"))
    assert b"\n" not in message.replace(b"\r\n", b"")
    assert b"\r" not in message.replace(b"\r\n", b"")
    assert message.isascii()
    assert b"\n." not in message  # such a dot would have to be doubled, and a lone one would end the message
    assert not any(line.endswith((b" ", b"\t")) for line in message.split(b"\r\n")[6:])
    assert not any(line.startswith((b".", b"From ")) for line in message.split(b"\r\n"))
    in_text = "".join(text + value for text, value in pieces) + end
    in_html = "".join(text + html.escape(value) for text, value in pieces) + end
    assert body(message, "plain") == unix(in_text)
    assert body(message, "html") == unix(in_html)


@given(texts)
@settings(max_examples=60)
def test_quoted_printable_lines_have_at_most_76_octets(text: str) -> None:
    assert all(len(line) <= 76 for line in encode_quoted_printable(text).split(b"\r\n"))


def test_a_slot_without_a_value_sends_nothing() -> None:
    mould = PreparedMessage([], text=SlottedText((Slot("url"),)), html_body=SlottedText(("x",)))
    with pytest.raises(KeyError):
        mould.build([], {})


def test_a_date_is_as_rfc_5322_writes_it() -> None:
    assert format_date(datetime(2026, 3, 1, 7, 5, tzinfo=UTC)) == "Sun, 01 Mar 2026 07:05:00 +0000"
