"""Showing in a text the words that made its tags."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

UNSPACED_FROM = "\u2e80"  # from the CJK radicals on, scripts put no blanks between words


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text, and the country its words speak for; "" for none."""

    text: str
    country: str = ""


def pieces(text: str, meaning: Mapping[str, str]) -> tuple[Piece, ...]:
    """The whole text in pieces; `meaning` has the country of each of the telling words, as the text writes them."""
    telling = sorted((words for words in meaning if words), key=len, reverse=True)
    if not telling:
        return (Piece(text),) if text else ()
    found: list[Piece] = []
    last = 0
    for match in re.finditer("|".join(map(_whole, telling)), text):
        found += [Piece(text[last : match.start()]), Piece(match[0], meaning[match[0]])]
        last = match.end()
    return tuple(piece for piece in (*found, Piece(text[last:])) if piece.text)


def _whole(words: str) -> str:
    """A pattern for words that don't stand inside a longer word."""
    before = r"(?<!\w)" if words[0] < UNSPACED_FROM else ""
    after = r"(?!\w)" if words[-1] < UNSPACED_FROM else ""
    return f"{before}{re.escape(words)}{after}"
