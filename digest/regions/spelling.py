"""One spelling for comparing words: small letters, no accents, blanks for punctuation, and the same length."""

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
