"""Words in capitals throughout, written as names are: "NEW YORK, May 3" is "New York, May 3", "NATO" stays.

So that the matcher need not know every town in capitals, too: that took half its time to make.
"""

import re
from collections.abc import Iterable
from unicodedata import name

# Of the Latin alphabets; a name in another one is not among those that are looked for in English texts.
_CAPITAL = "".join(
    char for char in map(chr, range(ord("A"), 0x2000)) if char.isupper() and name(char).startswith("LATIN")
)
TWO = re.compile(f"[{_CAPITAL}]{{2}}")
WORD = re.compile(rf"\b[{_CAPITAL}]{{2,}}(?![^\W\d_])")


class Capitals:
    """Knows the words that are written in capitals anyway. What it makes of a text is as long as the text."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._own = frozenset(WORD.findall("\n".join(texts)))
        self._own_as_names = frozenset(word.capitalize() for word in self._own)

    def lowered(self, text: str) -> str:
        """`text` with a capital at the start only of its words in capitals, but of those that are always so."""
        return WORD.sub(self._written, text) if TWO.search(text) else text

    def finds(self, words: str) -> bool:
        """Whether a name in capitals is itself once they are lowered: "New York" is, "McAllen" and "Weißwasser" not."""
        if not words.isascii():
            return self.lowered(words.upper()) == words
        return words.istitle() and self._own_as_names.isdisjoint(words.replace(".", " ").split())

    def _written(self, word: re.Match[str]) -> str:
        found = word[0]
        return found if found in self._own else found[0] + found[1:].replace("İ", "I").lower()
