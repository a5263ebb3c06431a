"""Words that an editor has said never mean a country, and what that does to the mentions of a text.

An exclusion takes away and never adds: a name that may not mean one country means another one only if the text, or the
source's home country, speaks for that one.
"""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from digest.regions.pure.mentions import Mention
from digest.regions.pure.text_folding import UNSPACED_CHARACTER, fold, lookup_key, normalize_punctuation
from digest.regions.pure.vocabulary import Meaning, Phrase, PhraseKind

LONGEST_WORDS = 80  # characters; a name with a few words around it
SHORTEST_STEM = 3  # letters that a form of a name is searched by
LONGEST_CHANGE = 1  # letters before an ending that another form may change
CACHED_NAMES = 10_000  # spellings of names in texts; a bound for hostile ones


class BaseForm(NamedTuple):
    """A name as the tagger's vocabulary lists it. The tagger finds its other cases and forms as the same name."""

    text: str
    kind: PhraseKind


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Words that never mean a country (ISO 3166-1 alpha-2), in all sources or in one.

    `base` is the name that the words are, if they are one name: then they are excluded in all forms of that name.
    """

    id: int
    words: str
    country: str
    source_id: int | None = None
    base: BaseForm | None = None


class _Contexts(NamedTuple):
    """The exclusions that contain a name, by where the name stands in their words.

    Looking up what a text has around a name takes as long with a thousand exclusions as with one.
    """

    lead: int  # blanks before the name in the spelling that was looked up
    # characters before the name, length of the words, and the exclusions by their folded words
    forms: tuple[tuple[int, int, dict[str, list[Exclusion]]], ...]
    exclusions: frozenset[Exclusion]


class Exclusions:
    """All exclusions, ready for looking up. Threads may share them."""

    def __init__(self, exclusions: Iterable[Exclusion]) -> None:
        self._all = tuple(exclusions)
        self._by_base: dict[tuple[str, PhraseKind], list[Exclusion]] = {}
        for exclusion in self._all:
            if exclusion.base is not None:
                self._by_base.setdefault(exclusion.base, []).append(exclusion)
        self._forms = [(form, exclusion) for exclusion in self._all for form in folded_forms(exclusion.words)]
        self._contexts: dict[str, _Contexts] = {}

    def of_source(self, source_id: int | None) -> "SourceExclusions":
        """Those that hold for a source; None: only those for all sources."""
        is_any = any(each.source_id is None or each.source_id == source_id for each in self._all)
        return SourceExclusions(self, source_id, is_empty=not is_any)

    def covering(self, mention: Mention) -> Sequence[Exclusion]:
        """The exclusions of any country and source whose words the mention is, or stands in."""
        phrase, text = mention.phrase, mention.text
        by_base = self._by_base.get((phrase.text, phrase.kind), ()) if self._by_base else ()
        contexts = self.contexts(mention)
        if not contexts.forms:
            return by_base
        covering = list(by_base)
        for before, length, exclusions in contexts.forms:
            start = mention.start + contexts.lead - before
            end = start + length
            found = exclusions.get(fold(text[start:end])) if start >= 0 else None
            if found and not (_cuts_word(text, start) or _cuts_word(text, end)):
                covering += found
        return covering

    def contexts(self, mention: Mention) -> _Contexts:
        """The exclusions whose words contain the mention's, wherever they stand."""
        written = mention.text[mention.start : mention.end]
        contexts = self._contexts.get(written)
        if contexts is None:
            if len(self._contexts) >= CACHED_NAMES:
                self._contexts = {}
            contexts = self._contexts[written] = self._find_contexts(written)
        return contexts

    def _find_contexts(self, written: str) -> _Contexts:
        folded = fold(written)
        name = folded.strip(" ")
        forms: dict[tuple[int, int], dict[str, list[Exclusion]]] = {}
        for form, exclusion in self._forms if name else ():
            for before in _places_of(name, form):
                forms.setdefault((before, len(form)), {}).setdefault(form, []).append(exclusion)
        exclusions = frozenset(e for found in forms.values() for of_form in found.values() for e in of_form)
        lead = len(folded) - len(folded.lstrip(" "))
        return _Contexts(lead, tuple((*key, found) for key, found in forms.items()), exclusions)


@dataclass(frozen=True, slots=True)
class SourceExclusions:
    """The exclusions that hold for one source."""

    exclusions: Exclusions
    source_id: int | None
    is_empty: bool

    def apply(self, mentions: list[Mention], home: str | None) -> tuple[list[Mention], tuple[int, ...]]:
        """The mentions that still count, and the ids of the exclusions that changed something.

        Other mentions of an excluded name ("Georgia" in a text with "Georgia Bulldogs") count for the country only in a
        dateline, or if another word speaks for it. Qualifiers must have been applied before.
        """
        covered = {id(m): found for m in mentions if (found := self._covering(m))}
        if not covered:
            return mentions, ()
        doubts = self._doubts(mentions, covered)
        supported = {home} | {_certain_country(m) for m in mentions if m.phrase.text not in doubts}
        narrowed: dict[tuple[int, tuple[Meaning, ...]], Phrase] = {}
        counted: list[Mention] = []
        applied: set[int] = set()
        for mention in mentions:
            reasons = set(covered.get(id(mention), ()))
            if mention.where != "dateline":
                reasons |= {e for e in doubts.get(mention.phrase.text, ()) if e.country not in supported}
            reasons = {exclusion for exclusion in reasons if _can_mean(mention, exclusion.country, home)}
            applied.update([exclusion.id for exclusion in reasons])
            if not reasons or _stays(mention, {e.country for e in reasons}, supported, narrowed):
                counted.append(mention)
        return counted, tuple(sorted(applied))

    def _covering(self, mention: Mention) -> list[Exclusion]:
        found = self.exclusions.covering(mention)
        return [e for e in found if e.source_id in (None, self.source_id)] if found else []

    def _doubts(
        self, mentions: Iterable[Mention], covered: dict[int, list[Exclusion]]
    ) -> dict[str, set[Exclusion]]:
        """By the text of a phrase, the exclusions that stand in the text and contain a mention of it."""
        present = {exclusion for found in covered.values() for exclusion in found}
        doubts: dict[str, set[Exclusion]] = {}
        for mention in mentions:
            found = present & self.exclusions.contexts(mention).exclusions
            if found := found.union(covered.get(id(mention), ())):
                doubts.setdefault(mention.phrase.text, set()).update(found)
        return doubts


NO_EXCLUSIONS = Exclusions(()).of_source(None)


def text_filter(exclusion: Exclusion) -> Callable[[str], bool]:
    """Whether a text can have the words, or a form of their name: quick, and true too often rather than too seldom."""
    needles = folded_forms(exclusion.words)
    if exclusion.base is not None:
        stem = _common_start(lookup_key(exclusion.words), lookup_key(exclusion.base.text))
        needles = needles | {stem} if stem else {""}  # every text has the empty one
    words = {max(needle.split(), key=len, default="") for needle in needles}
    is_ascii = "".join(words).isascii()

    def can_have(text: str) -> bool:
        if is_ascii:  # dropping what is no ASCII letter takes a tenth of the time that folding takes
            letters = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode().lower()
            if not any(word in letters for word in words):
                return False
        folded = fold(normalize_punctuation(text))
        return any(needle in folded for needle in needles)

    return can_have


def _common_start(one: str, other: str) -> str:
    size = 0
    while size < min(len(one), len(other)) and one[size] == other[size]:
        size += 1
    return one[: max(size - LONGEST_CHANGE, SHORTEST_STEM)] if size >= SHORTEST_STEM else ""


def folded_forms(words: str) -> set[str]:
    """The words folded, with single blanks and with as many as there are signs: "u s  open" for `U.S. Open`."""
    return {lookup_key(words), fold(words).strip(" ")} - {""}


def _places_of(name: str, form: str) -> Iterator[int]:
    """Where a name stands in the words of an exclusion, as whole words."""
    start = form.find(name)
    while start >= 0:
        if not (_cuts_word(form, start) or _cuts_word(form, start + len(name))):
            yield start
        start = form.find(name, start + 1)


def _cuts_word(text: str, position: int) -> bool:
    """Whether the characters on both sides belong to one word, in a script that puts blanks between words."""
    if not 0 < position < len(text):
        return False
    around = text[position - 1 : position + 1]
    return " " not in fold(around) and UNSPACED_CHARACTER.search(around) is None


def _can_mean(mention: Mention, country: str, home: str | None) -> bool:
    if mention.country:
        return mention.country == country
    if not mention.phrase.meanings:
        return mention.phrase.kind is PhraseKind.LOCAL and home == country
    return country in mention.phrase.countries


def _certain_country(mention: Mention) -> str:
    meanings = mention.phrase.meanings
    return mention.country or (meanings[0][0] if len(meanings) == 1 else "")


def _stays(
    mention: Mention,
    excluded: Collection[str],
    supported: Collection[str | None],
    narrowed: dict[tuple[int, tuple[Meaning, ...]], Phrase],
) -> bool:
    """Whether a mention still counts: an ambiguous one does, as the countries that are not excluded but `supported`."""
    phrase = mention.phrase
    left = tuple(each for each in phrase.meanings if each[0] not in excluded and each[0] in supported)
    if mention.country or not left:
        return False
    key = (id(phrase), left)
    if key not in narrowed:  # one phrase for all mentions, which are compared by it
        narrowed[key] = replace(phrase, meanings=left)
    mention.phrase = narrowed[key]
    return True
