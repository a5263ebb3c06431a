"""Marks: places in blocks whose values are all as long as the marks, so blocks are encoded once for all values."""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from digest.mail.pure.slotted_text import Block

SOFT_BREAK = b"=\r\n"
MOST_FILLED = 4000  # blocks that are kept with the values of one `Marks`, of some 2 KB each


class MarkForm(NamedTuple):
    """How the marks of a process are written: a nonce, which no stranger can write, and the digits of a number."""

    nonce: str
    digits: int

    def mark(self, number: int) -> str:
        """The mark of a number."""
        return f"{self.nonce}{number:0{self.digits}d}"


class _EncodedMark(NamedTuple):
    """A mark in encoded text: its number, and its ends and those of its soft line breaks, from its beginning."""

    number: int
    ends: tuple[int, ...]


class Marks:
    """What goes in place of marks: `value` of their numbers, of characters that quoted-printable leaves as they are."""

    def __init__(self, form: MarkForm, value: Callable[[int], str]) -> None:
        self._form, self._value = form, value
        self._values: dict[int, str] = {}
        self._blocks = _FilledBlocks(self._fill_encoded)

    def fill(self, text: str) -> str:
        """Text that is not encoded, with its values."""
        nonce, digits = self._form
        if nonce not in text:
            return text
        first, *others = text.split(nonce)
        return first + "".join(self._value_of(int(part[:digits])) + part[digits:] for part in others)

    def encoding(self, encode: Callable[[Block], bytes]) -> Callable[[Block], bytes]:
        """`encode` for blocks, which have their values afterwards. They are kept, because many texts share a block."""
        self._blocks.encode = encode
        return self._blocks.__getitem__

    def _value_of(self, number: int) -> str:
        if number not in self._values:
            self._values[number] = self._value(number)
        return self._values[number]

    def _fill_encoded(self, encoded: bytes) -> bytes:
        texts, marks = _divide(encoded, self._form)
        if not marks:
            return encoded
        pieces = list(texts)
        pieces[1::2] = map(self._octets_of, marks)
        return b"".join(pieces)

    def _octets_of(self, mark: _EncodedMark) -> bytes:
        octets = self._value_of(mark.number).encode()
        if len(mark.ends) == 2:
            return octets
        return SOFT_BREAK.join(octets[start:end] for start, end in pairwise(mark.ends))


class _FilledBlocks(dict[Block, bytes]):
    """Blocks, encoded with the values of their marks. A dictionary, because each story of a mail is looked up."""

    encode: Callable[[Block], bytes]

    def __init__(self, fill: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self._fill = fill

    def __missing__(self, block: Block) -> bytes:
        if len(self) >= MOST_FILLED:
            self.clear()
        filled = self[block] = self._fill(self.encode(block))
        return filled


@lru_cache(maxsize=4000)  # as many as there are encoded blocks
def _divide(encoded: bytes, form: MarkForm) -> tuple[tuple[bytes, ...], tuple[_EncodedMark, ...]]:
    """Encoded text as what is between marks, with an empty text for each mark, and the marks."""
    texts: list[bytes] = []
    marks: list[_EncodedMark] = []
    at = 0
    for match in _encoded_mark(form).finditer(encoded):
        ends = [0]
        for part in match[0].split(SOFT_BREAK):
            ends.append(ends[-1] + len(part))
        number = int(match[0].replace(SOFT_BREAK, b"")[len(form.nonce) :])
        texts += (encoded[at : match.start()], b"")
        marks.append(_EncodedMark(number, tuple(ends)))
        at = match.end()
    return (*texts, encoded[at:]), tuple(marks)


@lru_cache(maxsize=4)
def _encoded_mark(form: MarkForm) -> re.Pattern[bytes]:
    """A mark, wherever soft line breaks divide it."""
    characters = [*map(re.escape, form.nonce), *[r"\d"] * form.digits]
    return re.compile("(?:=\r\n)?".join(characters).encode())
