"""Marks in encoded blocks: the same octets as if their values had been there from the start."""

import random
from functools import partial

from digest.mail.pure.marks import MarkForm, Marks
from digest.mail.pure.mime import PreparedMessage
from digest.mail.pure.slotted_text import Block, SlottedText

FORM = MarkForm("a1b2c3d4e5f6", 10)


def value(number: int) -> str:
    """As long as a mark, in characters that links have."""
    return f"_-V{number:019d}"


def lettered(letter: str, number: int) -> str:
    return letter * 12 + f"{number:010d}"


def message(texts: list[str], marks: Marks | None, *, in_blocks: bool) -> bytes:
    text = SlottedText(tuple(Block(part) if in_blocks else part for part in texts))
    return PreparedMessage([], text=text, html_body=text, marks=marks).build([], {})


def random_texts(rng: random.Random) -> list[str]:
    words = [
        "é" * 30,
        "a " * 40,
        "word\n",
        ".\n",
        "From \n",
        "=",
        'href="',
        "x" * 61,
        FORM.mark(rng.randint(0, 10**9)),
    ]
    return ["".join(rng.choices([*words, FORM.mark(7)], k=rng.randint(1, 12))) for _ in range(6)]


def filled(text: str) -> str:
    return Marks(FORM, value).fill(text)


def test_blocks_with_marks_are_encoded_as_blocks_with_their_values() -> None:
    rng = random.Random(5)  # noqa: S311
    for _ in range(300):
        texts = random_texts(rng)
        for in_blocks in (True, False):
            made = message(texts, Marks(FORM, value), in_blocks=in_blocks)
            assert made == message([filled(text) for text in texts], None, in_blocks=in_blocks)
            assert FORM.nonce.encode() not in made.replace(b"=\r\n", b"")


def test_two_sets_of_values_share_what_is_encoded_and_not_each_others_values() -> None:
    texts = [f'<a href="{FORM.mark(3)}">']
    first, second = (Marks(FORM, partial(lettered, letter)) for letter in "ab")
    assert b"a" * 12 + b"0000000003" in message(texts, first, in_blocks=True)
    assert b"b" * 12 + b"0000000003" in message(texts, second, in_blocks=True)
    assert b"a" * 12 + b"0000000003" in message(texts, first, in_blocks=True)


def test_text_without_marks_stays_as_it_is() -> None:
    assert filled("nothing to see") == "nothing to see"
    assert filled(f"{FORM.mark(1)}{FORM.mark(2)} end") == f"{value(1)}{value(2)} end"
