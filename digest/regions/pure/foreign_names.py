"""Finds names of countries in other languages than English, as whole words or in scripts without blanks."""

import re
from collections.abc import Iterator

import ahocorasick_rs

from digest.regions.pure.text_folding import fold
from digest.regions.pure.vocabulary import Phrase, PhraseKind

# Words of a name that are written small: articles, prepositions, and "and" in several languages.
_PARTICLES = "a al and d da de del di do du e el en es et i la les of og the ul und y и і"
LOWERCASE_PARTICLES = frozenset(_PARTICLES.split())
NON_LATIN_LETTER = re.compile(r"[\u0370-\u1dbf\u2c00-\ud7ff\uf900-\ufdff\ufe70-\uffdc]")
ALPHABET_SAMPLE = 500  # characters of a text that show its alphabet


def is_english(text: str) -> bool:
    """Whether a text has English words and no letters of another alphabet. Other languages are then not searched."""
    if not (" the " in text or " of " in text or " and " in text or " with " in text or "The " in text):
        return False
    sample = text[:ALPHABET_SAMPLE]
    return sample.isascii() or NON_LATIN_LETTER.search(sample) is None


class ForeignNameFinder:
    """Searches a text for all phrases of other languages in one pass."""

    def __init__(self, phrases: list[Phrase]) -> None:
        self._spaced = [phrase for phrase in phrases if phrase.kind is not PhraseKind.UNSPACED]
        self._unspaced = [phrase for phrase in phrases if phrase.kind is PhraseKind.UNSPACED]
        # The blank before each phrase makes a match begin at the start of a word, not inside one.
        self._spaced_matcher = _matcher([f" {phrase.text}" for phrase in self._spaced])
        self._unspaced_matcher = _matcher([phrase.text for phrase in self._unspaced])
        self._prefix_of = _longest_prefixes(self._spaced)

    def find(self, text: str) -> Iterator[tuple[int, int, Phrase]]:
        """The phrases in a text, each as start, end (exclusive) and phrase."""
        folded = fold(text)
        for index, start, _ in self._spaced_matcher.find_matches_as_indexes(f" {folded}"):
            match = self._match_whole_words(folded, start, index)
            if match is not None and _is_capitalized(text[start : match[0]]):
                yield start, match[0], match[1]
        if not text.isascii():
            for index, start, end in self._unspaced_matcher.find_matches_as_indexes(folded):
                if not (_cuts_katakana_word(folded, start) or _cuts_katakana_word(folded, end)):
                    yield start, end, self._unspaced[index]

    def _match_whole_words(self, folded: str, start: int, index: int | None) -> tuple[int, Phrase] | None:
        """The end of the longest phrase that starts here and ends where a word ends, and the phrase."""
        while index is not None:
            phrase = self._spaced[index]
            end = start + len(phrase.text)
            if folded[end : end + 1] in ("", " "):
                return end, phrase
            index = self._prefix_of.get(index)
        return None


def _matcher(patterns: list[str]) -> ahocorasick_rs.AhoCorasick:
    return ahocorasick_rs.AhoCorasick(
        patterns, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest, store_patterns=False
    )


def _longest_prefixes(phrases: list[Phrase]) -> dict[int, int]:
    """For the index of each phrase, the index of the longest other one that it begins with ("nigeria": "niger")."""
    prefix_of: dict[int, int] = {}
    open_prefixes: list[int] = []
    for index in sorted(range(len(phrases)), key=lambda index: phrases[index].text):
        while open_prefixes and not phrases[index].text.startswith(phrases[open_prefixes[-1]].text):
            open_prefixes.pop()
        if open_prefixes:
            prefix_of[index] = open_prefixes[-1]
        open_prefixes.append(index)
    return prefix_of


def _is_capitalized(words: str) -> bool:
    """Whether each word begins with a capital, except particles ("Trinidad y Tobago", "Côte d'Ivoire")."""
    return not words[0].islower() and all(
        not word[0].islower() or word in LOWERCASE_PARTICLES or "'" in word or "’" in word
        for word in words.split()
    )


def _cuts_katakana_word(folded: str, position: int) -> bool:
    """Whether a phrase that begins or ends here would cut a katakana word (Mali in "マリア")."""
    return (
        0 < position < len(folded) and _is_katakana(folded[position - 1]) and _is_katakana(folded[position])
    )


def _is_katakana(char: str) -> bool:
    return "\u30a1" <= char <= "\u30ff"
