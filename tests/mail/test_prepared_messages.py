"""A message with slots: what is put into them reaches the reader, however the lines around it are cut."""

from email import message_from_bytes, policy

import pytest

from digest.mail.pure.mime import BOUNDARY, PreparedMessage
from digest.mail.pure.slotted_text import Block, Part, Slot, SlottedText

VALUE = "https://example.org/a?b=1&c=<d>"


def parts_of(raw: bytes) -> list[str]:
    """The parts of a message as a reader gets them."""
    message = message_from_bytes(raw, policy=policy.default)
    return [str(part.get_content()) for part in message.iter_parts()]


def build(*parts: Part, value: str = VALUE) -> tuple[bytes, str, str]:
    """The message, and its two parts as a reader gets them, with `value` in the slot "x"."""
    text = SlottedText(parts)
    raw = PreparedMessage([("From", "d@example.org")], text=text, html_body=text).build(
        [("To", "a@example.com")], {"x": value}
    )
    plain, html = parts_of(raw)
    return raw, plain.replace("\r\n", "\n"), html.replace("\r\n", "\n")


def is_well_formed(raw: bytes) -> bool:
    """Whether lines are short, none begins with a dot, and the parts end."""
    lines = raw.split(b"\r\n")
    return (
        max(map(len, lines)) <= 76
        and not any(line.startswith(b".") for line in lines)
        and raw.endswith(f"\r\n--{BOUNDARY}--\r\n".encode())
    )


@pytest.mark.parametrize(
    "before",
    [
        "",
        "short ",
        "x" * 74,
        "x" * 75,
        "x" * 76,
        "x" * 73 + "=",
        "x" * 72 + "=",
        "x" * 71 + "==",
        "é" * 30,
        "line\n",
    ],
)
def test_a_value_stands_between_texts_of_any_length(before: str) -> None:
    raw, plain, html = build(before, Slot("x"), " after\n")
    assert plain == f"{before}{VALUE} after\n"
    assert html == f"{before}https://example.org/a?b=1&amp;c=&lt;d&gt; after\n"
    assert is_well_formed(raw)


@pytest.mark.parametrize(
    "value", ["a" * 75 + ".b", "." * 80, "a" * 150 + ".", "", "größer", "x=1", ".", "From x"]
)
def test_any_value_stands_between_texts(value: str) -> None:
    raw, plain, _ = build("<", Slot("x"), ">", value=value)
    assert plain == f"<{value}>"
    assert is_well_formed(raw)


def test_a_line_that_just_fits_is_not_broken_twice() -> None:
    raw, _, _ = build("x" * 75, Slot("x"), value="v")
    assert b"\r\n" + b"x" * 75 + b"=\r\nv=\r\n" in raw


@pytest.mark.parametrize(
    "parts",
    [
        (Block("one\n"), "two", Block("three"), Slot("x"), "four"),
        (Block("one"), Block("two\n"), Slot("x"), Block(".three"), "\n"),
        ("x" * 76, Block("From here"), "and there"),
        (Block("x" * 75), Block("."), Slot("x")),
    ],
)
def test_blocks_stand_beside_each_other_as_they_are(parts: tuple[Part, ...]) -> None:
    raw, plain, _ = build(*parts, value="v")
    assert plain == "".join("v" if isinstance(part, Slot) else part for part in parts)
    assert is_well_formed(raw)


def test_a_slot_without_a_value_stays_open_until_it_has_one() -> None:
    text = SlottedText((Slot("many"), " ", Slot("one")))
    shared = PreparedMessage([], text=text, html_body=text).fill({"many": "a&b"})
    for one in ("1", "2"):
        assert parts_of(shared.build([], {"one": one})) == [f"a&b {one}", f"a&amp;b {one}"]
    with pytest.raises(KeyError):
        shared.build([], {})
