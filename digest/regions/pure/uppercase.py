"""Writes words in capitals as names are written: "NEW YORK, May 3" becomes "New York, May 3"; "NATO" stays.

The matcher then does not need every town in capitals as well. Those would double the time to build it.
"""

import re
from collections.abc import Iterable
from unicodedata import name

# Capitals of the Latin alphabets only: texts in other alphabets are not normalized.
_CAPITALS = "".join(
    char for char in map(chr, range(ord("A"), 0x2000)) if char.isupper() and name(char).startswith("LATIN")
)
TWO_CAPITALS = re.compile(f"[{_CAPITALS}]{{2}}")
UPPERCASE_WORD = re.compile(rf"\b[{_CAPITALS}]{{2,}}(?![^\W\d_])")


class UppercaseNormalizer:
    """Writes words in capitals as names, except those that `texts` have in capitals ("NATO"). Lengths stay the same."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._always_uppercase = frozenset(UPPERCASE_WORD.findall("\n".join(texts)))
        self._capitalized_exceptions = frozenset(word.capitalize() for word in self._always_uppercase)

    def normalize(self, text: str) -> str:
        """`text`, with each word in capitals written as a name: only its first letter stays a capital."""
        return UPPERCASE_WORD.sub(self._as_name, text) if TWO_CAPITALS.search(text) else text

    def round_trips(self, words: str) -> bool:
        """Whether `normalize` restores a name from capitals: "New York", but not "McAllen" or "Weißwasser"."""
        if not words.isascii():
            return self.normalize(words.upper()) == words
        return words.istitle() and self._capitalized_exceptions.isdisjoint(words.replace(".", " ").split())

    def _as_name(self, match: re.Match[str]) -> str:
        word = match[0]
        return word if word in self._always_uppercase else word[0] + word[1:].replace("İ", "I").lower()
