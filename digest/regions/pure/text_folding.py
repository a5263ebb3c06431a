"""Spellings for comparing words: folded (small letters, no accents), or with just the punctuation normalized.

`fold` and `normalize_punctuation` keep the length of the text, so that positions in both texts are the same.
"""

import re
import unicodedata

# Scripts in which й, が or a syllable is a letter of its own, not a letter with an accent.
KEEP_ACCENTS = ("CYRILLIC", "HIRAGANA", "KATAKANA", "HANGUL")
# Code points that the folding table may cache. Beyond are emoji and rare ideographs. The bound keeps hostile texts
# from growing the table.
CACHED_CODE_POINTS = 0x10000

# A word in these scripts may touch the next one: Thai, Lao, Burmese, Khmer, and, from the CJK radicals on, Chinese,
# Japanese and Korean.
UNSPACED_CHARACTER = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\U0010ffff]")
LONE_SURROGATES = re.compile("[\ud800-\udfff]")


def fold(text: str) -> str:
    """`text` in small letters without accents, with blanks for punctuation and symbols; as long as before."""
    if text.isascii():
        return text.translate(_ASCII_FOLDS)
    return text.translate(_FOLDS)


def _fold_char(char: str) -> str:
    if char in "ёЁ":
        return "е"  # Russian prints ё as е more often than not
    if unicodedata.category(char)[0] in "MN":
        return char
    if not char.isalpha():
        return " "
    lowered = char.lower()
    if len(lowered) > 1:
        lowered = lowered[0]
    if unicodedata.name(char, "").startswith(KEEP_ACCENTS):
        return lowered
    return unicodedata.normalize("NFD", lowered)[0]


class _FoldTable(dict[int, str]):
    """A translation table that computes a character at first use and caches it up to CACHED_CODE_POINTS."""

    def __missing__(self, code: int) -> str:
        folded = _fold_char(chr(code))
        if code < CACHED_CODE_POINTS:
            self[code] = folded
        return folded


_FOLDS = _FoldTable()
_ASCII_FOLDS = {code: _fold_char(chr(code)) for code in range(128)}


def lookup_key(text: str) -> str:
    """`text` folded, with single blanks: the key by which a name is looked up."""
    return " ".join(fold(unicodedata.normalize("NFC", text)).split())


def normalize_punctuation(text: str) -> str:
    """`text` with one kind of blank and apostrophe, and blanks for hyphens; as long as before. Case and accents stay.

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
    """`text` without accents: "Côte" becomes "Cote"."""
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
