"""Separates places from words that only look like places: people, money, streets, common nouns."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from digest.regions.pure.mentions import Mention
from digest.regions.pure.vocabulary import PhraseCheck, PhraseKind

CURRENCIES = (
    "cent cents crown crowns dinar dinars dirham dirhams dlr dlrs dollar dollars euro franc francs krona "
    "kroner lira mark marks peso pesos pound pounds rand rial rials riyal riyals ruble rubles rupee "
    "rupees shilling shillings sterling yen"
)
STREET_WORDS = "ave avenue blvd boulevard drive lane rd road st street"
# After a demonym these mean no country: they are eaten, spoken or taught anywhere, or mean people of that descent.
CULTURAL_WORDS = (
    "accent ancestry bakery bistro bread bulldog class classes cuisine dancers dancing deli descent dish "
    "dishes extraction food foods grocery heritage immersion lesson lessons mastiff origin pastry pub "
    "pubs restaurant restaurants roots sausage sausages setter spaniel style subtitles teacher teachers "
    "terrier themed toast translation version"
)
# Capitalized words that are no surname after a place: "Jordan Prime Minister", "Boston Mayor".
_OFFICES = (
    "Accord Airport Ambassador Army Arts Bishop Borough Bourse Bridge Business Central Chamber Chief City "
    "Clearing Club Commodity Conference Council County Court Defence Defense Deputy Development District "
    "Education Embassy Energy Exchange Fashion Finance Financial Fire Foreign Gov Government Governor "
    "Health High Interbank Interior International King Marathon Mayor Metal Metropolitan Minister "
    "Ministry Museum National Olympic Olympics Opera Parliament Police President Prime Prince Province "
    "Provincial Queen Region School Sen Senator Services State Stock Summit Superior Supreme Symphony "
    "Theater Theatre Township Trade Underground University Zoo"
)
NOT_SURNAMES = frozenset(_OFFICES.split())
INITIALS = frozenset("ABCDFGHIJKLMOPQRTUVXYZ")  # before a full stop; N., S., E. and W. are directions
GIVEN_NAME_LOOKBEHIND = 4  # characters: an initial, its full stop, and blanks
CONTEXT_CHARS = 16  # characters around a mention that the rules read
SENTENCE_CASE_SHARE = 0.25  # share of words in small letters; a title with fewer is in title case
SETTLEMENT_KINDS = frozenset({PhraseKind.CAPITAL, PhraseKind.CITY, PhraseKind.TOWN})
DIVISION = PhraseKind.DIVISION
GUARD, MONEY, SURNAME, GIVEN_NAME, COMMON_NOUN = (
    PhraseCheck.GUARD,
    PhraseCheck.MONEY,
    PhraseCheck.SURNAME,
    PhraseCheck.GIVEN_NAME,
    PhraseCheck.COMMON_NOUN,
)
STREET, CULTURAL = PhraseCheck.STREET, PhraseCheck.CULTURAL
# For each next word, a check: before this word, a phrase with this check names no place (`Swiss` before `francs`).
CHECKS_BY_NEXT_WORD = (
    dict.fromkeys(CURRENCIES.split(), MONEY)
    | dict.fromkeys(STREET_WORDS.split(), STREET)
    | dict.fromkeys(CULTURAL_WORDS.split(), CULTURAL)
)
FULL_STOP_OR_DOLLAR = frozenset(".$")
# The same, by a blank and the first two letters of the next word: a quick test that rules most words out.
CHECKS_BY_NEXT_LETTERS: dict[str, int] = {}
for _word, _check in CHECKS_BY_NEXT_WORD.items():
    for _prefix in {f" {_word[0]}{_word[1]}", f" {_word[:2].title()}", f" {_word[:2].upper()}"}:
        CHECKS_BY_NEXT_LETTERS[_prefix] = CHECKS_BY_NEXT_LETTERS.get(_prefix, 0) | _check
STATE_QUALIFIED_KINDS = SETTLEMENT_KINDS | {PhraseKind.NAME, PhraseKind.STATE}
QUALIFYING_KINDS = frozenset({PhraseKind.QUALIFIER, PhraseKind.STATE, PhraseKind.NAME})


@dataclass(frozen=True, slots=True)
class GivenNames:
    """Given names and titles that make the next word a surname."""

    names: frozenset[str]
    # The last three characters of each name and initial, for a quick test before `names`.
    suffixes: frozenset[str]

    @classmethod
    def of(cls, names: frozenset[str]) -> "GivenNames":
        """The names with their suffixes; the suffixes of initials ("J.") are added."""
        suffixes = {f" {name}"[-3:] for name in names} | {f" {name}."[-3:] for name in names}
        return cls(names, frozenset(suffixes | {f" {initial}." for initial in INITIALS}))


def apply_qualifiers(mentions: list[Mention]) -> None:
    """Set the country of places with a qualifier: `LEBANON, Pa.` is in the United States.

    Mentions of the same word without a qualifier get the same country, and so does Niger beside `Niger governor`.
    """
    qualified = {
        mention.phrase.text.partition(" ")[0]: mention.phrase.meanings[0][0]
        for mention in mentions
        if mention.phrase.kind is DIVISION
    }
    for place, qualifier in pairwise(mentions):
        if not qualifier.follows_previous or qualifier.phrase.kind not in QUALIFYING_KINDS:
            continue
        if place.text is qualifier.text and _qualifies(
            place, qualifier, place.text[place.end : qualifier.start]
        ):
            country = _shared_country(place, qualifier)
            place.country = qualifier.country = qualified[place.phrase.text] = country
    if qualified:
        for mention in mentions:
            if mention.phrase.text in qualified and not mention.country:
                mention.country = qualified[mention.phrase.text]


def _shared_country(place: Mention, qualifier: Mention) -> str:
    """The qualifier's likeliest country that the place can be in, else the qualifier's likeliest one."""
    place_countries = place.phrase.countries
    for country, _ in qualifier.phrase.meanings:
        if country in place_countries:
            return country
    return qualifier.phrase.meanings[0][0]


def _qualifies(place: Mention, qualifier: Mention, gap: str) -> bool:
    """Whether the second mention says where the first one is; `gap` is the text between them."""
    if not place.phrase.meanings or not qualifier.phrase.meanings:
        return False
    match qualifier.phrase.kind:
        case PhraseKind.QUALIFIER:
            return gap == ""
        case PhraseKind.STATE:
            return (gap == ", " and place.phrase.kind in STATE_QUALIFIED_KINDS) or (
                gap == " " and place.phrase.kind in SETTLEMENT_KINDS
            )
        case PhraseKind.NAME:
            return gap == ", " and (
                place.phrase.kind in SETTLEMENT_KINDS
                or _shared_country(place, qualifier) in place.phrase.countries
            )
        case _:
            return False


def drop_non_places(
    mentions: list[Mention], given_names: GivenNames, texts: Collection[str]
) -> list[Mention]:
    """The mentions that mean a place: without guards, money, streets, people and common nouns.

    A guard ("Gulf of Mexico") was found only so that a place name within it does not count. `texts` are the title and
    the text, in which common nouns are searched.
    """
    places: list[Mention] = []
    doubtful: set[str] = set()
    noun_tests: dict[str, bool] = {}
    for mention in mentions:
        checks = mention.phrase.checks
        if checks:
            if checks & GUARD:
                continue
            text, end = mention.text, mention.end
            after = text[end : end + 3]
            may_be_excluded = CHECKS_BY_NEXT_LETTERS.get(after, 0) & checks or (
                checks & MONEY and after[:1] in FULL_STOP_OR_DOLLAR
            )
            if may_be_excluded and _is_excluded_by_next_word(mention):
                continue
            start = mention.start
            may_be_person = (
                text[start - 4 : start - 1] in given_names.suffixes
                or checks & GIVEN_NAME
                or start < GIVEN_NAME_LOOKBEHIND
            )
            if may_be_person and _is_person(mention, given_names.names):
                doubtful.add(mention.phrase.text)
                continue
            if checks & COMMON_NOUN and mention.phrase.text not in noun_tests:
                noun_tests[mention.phrase.text] = _is_common_noun(mention.phrase.text, texts)
        places.append(mention)
    doubtful.update([word for word, is_noun in noun_tests.items() if is_noun])
    # The dateline names a place, even if the word is elsewhere part of a person's name ("London Breed").
    if doubtful:
        doubtful.difference_update([m.phrase.text for m in places if m.where == "dateline"])
    return _drop_unsupported(places, doubtful) if doubtful else places


def _drop_unsupported(mentions: list[Mention], doubtful: set[str]) -> list[Mention]:
    """Drop the mentions of doubtful words, unless another word speaks for their country."""
    supported = {
        m.phrase.meanings[0][0] for m in mentions if m.phrase.text not in doubtful and m.phrase.meanings
    }
    return [
        m for m in mentions if m.phrase.text not in doubtful or supported.intersection(m.phrase.countries)
    ]


def _is_excluded_by_next_word(mention: Mention) -> bool:
    """Whether the next word makes it no place name: `Swiss francs`, `US$`, `Lisbon Street`, `Italian restaurant`."""
    end = mention.end
    after = mention.text[end : end + CONTEXT_CHARS].removeprefix(".")
    if after[:1] != " ":
        return after[:1] == "$" and mention.phrase.checks & MONEY != 0
    word = after[1:].partition(" ")[0].rstrip(".,;:)").lower()
    return CHECKS_BY_NEXT_WORD.get(word, 0) & mention.phrase.checks != 0


def _is_person(mention: Mention, given_names: frozenset[str]) -> bool:
    start, text, checks = mention.start, mention.text, mention.phrase.checks
    if start > 2 and checks & SURNAME and text[start - 1] == " ":
        previous = text[max(start - CONTEXT_CHARS, 0) : start - 1].rpartition(" ")[2]
        if previous[-1:] == ".":
            previous = previous[:-1]
            if previous in INITIALS:
                return True
        if previous in given_names:
            return True
    return checks & GIVEN_NAME != 0 and _surname_follows(mention)


def _surname_follows(mention: Mention) -> bool:
    """Whether a surname comes next, as in `Jordan Bita`. False in title case, where every word has a capital."""
    text, end = mention.text, mention.end
    if text[mention.start + 1].isupper() or is_title_case(mention):
        return False
    after = text[end : end + CONTEXT_CHARS]
    if len(after) < len(" Xy") or after[0] != " " or not after[1].isupper():
        return False
    next_word = after[1:].split()[0].rstrip(".,;:’'s")
    return next_word.isalpha() and not next_word.isupper() and next_word not in NOT_SURNAMES


def is_title_case(mention: Mention) -> bool:
    """Whether the mention is in a title in which nearly every word has a capital."""
    if mention.where != "title":
        return False
    words = mention.text.split()
    return sum(word[0].islower() for word in words) < SENTENCE_CASE_SHARE * len(words)


def _is_common_noun(word: str, texts: Collection[str]) -> bool:
    """Whether a text has the word in small letters: `Turkey prices` names no place if the text mentions turkey."""
    lowered = f" {word.lower()}"
    return any(lowered in text and re.search(rf"{lowered}\b", text) for text in texts)
