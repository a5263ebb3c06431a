"""Plain text in lines that fit every screen and quoting mail program."""

import textwrap
import unicodedata
from functools import cache

WIDTH = 76  # columns; with two for a quoting "> " it is 78 (RFC 3676, section 4.2)
WIDE = frozenset("WF")  # East Asian width: two columns each
FIRST_WIDE = "\u1100"  # Hangul; what comes before it takes one column each
ADDRESS = ("http://", "https://", "mailto:")


def wrapped(text: str, width: int = WIDTH) -> str:
    """Lines of at most `width` columns. Addresses stay whole, as one that is broken leads nowhere."""
    if len(text) <= width and max(text, default="") < FIRST_WIDE:
        return " ".join(text.split())
    lines, line, used = [], "", 0
    for word in text.split():
        for piece in _pieces(word, width):
            columns = _columns(piece)
            if line and used + 1 + columns > width:
                lines.append(line)
                line, used = "", 0
            line, used = (f"{line} {piece}", used + 1 + columns) if line else (piece, columns)
    return "\n".join([*lines, line])


def _pieces(word: str, width: int) -> list[str]:
    """A word longer than a line (there are scripts without spaces) as pieces of a line each."""
    if word.startswith(ADDRESS) or len(word) * 2 <= width or _columns(word) <= width:
        return [word]
    if word.isascii():
        return textwrap.wrap(word, width)
    pieces, start, used = [], 0, 0
    for index, character in enumerate(word):
        columns = _column(character)
        if used + columns > width:
            pieces.append(word[start:index])
            start, used = index, 0
        used += columns
    return [*pieces, word[start:]]


def _columns(text: str) -> int:
    return len(text) if text.isascii() else sum(_column(character) for character in text)


@cache
def _column(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in WIDE else 1
