"""Finds countries' names in other languages than English: folded, by whole words or without blanks."""

import re
from collections.abc import Iterator

import ahocorasick_rs

from digest.regions.pure.text_folding import fold
from digest.regions.pure.vocabulary import Kind, Phrase

SMALL_WORDS = frozenset({"of", "the", "and", "d", "de", "da", "del", "la", "al", "el", "es", "ul"})
OTHER_ALPHABET = re.compile(r"[\u0370-\u1dbf\u2c00-\ud7ff\uf900-\ufdff\ufe70-\uffdc]")
HEAD = 500  # characters that tell the alphabet


def is_english(text: str) -> bool:
    """Whether a text has English words and no other alphabet's letters, so that no other language is looked for."""
    if not (" the " in text or " of " in text or " and " in text or " with " in text or "The " in text):
        return False
    head = text[:HEAD]
    return head.isascii() or OTHER_ALPHABET.search(head) is None


class ForeignFinder:
    """Looks for all phrases of other languages at once."""

    def __init__(self, phrases: list[Phrase]) -> None:
        self._spaced = [phrase for phrase in phrases if phrase.kind is not Kind.UNSPACED]
        self._unspaced = [phrase for phrase in phrases if phrase.kind is Kind.UNSPACED]
        # A blank before each phrase makes a match start at a word's start, so that none begins inside another.
        self._spaced_words = _automaton([f" {phrase.text}" for phrase in self._spaced])
        self._unspaced_words = _automaton([phrase.text for phrase in self._unspaced])
        self._shorter = _shorter(self._spaced)

    def find(self, text: str) -> Iterator[tuple[int, int, Phrase]]:
        """Where each phrase stands, `[start, end)`, and which it is."""
        folded = fold(text)
        for index, before, _ in self._spaced_words.find_matches_as_indexes(f" {folded}"):
            hit = self._whole_words(folded, before, index)
            if hit is not None and _all_capitalised(text[before : hit[0]]):
                yield before, hit[0], hit[1]
        if not text.isascii():
            for index, start, end in self._unspaced_words.find_matches_as_indexes(folded):
                if not (_same_katakana_run(folded, start) or _same_katakana_run(folded, end)):
                    yield start, end, self._unspaced[index]

    def _whole_words(self, folded: str, start: int, index: int | None) -> tuple[int, Phrase] | None:
        """The longest phrase from `start` on that ends where a word ends, and where that is."""
        while index is not None:
            phrase = self._spaced[index]
            end = start + len(phrase.text)
            if folded[end : end + 1] in ("", " "):
                return end, phrase
            index = self._shorter.get(index)
        return None


def _automaton(patterns: list[str]) -> ahocorasick_rs.AhoCorasick:
    return ahocorasick_rs.AhoCorasick(
        patterns, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest, store_patterns=False
    )


def _shorter(phrases: list[Phrase]) -> dict[int, int]:
    """For each phrase, the longest other one that it begins with ("nigeria" -> "niger")."""
    found: dict[int, int] = {}
    open_prefixes: list[int] = []
    for index in sorted(range(len(phrases)), key=lambda index: phrases[index].text):
        while open_prefixes and not phrases[index].text.startswith(phrases[open_prefixes[-1]].text):
            open_prefixes.pop()
        if open_prefixes:
            found[index] = open_prefixes[-1]
        open_prefixes.append(index)
    return found


def _all_capitalised(words: str) -> bool:
    """Whether each word has its capital, small words apart ("Trinidad y Tobago", "Côte d'Ivoire")."""
    return not words[0].islower() and all(
        not word[0].islower() or word in SMALL_WORDS or "'" in word or "’" in word for word in words.split()
    )


def _same_katakana_run(folded: str, at: int) -> bool:
    """Whether a cut here would be inside a katakana word (Mali in "マリア")."""
    return 0 < at < len(folded) and _is_katakana(folded[at - 1]) and _is_katakana(folded[at])


def _is_katakana(char: str) -> bool:
    return "\u30a1" <= char <= "\u30ff"
