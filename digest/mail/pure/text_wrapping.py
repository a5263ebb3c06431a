"""Wraps plain text into lines that fit every screen, also when they are quoted."""

import textwrap
import unicodedata
from functools import cache

WIDTH = 76  # columns; 78 with "> " before a quoted line (RFC 3676, section 4.2)
WIDE_CLASSES = frozenset("WF")  # East Asian width: two columns each
FIRST_WIDE = "\u1100"  # Hangul; all characters before it take one column
URL_PREFIXES = ("http://", "https://", "mailto:")


def wrap_text(text: str, width: int = WIDTH) -> str:
    """The text in lines of at most `width` columns. URLs are not broken, because a broken one would not work."""
    if len(text) <= width and max(text, default="") < FIRST_WIDE:
        return " ".join(text.split())
    lines, line, used = [], "", 0
    for word in text.split():
        for piece in _pieces(word, width):
            columns = _text_width(piece)
            if line and used + 1 + columns > width:
                lines.append(line)
                line, used = "", 0
            line, used = (f"{line} {piece}", used + 1 + columns) if line else (piece, columns)
    return "\n".join([*lines, line])


def _pieces(word: str, width: int) -> list[str]:
    """A word, cut into pieces of at most one line, because some scripts have no spaces."""
    if word.lstrip("(").startswith(URL_PREFIXES) or len(word) * 2 <= width or _text_width(word) <= width:
        return [word]
    if word.isascii():
        return textwrap.wrap(word, width)
    pieces, start, used = [], 0, 0
    for index, character in enumerate(word):
        columns = _character_width(character)
        if used + columns > width:
            pieces.append(word[start:index])
            start, used = index, 0
        used += columns
    return [*pieces, word[start:]]


def _text_width(text: str) -> int:
    return len(text) if text.isascii() else sum(_character_width(character) for character in text)


@cache
def _character_width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in WIDE_CLASSES else 1
