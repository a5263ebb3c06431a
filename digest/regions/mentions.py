"""Finds the gazetteer's phrases in a text: whole words, longest first, with a capital letter where one is due."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import ahocorasick_rs

from digest.regions.spelling import fold
from digest.regions.vocabulary import Gazetteer, Kind, Phrase

SMALL_WORDS = frozenset({"of", "the", "and", "d", "de", "da", "del", "la", "al", "el", "es", "ul"})
LONGEST_ABBREVIATION = 2  # letters before a point in names: "St. Petersburg", "S. Korea"
LOUD = 0.8  # share of capitals among a line's letters from which on capitals say nothing ("TELL US MORE")
LOUD_HEAD = 200  # characters that tell how a text is written
LOUD_LETTERS = 8  # a line with fewer is too short to tell


@dataclass(frozen=True, slots=True)
class Mention:
    """A phrase where it stands in a text, `[start, end)` in characters."""

    start: int
    end: int
    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Found:
    """What is in a text: the mentions in order, and phrases that stand there in small letters (`turkey`)."""

    mentions: tuple[Mention, ...]
    in_small_letters: frozenset[str]


class Finder:
    """Looks for all phrases at once (Aho-Corasick); made once, as that takes a moment."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._spaced = [form for phrase in gazetteer.phrases for form in _forms(phrase)]
        self._unspaced = [phrase for phrase in gazetteer.phrases if phrase.kind is Kind.UNSPACED]
        # A blank before each phrase makes a match start at a word's start, so that none begins inside another.
        self._spaced_words = _automaton([f" {phrase.text}" for phrase in self._spaced])
        self._unspaced_words = _automaton([phrase.text for phrase in self._unspaced])
        self._shorter = _shorter(self._spaced)

    def find(self, text: str) -> Found:
        """All mentions in `text`, none of them overlapping another of its kind of script."""
        folded = fold(text)
        loud = _is_loud(text)
        mentions: list[Mention] = []
        small: set[str] = set()
        for index, before, _ in self._spaced_words.find_matches_as_indexes(f" {folded}"):
            hit = self._whole_words(folded, before, index)
            if hit is None:
                continue
            end, phrase = hit
            if _has_its_capitals(text[before:end], phrase, loud=loud):
                mentions.append(Mention(before, end, phrase))
            else:
                small.add(phrase.text)
        if not text.isascii():
            mentions.extend(self._without_blanks(folded))
            mentions.sort(key=lambda mention: mention.start)
        return Found(tuple(mentions), frozenset(small))

    def _whole_words(self, folded: str, start: int, index: int | None) -> tuple[int, Phrase] | None:
        """The longest phrase from `start` on that ends where a word ends, and where that is."""
        while index is not None:
            phrase = self._spaced[index]
            end = start + len(phrase.text)
            if folded[end : end + 1] in ("", " "):
                return end, phrase
            index = self._shorter.get(index)
        return None

    def _without_blanks(self, folded: str) -> Iterator[Mention]:
        for index, start, end in self._unspaced_words.find_matches_as_indexes(folded):
            if not (_same_katakana_run(folded, start) or _same_katakana_run(folded, end)):
                yield Mention(start, end, self._unspaced[index])


def _forms(phrase: Phrase) -> Iterator[Phrase]:
    """The phrase as it stands in a folded text: after "St." there are two blanks, for the point and the blank."""
    if phrase.kind is Kind.UNSPACED:
        return
    yield phrase
    first, blank, rest = phrase.text.partition(" ")
    if blank and len(first) <= LONGEST_ABBREVIATION:
        yield replace(phrase, text=f"{first}  {rest}")


def _automaton(patterns: list[str]) -> ahocorasick_rs.AhoCorasick:
    return ahocorasick_rs.AhoCorasick(patterns, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)


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


def _has_its_capitals(words: str, phrase: Phrase, *, loud: bool) -> bool:
    match phrase.kind:
        case Kind.GUARD:
            return True
        case Kind.ACRONYM:
            return words.isupper() and not (loud and words.isalpha())
        case _:
            return not words[0].islower() and _all_capitalised(words)


def _all_capitalised(words: str) -> bool:
    """Whether each word has its capital, small words apart ("Trinidad and Tobago", "Côte d'Ivoire")."""
    if " " not in words:
        return True
    return all(
        not word[0].islower() or word in SMALL_WORDS or "'" in word or "’" in word for word in words.split()
    )


def _is_loud(text: str) -> bool:
    head = text[:LOUD_HEAD]
    capitals, small = sum(map(str.isupper, head)), sum(map(str.islower, head))
    return capitals + small >= LOUD_LETTERS and capitals >= LOUD * (capitals + small)


def _same_katakana_run(folded: str, at: int) -> bool:
    """Whether a cut here would be inside a katakana word (Mali in "マリア")."""
    return 0 < at < len(folded) and _is_katakana(folded[at - 1]) and _is_katakana(folded[at])


def _is_katakana(char: str) -> bool:
    return "\u30a1" <= char <= "\u30ff"
