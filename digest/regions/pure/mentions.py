"""Finds the gazetteer's phrases in a text: whole words, longest first, with the capitals they are written with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import ahocorasick_rs

from digest.regions.pure.foreign_names import ForeignFinder
from digest.regions.pure.text_folding import strip_accents, tidy
from digest.regions.pure.uppercase import Capitals
from digest.regions.pure.vocabulary import Gazetteer, Kind, Phrase, Where

LOUD = 0.8  # share of capitals among a line's letters from which on capitals say nothing ("TELL US MORE")
LOUD_HEAD = 200  # characters that tell how a text is written
LOUD_LETTERS = 8  # a line with fewer is too short to tell
ANY_CASE = frozenset({Kind.CLUE, Kind.LOCAL, Kind.GUARD})
OTHER_LANGUAGES = frozenset({Kind.UNSPACED, Kind.FOREIGN})
# The word before that makes another place of it: "St. Paris", "Fort Lebanon", "Lake Victoria"; and the
# last two characters of these, a point among them, which spare most words the full look.
BEFORE = frozenset(["st", "saint", "san", "santa", "fort", "mount", "lake", "port"])
ENDS_BEFORE = frozenset(
    f"{one}{two}"
    for word in BEFORE
    for end in (word[-2:], f"{word[-1]}.", "..")
    for one in (end[0], end[0].upper())
    for two in (end[1], end[1].upper())
)
# Characters of a text in which a town in capitals is one: where a dateline is. Further on they are headings.
CAPITALS_WITHIN = 200
LONGEST_GAP = 2  # characters between a place and what qualifies it: a comma and a blank
LONGEST_BEFORE = 7  # characters, with the blank
ACRONYM, QUALIFIER = Kind.ACRONYM, Kind.QUALIFIER
# What stands before the words must be looked at: of these seldom, of places if in capitals, of the last always.
SELDOM, IF_IN_CAPITALS, ALWAYS = 1, 2, 3
NEEDS_LOOK = {
    Kind.NAME: SELDOM,
    Kind.CAPITAL: SELDOM,
    Kind.ACRONYM: SELDOM,
    Kind.CITY: IF_IN_CAPITALS,
    Kind.STATE: IF_IN_CAPITALS,
    Kind.TOWN: IF_IN_CAPITALS,
    Kind.QUALIFIER: ALWAYS,
}
PLACES = frozenset({Kind.CITY, Kind.STATE, Kind.TOWN})


@dataclass(slots=True)
class Mention:
    """A phrase where it stands in a text, `[start, end)` in characters, and what is made of it.

    Not frozen: thousands are made a second, and a frozen one takes three times as long to make.
    """

    start: int
    end: int
    phrase: Phrase
    text: str  # tidied: as long as the text itself
    where: Where
    country: str = ""  # which it stands for, once that is settled
    follows: bool = False  # right after another one, which it may qualify


class Finder:
    """Looks for all phrases at once (Aho-Corasick); made once, as that takes a moment."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        english = [phrase for phrase in gazetteer.phrases if phrase.kind not in OTHER_LANGUAGES]
        self._other_phrases = [phrase for phrase in gazetteer.phrases if phrase.kind in OTHER_LANGUAGES]
        self._capitals = Capitals(phrase.text for phrase in english)
        self._phrases = _by_form(english, self._capitals)
        forms = sorted(self._phrases)  # the matcher is made a third faster of sorted ones
        # By the number of a form. Two rows of octets and a list are made faster than 50,000 tuples.
        self._phrase_of = [self._phrases[form] for form in forms]
        self._begins_word = bytes([form[0] not in ", " for form in forms])
        self._needs_look = bytes([NEEDS_LOOK.get(phrase.kind, 0) for phrase in self._phrase_of])
        self._words = ahocorasick_rs.AhoCorasick(
            forms, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest, store_patterns=False
        )

    @cached_property
    def _foreign(self) -> ForeignFinder:
        """Made when the first text comes that is not English."""
        return ForeignFinder(self._other_phrases)

    def find(self, text: str, where: Where, *, english: bool) -> list[Mention]:
        """All mentions in `text` in order, none of them overlapping another of its language.

        `english` says that no other language needs to be looked for.
        """
        text = tidy(text)
        loud = is_loud(text)
        written = self._as_names(text, text if loud or where == "title" else text[:CAPITALS_WITHIN])
        phrase_of, begins_word, needs_look = self._phrase_of, self._begins_word, self._needs_look
        mentions: list[Mention] = []
        last = -LONGEST_GAP - 1
        for index, start, end in self._words.find_matches_as_indexes(written):
            if start and begins_word[index] and text[start - 1].isalnum():
                continue
            phrase, stop = phrase_of[index], end
            if end < len(text) and text[end].isalpha() and text[end - 1] not in ".,":
                shorter = self._shorter(written[start:end])
                if shorter is None:
                    continue
                phrase, stop = shorter[0], start + shorter[1]
            look = needs_look[index]
            if (
                look
                and (
                    text[start - 3 : start - 1] in ENDS_BEFORE
                    or (look == IF_IN_CAPITALS and text[start + 1].isupper())
                    or look == ALWAYS
                    or loud
                )
                and not _is_meant(text, start, phrase, loud=loud)
            ):
                continue
            mention = Mention(start, stop, phrase, text, where)
            mention.follows = start - last <= LONGEST_GAP
            mentions.append(mention)
            last = stop
        if english:
            return mentions
        others = (Mention(*found, text, where) for found in self._foreign.find(text))
        return _without_overlaps([*mentions, *others])

    def _as_names(self, text: str, head: str) -> str:
        """The text, and words in capitals of its `head` as names are written."""
        lowered = self._capitals.lowered(head)
        return text if lowered is head else lowered + text[len(head) :]

    def _shorter(self, words: str) -> tuple[Phrase, int] | None:
        """The longest phrase that `words`, without its last ones, is."""
        end = words.rfind(" ")
        while end > 0:
            phrase = self._phrases.get(words[:end])
            if phrase is not None:
                return phrase, end
            end = words.rfind(" ", 0, end)
        return None


def _by_form(phrases: Iterable[Phrase], capitals: Capitals) -> dict[str, Phrase]:
    """Each form that a phrase can have in a text."""
    found: dict[str, Phrase] = {}
    known = found.setdefault
    for phrase in phrases:
        text = phrase.text
        if phrase.kind in PLACES and text.isascii() and "-" not in text and capitals.finds(text):
            known(text, phrase)  # the usual case, quicker than below
        else:
            for form in _forms(phrase, capitals):
                known(form, phrase)
    return found


def _forms(phrase: Phrase, capitals: Capitals) -> Iterator[str]:
    """As a text may write it: with and without accents, in headlines' capitals, in capitals throughout."""
    written, kind = tidy(phrase.text), phrase.kind
    spellings = (written,) if written.isascii() else (written, strip_accents(written))
    for spelling in spellings:
        yield spelling
        if kind in PLACES and capitals.finds(spelling):
            continue
        if kind is not ACRONYM:
            if " " in spelling:
                yield " ".join([word[:1].upper() + word[1:] for word in spelling.split(" ")])
            yield capitals.lowered(spelling.upper())
            if kind not in PLACES:
                yield spelling.upper()
        if kind in ANY_CASE:
            # With a blank before, so that the search need not follow every word that begins like one.
            yield f" {spelling.lower()}"


def _is_meant(text: str, start: int, phrase: Phrase, *, loud: bool) -> bool:
    """Whether what stands before the words lets them be the phrase."""
    kind = phrase.kind
    if kind is QUALIFIER:
        return start > 1 and text[start - 1].isalpha()
    if loud and _is_plain_acronym(phrase):
        return False
    if start < 2 or text[start - 1] != " ":
        return True
    before = text[start - 2]
    if text[start + 1].isupper() and not loud and before.islower() and kind in PLACES:
        return False  # an acronym in running text ("SARI surveillance"); a dateline's capitals are a town
    return text[start - 3 : start - 1] not in ENDS_BEFORE or _word_before(text, start) not in BEFORE


def _is_plain_acronym(phrase: Phrase) -> bool:
    return phrase.kind is Kind.ACRONYM and phrase.text.isalpha()


def _word_before(text: str, start: int) -> str:
    return text[max(start - LONGEST_BEFORE, 0) : start - 1].rpartition(" ")[2].rstrip(".").lower()


def is_loud(text: str) -> bool:
    """Whether a text is in capitals throughout."""
    head = text[:LOUD_HEAD]
    if head[1:2].islower() or head[2:3].islower():
        return False
    capitals, small = sum(map(str.isupper, head)), sum(map(str.islower, head))
    return capitals + small >= LOUD_LETTERS and capitals >= LOUD * (capitals + small)


def _without_overlaps(mentions: list[Mention]) -> list[Mention]:
    """In order; of two that overlap, the one that begins first, the longer one of a tie."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda mention: (mention.start, -mention.end)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept
