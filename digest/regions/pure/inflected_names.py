"""Finds names of countries, peoples and cities in the languages that inflect them, by the rules of `inflection`."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

import ahocorasick_rs

from digest.regions.pure.grammars import Grammar
from digest.regions.pure.mentions import Mention
from digest.regions.pure.text_folding import fold, words
from digest.regions.pure.vocabulary import Kind, Phrase, Where

LONGEST_ENDING = 14  # letters; "-дағылардың" and the like have fewer
GAP = 2  # characters between the words of a name: a blank, a hyphen, the point and blank of "EE. UU."
SHORTEST_INFLECTED = 4  # letters of a word within a name; shorter ones ("и", "de") have one form
SHORTEST_DERIVED = 4  # letters of a stem that adjectives are made of by rule: "Malerin" is nobody of Mali
SHORTEST_MONEY = 4  # letters of a currency from which on it may have an ending
MONEY_ENDING = 3
SENTENCE_ENDS = frozenset('.!?…\n:«»“”"—–-')
# What the English gazetteer finds in another language that is not what it is taken for there.
NOTHING = Phrase("", Kind.GUARD, ())
NOT_ABROAD = frozenset({Kind.DEMONYM, Kind.QUALIFIER, Kind.TOWN, Kind.CLUE, Kind.LOCAL})


@dataclass(frozen=True, slots=True)
class Word:
    """A word to look for, `_` for the blanks in it, and the countries it means."""

    text: str
    kind: Kind
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What is known of one language."""

    words: Sequence[Word]  # names, peoples, cities and guards
    careful: frozenset[str]  # forms that are also common words: not counted where a sentence begins
    money: frozenset[str]  # what currencies' names begin with


@dataclass(frozen=True, slots=True)
class _Entry:
    ending: re.Pattern[str]  # of the first word
    rest: tuple[tuple[str, re.Pattern[str]], ...]  # stem and ending of each further word
    phrase: Phrase
    capital: bool


class Inflected:
    """Looks for the words of one language; made once, as that takes a moment."""

    def __init__(self, grammar: Grammar, lexicon: Lexicon) -> None:
        self._grammar, self._lexicon = grammar, lexicon
        self._careful = frozenset(grammar.alike(words(form)) for form in lexicon.careful)
        self._money = frozenset(grammar.alike(words(stem)) for stem in lexicon.money)
        self._entries: dict[str, list[_Entry]] = {}
        for word in lexicon.words:
            for stem, entry in self._forms(word):
                for prefix in grammar.prefixes:
                    self._entries.setdefault(prefix + stem, []).append(entry)
        for entries in self._entries.values():
            entries.sort(key=lambda entry: -len(entry.rest))
        self._stems = sorted(self._entries)
        self._automaton = ahocorasick_rs.AhoCorasick(
            [f" {stem}" for stem in self._stems], matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        )

    def find(self, text: str, where: Where) -> Iterator[Mention]:
        """The mentions in a text, guards among them, none overlapping another."""
        folded = self._grammar.alike(fold(text))
        last = 0
        for index, start, _ in self._automaton.find_matches_as_indexes(f" {folded}"):
            if start < last:
                continue
            hit = self._longest(text, folded, start, self._stems[index])
            if hit is not None:
                last = hit[0]
                yield Mention(start, last, hit[1], text, where)

    def _longest(self, text: str, folded: str, start: int, stem: str) -> tuple[int, Phrase] | None:
        while stem:
            for entry in self._entries.get(stem, ()):
                end = _end(folded, text, start + len(stem), entry)
                if end is not None:
                    stands = self._stands(text, folded, start, end, entry=entry)
                    return end, entry.phrase if stands else NOTHING
            stem = stem[:-1]
        return None

    def _stands(self, text: str, folded: str, start: int, end: int, *, entry: _Entry) -> bool:
        """Whether it is the name, and not the common word or the money that looks like it."""
        if entry.phrase.kind is Kind.GUARD:
            return True
        if entry.capital and not text[start].isupper():
            return False
        if folded[start:end] in self._careful and self._is_common(text, start, end):
            return False
        if entry.phrase.kind in (Kind.CAPITAL, Kind.CITY):
            return True
        return not (self._is_money(_word_after(folded, end)) or self._is_money(_word_before(folded, start)))

    def _is_common(self, text: str, start: int, end: int) -> bool:
        """Of a word that is also a common one: a capital within a sentence, or an ending set off, make it a name."""
        if text[end : end + 1] in ("'", "’"):
            return False
        return not self._grammar.cased or not text[start].isupper() or _begins_sentence(text, start)

    def _is_money(self, word: str) -> bool:
        return word in self._money or any(
            word[:size] in self._money
            for size in range(max(len(word) - MONEY_ENDING, SHORTEST_MONEY), len(word))
        )

    def _forms(self, word: Word) -> Iterator[tuple[str, _Entry]]:
        """A word's stems, each with the endings that go onto it."""
        grammar = self._grammar
        parts = grammar.alike(words(word.text.replace("_", " "))).split()
        if len(parts) > 1:
            yield self._of_several(parts, word)
            return
        capital = grammar.cased and word.kind is not Kind.GUARD

        def form(cut: str, ending: str, *, capital: bool) -> tuple[str, _Entry]:
            stem = grammar.stem(parts[0], cut)
            return stem, _Entry(
                re.compile(ending), (), Phrase.of(parts[0], word.kind, word.countries), capital
            )

        match word.kind:
            case Kind.GUARD:
                yield form("", "", capital=False)
            case Kind.DEMONYM:
                yield form("", grammar.people, capital=grammar.people_cased)
            case _:
                for cut, ending in self._noun_endings(parts[0]):
                    yield form(cut, ending, capital=capital)
                more = grammar.adjective if word.kind is Kind.NAME else grammar.city
                if more and len(grammar.stem(parts[0], grammar.adjective_cut)) >= SHORTEST_DERIVED:
                    stem = grammar.stem(parts[0], grammar.adjective_cut)
                    phrase = Phrase.of(
                        parts[0], Kind.DEMONYM if word.kind is Kind.NAME else word.kind, word.countries
                    )
                    yield stem, _Entry(re.compile(more), (), phrase, grammar.people_cased)

    def _noun_endings(self, name: str) -> Iterator[tuple[str, str]]:
        grammar = self._grammar
        yield "", grammar.noun
        if grammar.noun_cut and grammar.stem(name, grammar.noun_cut) != name:
            yield grammar.noun_cut, f"(?:{grammar.noun})(?<=.)"

    def _of_several(self, parts: list[str], word: Word) -> tuple[str, _Entry]:
        """A name of several words, each of which inflects, or a people of which the last one does ("sud-africains")."""
        grammar, people = self._grammar, word.kind is Kind.DEMONYM
        stems = []
        for part in parts:
            inflects = len(part) >= SHORTEST_INFLECTED and word.kind is not Kind.CITY and not people
            stem = grammar.stem(part, grammar.loose_cut) if inflects else part
            stems.append((stem, re.compile(grammar.loose if inflects else "")))
        if people:
            stems[-1] = (parts[-1], re.compile(grammar.people))
        capital = (grammar.people_cased if people else grammar.cased) and word.kind is not Kind.GUARD
        phrase = Phrase.of(" ".join(parts), word.kind, word.countries)
        return stems[0][0], _Entry(stems[0][1], tuple(stems[1:]), phrase, capital)


def merged(found: list[Mention], text: str, where: Where, finders: Iterable[Inflected]) -> list[Mention]:
    """What is found in a text that may be of these languages: their words, the first one's before the next one's, and
    of the gazetteer's what does not contradict them."""
    own: list[Mention] = []
    for finder in finders:
        own += _apart(finder.find(text, where), own)
    others = _apart(filter(_is_welcome, found), own)
    meant = (mention for mention in own if mention.phrase.kind is not Kind.GUARD)
    return sorted((*others, *meant), key=attrgetter("start"))


def _apart(mentions: Iterable[Mention], taken: Iterable[Mention]) -> list[Mention]:
    """Those that overlap none of the taken ones, which overlap none of each other."""
    ordered = sorted(taken, key=attrgetter("start"))
    starts = [other.start for other in ordered]

    def is_free(one: Mention) -> bool:
        before = bisect_left(starts, one.end) - 1
        return before < 0 or ordered[before].end <= one.start

    return list(filter(is_free, mentions))


def _is_welcome(mention: Mention) -> bool:
    """Whether the gazetteer's mention holds in another language, which knows its own words better."""
    if mention.phrase.kind in NOT_ABROAD:
        return False
    return mention.phrase.text.isascii() or mention.phrase.kind not in (
        Kind.NAME,
        Kind.UNSPACED,
        Kind.FOREIGN,
    )


def _end(folded: str, text: str, end: int, entry: _Entry) -> int | None:
    """Where the words of an entry end whose first stem ends at `end`; None when they are not all there."""
    word_end = _word_end(folded, end)
    if not entry.ending.fullmatch(folded, end, word_end):
        return None
    for stem, ending in entry.rest:
        start = word_end
        while start < min(len(folded), word_end + GAP) and folded[start] == " ":
            start += 1
        if start == word_end or "\n" in text[word_end:start] or not folded.startswith(stem, start):
            return None
        word_end = _word_end(folded, start + len(stem))
        if not ending.fullmatch(folded, start + len(stem), word_end):
            return None
    return word_end


def _word_end(folded: str, end: int) -> int:
    """Where the word that `end` stands in ends; at most a little further than any ending reaches."""
    limit = min(len(folded), end + LONGEST_ENDING + 1)
    while end < limit and folded[end] != " ":
        end += 1
    return end


def _begins_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \u00a0\t")
    return not before or before[-1] in SENTENCE_ENDS


def _word_after(folded: str, end: int) -> str:
    return (
        folded[end : end + 2 * LONGEST_ENDING].partition(" ")[2].partition(" ")[0]
        if end < len(folded)
        else ""
    )


def _word_before(folded: str, start: int) -> str:
    return folded[max(start - 2 * LONGEST_ENDING, 0) : start].rstrip(" ").rpartition(" ")[2]
