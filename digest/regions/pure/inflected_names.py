"""Finds names of countries, peoples and cities in languages that inflect them, by the rules of `grammars`."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

import ahocorasick_rs

from digest.regions.pure.grammars import Grammar
from digest.regions.pure.mentions import Mention
from digest.regions.pure.text_folding import fold, lookup_key
from digest.regions.pure.vocabulary import Phrase, PhraseKind, TextPart, ranked_meanings

LONGEST_ENDING = 14  # letters; "-дағылардың" and similar endings have fewer
# Characters between the words of a name: a blank, a hyphen, the point and blank of "EE. UU.".
LONGEST_WORD_GAP = 2
SHORTEST_INFLECTED = 4  # letters of a word within a name; shorter ones ("и", "de") have one form
SHORTEST_DERIVED = 4  # letters of a stem that takes adjective endings: "Malerin" does not come from Mali
SHORTEST_CURRENCY_STEM = 4  # letters; a shorter currency has no ending
LONGEST_CURRENCY_ENDING = 3
SENTENCE_ENDS = frozenset('.!?…\n:«»“”"—–-')
# The phrase of a word that looks like a name and is none. Its mention replaces the gazetteer's mention of that word.
GUARD_PHRASE = Phrase("", PhraseKind.GUARD, ())
# Kinds of phrases that count in English only: in another language the same letters mean something else.
ENGLISH_ONLY_KINDS = frozenset(
    {
        PhraseKind.DEMONYM,
        PhraseKind.QUALIFIER,
        PhraseKind.TOWN,
        PhraseKind.CLUE,
        PhraseKind.LOCAL,
        PhraseKind.GROUP,
        PhraseKind.LEADER,
    }
)


@dataclass(frozen=True, slots=True)
class LexiconWord:
    """A word to search, with `_` for blanks, and the countries it means, the likeliest first."""

    text: str
    kind: PhraseKind
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language."""

    words: Sequence[LexiconWord]  # names, peoples, cities and guards
    # Forms that are also common words. They do not count at the start of a sentence.
    common_forms: frozenset[str]
    currency_stems: frozenset[str]  # beginnings of currency names


@dataclass(frozen=True, slots=True)
class _Entry:
    """What must follow a first word's stem for a match, and the phrase that is matched."""

    ending: re.Pattern[str]  # of the first word
    next_words: tuple[tuple[str, re.Pattern[str]], ...]  # stem and ending of each further word
    phrase: Phrase
    needs_capital: bool
    is_acronym: bool = False  # counts only in capitals throughout


class InflectedNameFinder:
    """Searches a text for the words of one language. Made once, because that takes a moment."""

    def __init__(self, grammar: Grammar, lexicon: Lexicon) -> None:
        self._grammar = grammar
        self._common_forms = self._folded(lexicon.common_forms)
        self._currency_stems = self._folded(lexicon.currency_stems)
        self._entries: dict[str, list[_Entry]] = {}
        for word in lexicon.words:
            for stem, entry in self._word_entries(word):
                for prefix in grammar.prefixes:
                    self._entries.setdefault(prefix + stem, []).append(entry)
        for entries in self._entries.values():
            entries.sort(key=lambda entry: -len(entry.next_words))
        self._stems = sorted(self._entries)
        self._matcher = ahocorasick_rs.AhoCorasick(
            [f" {stem}" for stem in self._stems], matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        )

    def find(self, text: str, where: TextPart) -> Iterator[Mention]:
        """The mentions in a text, including guards. They do not overlap."""
        folded = self._grammar.unify_letters(fold(text))
        previous_end = 0
        for index, start, _ in self._matcher.find_matches_as_indexes(f" {folded}"):
            if start < previous_end:
                continue
            match = self._longest_match(text, folded, start, self._stems[index])
            if match is not None:
                previous_end = match[0]
                yield Mention(start, previous_end, match[1], text, where)

    def _folded(self, words: Iterable[str]) -> frozenset[str]:
        return frozenset(self._grammar.unify_letters(lookup_key(word)) for word in words)

    def _longest_match(self, text: str, folded: str, start: int, stem: str) -> tuple[int, Phrase] | None:
        """Try `stem`, then ever shorter prefixes that are stems. Returns the end and phrase of the first match."""
        while stem:
            for entry in self._entries.get(stem, ()):
                end = _match_end(folded, text, start + len(stem), entry)
                if end is not None:
                    is_name = self._is_name(text, folded, start, end, entry=entry)
                    return end, entry.phrase if is_name else GUARD_PHRASE
            stem = stem[:-1]
        return None

    def _is_name(self, text: str, folded: str, start: int, end: int, *, entry: _Entry) -> bool:
        """Whether the words are the name, not a common word or currency that looks like it. A guard always counts."""
        if entry.phrase.kind is PhraseKind.GUARD:
            return True
        if entry.needs_capital and not text[start].isupper():
            return False
        if entry.is_acronym and not text[start : start + len(entry.phrase.text)].isupper():
            return False
        if folded[start:end] in self._common_forms and self._is_common_word(text, start, end):
            return False
        if entry.phrase.kind in (PhraseKind.CAPITAL, PhraseKind.CITY):
            return True
        return not (
            self._is_currency(_word_after(folded, end)) or self._is_currency(_word_before(folded, start))
        )

    def _is_common_word(self, text: str, start: int, end: int) -> bool:
        """Whether a form that can be a name or a common word is the common word here.

        A capital within a sentence, or an apostrophe before the ending, makes it a name.
        """
        if text[end : end + 1] in ("'", "’"):
            return False
        return not self._grammar.cased or not text[start].isupper() or _begins_sentence(text, start)

    def _is_currency(self, word: str) -> bool:
        return word in self._currency_stems or any(
            word[:size] in self._currency_stems
            for size in range(max(len(word) - LONGEST_CURRENCY_ENDING, SHORTEST_CURRENCY_STEM), len(word))
        )

    def _word_entries(self, word: LexiconWord) -> Iterator[tuple[str, _Entry]]:
        """A word's stems, each with what must follow it."""
        grammar = self._grammar
        parts = grammar.unify_letters(lookup_key(word.text.replace("_", " "))).split()
        if len(parts) > 1:
            yield self._multiword_entry(parts, word)
            return
        name = parts[0]
        phrase = Phrase(name, word.kind, ranked_meanings(word.countries))
        match word.kind:
            case PhraseKind.GUARD:
                yield name, _Entry(re.compile(""), (), phrase, needs_capital=False)
            case PhraseKind.GROUP if grammar.cased and word.text.isupper():
                yield name, _Entry(re.compile(""), (), phrase, needs_capital=True, is_acronym=True)
            case PhraseKind.LEADER if grammar.surname_endings:
                stem, ending = grammar.stem(name, grammar.surname_cut), re.compile(grammar.surname_endings)
                yield stem, _Entry(ending, (), phrase, needs_capital=True)
            case PhraseKind.DEMONYM:
                ending = re.compile(grammar.people_endings)
                yield name, _Entry(ending, (), phrase, grammar.people_cased)
            case _:
                is_cased = grammar.cased and not _is_small_group(word)
                for cut, endings in self._noun_endings(name):
                    yield grammar.stem(name, cut), _Entry(re.compile(endings), (), phrase, is_cased)
                yield from self._adjective_entries(name, word)

    def _noun_endings(self, name: str) -> Iterator[tuple[str, str]]:
        """Patterns of what is cut off the name, each with the endings that the rest takes."""
        grammar = self._grammar
        yield "", grammar.noun_endings
        if grammar.noun_cut and grammar.stem(name, grammar.noun_cut) != name:
            yield grammar.noun_cut, f"(?:{grammar.noun_endings})(?<=.)"

    def _adjective_entries(self, name: str, word: LexiconWord) -> Iterator[tuple[str, _Entry]]:
        """The adjectives of a country, or the further forms of a city."""
        grammar, is_country = self._grammar, word.kind is PhraseKind.NAME
        if word.kind in (PhraseKind.LEADER, PhraseKind.GROUP):
            return
        endings = grammar.adjective_endings if is_country else grammar.city_endings
        stem = grammar.stem(name, grammar.adjective_cut)
        if endings and len(stem) >= SHORTEST_DERIVED:
            kind = PhraseKind.DEMONYM if is_country else word.kind
            phrase = Phrase(name, kind, ranked_meanings(word.countries))
            yield stem, _Entry(re.compile(endings), (), phrase, grammar.people_cased)

    def _multiword_entry(self, parts: list[str], word: LexiconWord) -> tuple[str, _Entry]:
        """The entry of several words: in a name all inflect, in a people only the last ("sud-africains")."""
        grammar, is_people = self._grammar, word.kind is PhraseKind.DEMONYM
        stems = []
        for part in parts:
            inflects = len(part) >= SHORTEST_INFLECTED and word.kind is not PhraseKind.CITY and not is_people
            stem = grammar.stem(part, grammar.multiword_cut) if inflects else part
            stems.append((stem, re.compile(grammar.multiword_endings if inflects else "")))
        if is_people:
            stems[-1] = (parts[-1], re.compile(grammar.people_endings))
        is_cased = grammar.people_cased if is_people else grammar.cased
        needs_capital = is_cased and word.kind is not PhraseKind.GUARD and not _is_small_group(word)
        phrase = Phrase(" ".join(parts), word.kind, ranked_meanings(word.countries))
        first_stem, first_ending = stems[0]
        return first_stem, _Entry(first_ending, tuple(stems[1:]), phrase, needs_capital)


def _is_small_group(word: LexiconWord) -> bool:
    """Whether a group's words begin with a small letter: `pays du Golfe`."""
    return word.kind is PhraseKind.GROUP and word.text[0].islower()


def merge_mentions(
    gazetteer_mentions: list[Mention], text: str, where: TextPart, finders: Iterable[InflectedNameFinder]
) -> list[Mention]:
    """The mentions of a text in the finders' languages, with those of the gazetteer that do not contradict them.

    Of overlapping mentions, an earlier finder's wins over a later one's, and any finder's over the gazetteer's.
    """
    inflected: list[Mention] = []
    for finder in finders:
        inflected += _not_overlapping(finder.find(text, where), inflected)
    others = _not_overlapping(filter(_counts_in_other_languages, gazetteer_mentions), inflected)
    places = (mention for mention in inflected if mention.phrase.kind is not PhraseKind.GUARD)
    return sorted((*others, *places), key=attrgetter("start"))


def _not_overlapping(mentions: Iterable[Mention], accepted: Iterable[Mention]) -> list[Mention]:
    """The mentions that overlap no accepted one. The accepted ones do not overlap each other."""
    ordered = sorted(accepted, key=attrgetter("start"))
    starts = [other.start for other in ordered]

    def is_free(mention: Mention) -> bool:
        before = bisect_left(starts, mention.end) - 1
        return before < 0 or ordered[before].end <= mention.start

    return list(filter(is_free, mentions))


def _counts_in_other_languages(mention: Mention) -> bool:
    """Whether a gazetteer's mention counts in another language, to whose lexicon non-ASCII names are left."""
    if mention.phrase.kind in ENGLISH_ONLY_KINDS:
        return False
    return mention.phrase.text.isascii() or mention.phrase.kind not in (
        PhraseKind.NAME,
        PhraseKind.UNSPACED,
        PhraseKind.FOREIGN,
    )


def _match_end(folded: str, text: str, stem_end: int, entry: _Entry) -> int | None:
    """The end of an entry's words, whose first stem ends at `stem_end`; None if they are not all there."""
    word_end = _word_end(folded, stem_end)
    if not entry.ending.fullmatch(folded, stem_end, word_end):
        return None
    for stem, ending in entry.next_words:
        start = word_end
        while start < min(len(folded), word_end + LONGEST_WORD_GAP) and folded[start] == " ":
            start += 1
        if start == word_end or "\n" in text[word_end:start] or not folded.startswith(stem, start):
            return None
        word_end = _word_end(folded, start + len(stem))
        if not ending.fullmatch(folded, start + len(stem), word_end):
            return None
    return word_end


def _word_end(folded: str, position: int) -> int:
    """The end of the word at `position`, or a position just beyond the longest ending."""
    limit = min(len(folded), position + LONGEST_ENDING + 1)
    while position < limit and folded[position] != " ":
        position += 1
    return position


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
