"""How a text is written in quoted-printable, line by line: what the RFCs want at the 76th octet and at line starts."""

import quopri

import pytest

from digest.mail.pure.mime import encode_quoted_printable
from digest.mail.pure.slotted_text import Block, Slot
from tests.mail.test_prepared_messages import build, is_well_formed


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("a\nb", b"a\r\nb"),
        ("a\r\nb\rc", b"a\r\nb\r\nc"),
        ("a\n.b", b"a\r\n=2Eb"),
        ("a\nFrom b", b"a\r\n=46rom b"),
        (".", b"=2E"),
        ("From ", b"From=20"),
        ("a .b From c", b"a .b From c"),
        ("Fromage", b"Fromage"),
        ("é", b"=C3=A9"),
    ],
)
def test_lines_are_kept_and_none_begins_as_a_mailbox_or_smtp_would_change_it(
    text: str, encoded: bytes
) -> None:
    assert encode_quoted_printable(text) == encoded


@pytest.mark.parametrize("length", range(66, 78))
@pytest.mark.parametrize("end", ["é", "=", "x", "."])
def test_no_escape_is_cut_before_a_slot(length: int, end: str) -> None:
    text = "x" * length + end
    raw, plain, _ = build(text, Slot("x"), value="v")
    assert plain.rstrip("\n") == f"{text}v"
    assert is_well_formed(raw)


def test_a_block_begins_on_a_line_of_its_own_whatever_stands_before_it() -> None:
    for before in ("x" * 70, "\n" + "x" * 70, "x" * 70 + "\n"):
        raw, plain, _ = build(before, Block("y" * 70), "z")
        assert plain.rstrip("\n") == f"{before}{'y' * 70}z"
        assert is_well_formed(raw)


def test_a_long_line_that_begins_with_a_dot_is_cut_where_no_dot_follows() -> None:
    encoded = encode_quoted_printable("." + "x" * 71 + "..." + "x" * 80)
    lines = encoded.split(b"\r\n")
    assert all(len(line) <= 76 and not line.startswith(b".") for line in lines)
    assert quopri.decodestring(encoded) == b"." + b"x" * 71 + b"..." + b"x" * 80
