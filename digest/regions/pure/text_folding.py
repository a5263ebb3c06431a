"""Spellings for comparing words, as long as the text: folded (small letters, no accents) and merely tidied."""

import re
import unicodedata

KEEP_ACCENTS = (
    "CYRILLIC",
    "HIRAGANA",
    "KATAKANA",
    "HANGUL",
)  # there й, が or a syllable is a letter of its own
REMEMBERED = (
    0x10000  # code points; beyond are emoji and rare ideographs, and a bound on what texts can make us keep
)

LONE_SURROGATES = re.compile("[\ud800-\udfff]")


def fold(text: str) -> str:
    """`text` for comparing: as many characters, so that a place in the one is the same place in the other."""
    if text.isascii():
        return text.translate(_ASCII)
    return text.translate(_FOLDS)


def _fold_char(char: str) -> str:
    if char in "ёЁ":
        return "е"  # Russian prints ё as е more often than not
    if unicodedata.category(char)[0] in "MN":
        return char
    if not char.isalpha():
        return " "
    low = char.lower()
    if len(low) > 1:
        low = low[0]
    if unicodedata.name(char, "").startswith(KEEP_ACCENTS):
        return low
    return unicodedata.normalize("NFD", low)[0]


class _Folds(dict[int, str]):
    """A translation table that grows with the characters it meets, as far as the living scripts go."""

    def __missing__(self, code: int) -> str:
        folded = _fold_char(chr(code))
        if code < REMEMBERED:
            self[code] = folded
        return folded


_FOLDS = _Folds()
_ASCII = {code: _fold_char(chr(code)) for code in range(128)}


def words(text: str) -> str:
    """`text` folded, with single blanks: what a name is looked up by."""
    return " ".join(fold(unicodedata.normalize("NFC", text)).split())


def tidy(text: str) -> str:
    """`text` with one kind of blank and apostrophe and none of hyphens, as long as before; case and accents stay.

    Six plain replacements take a twentieth of the time that a translation table takes on text beyond ASCII.
    """
    text = text.replace("\n", " ").replace("-", " ").replace("\t", " ")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        text = LONE_SURROGATES.sub(" ", text)  # halves of characters, which the matcher refuses
    return text.replace("\u2019", "'").replace("\u00a0", " ").replace("\u2010", " ").replace("\u2011", " ")


def strip_accents(text: str) -> str:
    """`text` without accents: "Côte" is "Cote"."""
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
