"""What a phrase is where it stands: rules for words that are also people, money, or common nouns."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from digest.regions.pure.mentions import Mention
from digest.regions.pure.vocabulary import Care, Kind

CURRENCIES = (
    "cent cents crown crowns dinar dinars dirham dirhams dlr dlrs dollar dollars euro franc francs krona "
    "kroner lira mark marks peso pesos pound pounds rand rial rials riyal riyals ruble rubles rupee "
    "rupees shilling shillings sterling yen"
)
STREETS = "ave avenue blvd boulevard drive lane rd road st street"
# After a demonym: what is eaten, spoken or taught anywhere, and people whose forebears came from there.
CULTURE = (
    "accent ancestry bakery bistro bread bulldog class classes cuisine dancers dancing deli descent dish "
    "dishes extraction food foods grocery heritage immersion lesson lessons mastiff origin pastry pub "
    "pubs restaurant restaurants roots sausage sausages setter spaniel style subtitles teacher teachers "
    "terrier themed toast translation version"
)
# After these a capital letter begins no surname ("Jordan Prime Minister") and no other name ("Boston Mayor").
_OFFICES = (
    "Accord Airport Ambassador Army Arts Bishop Borough Bourse Bridge Business Central Chamber Chief City "
    "Clearing Club Commodity Conference Council County Court Defence Defense Deputy Development District "
    "Education Embassy Energy Exchange Fashion Finance Financial Fire Foreign Gov Government Governor "
    "Health High Interbank Interior International King Marathon Mayor Metal Metropolitan Minister "
    "Ministry Museum National Olympic Olympics Opera Parliament Police President Prime Prince Province "
    "Provincial Queen Region School Sen Senator Services State Stock Summit Superior Supreme Symphony "
    "Theater Theatre Township Trade Underground University Zoo"
)
OFFICES = frozenset(_OFFICES.split())
INITIALS = frozenset("ABCDFGHIJKLMOPQRTUVXYZ")  # before a point; N., S., E. and W. are quarters of the sky
SHORTEST_BEFORE = 4  # characters: an initial, its point and blanks
NEAR = 16  # characters around a mention that are looked at
SENTENCE = 0.25  # share of words in small letters; a title with fewer has capitals throughout
TOWNS = frozenset({Kind.CAPITAL, Kind.CITY, Kind.TOWN})
GUARD, MONEY, PERSON, NAMESAKE, NOUN = Care.GUARD, Care.MONEY, Care.PERSON, Care.NAMESAKE, Care.NOUN
STREET, CULTURAL = Care.STREET, Care.CULTURAL
# A word that may follow, and which names are none of a country's before it.
FOLLOWING = (
    dict.fromkeys(CURRENCIES.split(), MONEY)
    | dict.fromkeys(STREETS.split(), STREET)
    | dict.fromkeys(CULTURE.split(), CULTURAL)
)
POINT_OR_DOLLAR = frozenset(".$")
# The blank and first two letters of each, and before which names it matters: spares most words the full look.
FOLLOWING_BEGINS: dict[str, int] = {}
for _word, _care in FOLLOWING.items():
    for _begin in {f" {_word[0]}{_word[1]}", f" {_word[:2].title()}", f" {_word[:2].upper()}"}:
        FOLLOWING_BEGINS[_begin] = FOLLOWING_BEGINS.get(_begin, 0) | _care
QUALIFIED_BY_STATES = TOWNS | {Kind.NAME, Kind.STATE}
QUALIFYING = frozenset({Kind.QUALIFIER, Kind.STATE, Kind.NAME})


@dataclass(frozen=True, slots=True)
class Given:
    """Given names and titles, after which a word is a surname, and the last three characters of each."""

    names: frozenset[str]
    ends: frozenset[str]  # spare most words the full look

    @classmethod
    def of(cls, names: frozenset[str]) -> "Given":
        """Of the names alone; initials ("J.") are among the ends."""
        ends = {f" {name}"[-3:] for name in names} | {f" {name}."[-3:] for name in names}
        return cls(names, frozenset(ends | {f" {initial}." for initial in INITIALS}))


def qualify(mentions: list[Mention]) -> None:
    """`LEBANON, Pa.`: what follows the comma says where the place is, here and wherever the word stands alone."""
    elsewhere: dict[str, str] = {}
    for one, other in pairwise(mentions):
        if not other.follows or other.phrase.kind not in QUALIFYING:
            continue
        if one.text is other.text and _qualifies(one, other, one.text[one.end : other.start]):
            country = _shared(one, other)
            one.country = other.country = elsewhere[one.phrase.text] = country
    if elsewhere:
        for mention in mentions:
            if mention.phrase.text in elsewhere and not mention.country:
                mention.country = elsewhere[mention.phrase.text]


def _shared(one: Mention, other: Mention) -> str:
    """The country that both can be in, else the qualifying one's."""
    own = [country for country, _ in one.phrase.readings]
    for country, _ in other.phrase.readings:
        if country in own:
            return country
    return other.phrase.readings[0][0]


def _qualifies(one: Mention, other: Mention, gap: str) -> bool:
    if not one.phrase.readings or not other.phrase.readings:
        return False
    match other.phrase.kind:
        case Kind.QUALIFIER:
            return gap == ""
        case Kind.STATE:
            return (gap == ", " and one.phrase.kind in QUALIFIED_BY_STATES) or (
                gap == " " and one.phrase.kind in TOWNS
            )
        case Kind.NAME:
            return gap == ", " and (one.phrase.kind in TOWNS or _shared(one, other) in one.phrase.countries)
        case _:
            return False


def without_other_things(mentions: list[Mention], given: Given, texts: Collection[str]) -> list[Mention]:
    """The mentions that stand for a place: without guards, money, people and common nouns."""
    kept: list[Mention] = []
    doubtful: set[str] = set()
    nouns: dict[str, bool] = {}
    for mention in mentions:
        care = mention.phrase.care
        if care:
            if care & GUARD:
                continue
            text, end = mention.text, mention.end
            after = text[end : end + 3]
            told = FOLLOWING_BEGINS.get(after, 0) & care or (care & MONEY and after[:1] in POINT_OR_DOLLAR)
            if told and _is_told_by_next_word(mention):
                continue
            start = mention.start
            named = text[start - 4 : start - 1] in given.ends or care & NAMESAKE or start < SHORTEST_BEFORE
            if named and _is_person(mention, given.names):
                doubtful.add(mention.phrase.text)
                continue
            if care & NOUN and mention.phrase.text not in nouns:
                nouns[mention.phrase.text] = _is_noun(mention.phrase.text, texts)
        kept.append(mention)
    doubtful.update([word for word, is_noun in nouns.items() if is_noun])
    if doubtful:  # a dateline's town is a town, whatever "London Breed" is
        doubtful.difference_update([m.phrase.text for m in kept if m.where == "dateline"])
    return _backed(kept, doubtful) if doubtful else kept


def _backed(mentions: list[Mention], doubtful: set[str]) -> list[Mention]:
    """Without the doubtful words, but where something else speaks for their country."""
    sure = {m.phrase.readings[0][0] for m in mentions if m.phrase.text not in doubtful and m.phrase.readings}
    return [m for m in mentions if m.phrase.text not in doubtful or sure.intersection(m.phrase.countries)]


def _is_told_by_next_word(mention: Mention) -> bool:
    """`Swiss francs`, `US$`, `Lisbon Street`, `Italian restaurant`: no news of the country."""
    end = mention.end
    after = mention.text[end : end + NEAR].removeprefix(".")
    if after[:1] != " ":
        return after[:1] == "$" and mention.phrase.care & MONEY != 0
    word = after[1:].partition(" ")[0].rstrip(".,;:)").lower()
    return FOLLOWING.get(word, 0) & mention.phrase.care != 0


def _is_person(mention: Mention, given: frozenset[str]) -> bool:
    start, text, care = mention.start, mention.text, mention.phrase.care
    if start > 2 and care & PERSON and text[start - 1] == " ":
        before = text[max(start - NEAR, 0) : start - 1].rpartition(" ")[2]
        if before[-1:] == ".":
            before = before[:-1]
            if before in INITIALS:
                return True
        if before in given:
            return True
    return care & NAMESAKE != 0 and _surname_follows(mention)


def _surname_follows(mention: Mention) -> bool:
    """`Jordan Bita`, in a line where a capital letter means something."""
    text, end = mention.text, mention.end
    if text[mention.start + 1].isupper() or is_title_case(mention):
        return False
    after = text[end : end + NEAR]
    if len(after) < len(" Xy") or after[0] != " " or not after[1].isupper():
        return False
    following = after[1:].split()[0].rstrip(".,;:’'s")
    return following.isalpha() and not following.isupper() and following not in OFFICES


def is_title_case(mention: Mention) -> bool:
    """Whether the mention stands in a title whose words all have capitals."""
    if mention.where != "title":
        return False
    words = mention.text.split()
    return sum(word[0].islower() for word in words) < SENTENCE * len(words)


def _is_noun(word: str, texts: Collection[str]) -> bool:
    """`Turkey prices` where the text speaks of turkey."""
    small = f" {word.lower()}"
    return any(small in text and re.search(rf"{small}\b", text) for text in texts)
