"""What a phrase means where it stands: rules for words that are also people, money, other places or other things."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from digest.regions.mentions import Mention
from digest.regions.spelling import fold
from digest.regions.vocabulary import Gazetteer, Kind, Where

CURRENCIES = frozenset(
    {
        "crown",
        "crowns",
        "dinar",
        "dinars",
        "dollar",
        "dollars",
        "franc",
        "francs",
        "krona",
        "kroner",
        "lira",
        "peso",
        "pesos",
    }
    | {"pound", "pounds", "riyal", "riyals", "rupee", "rupees", "yen"}
)
# After these a capital letter begins no surname: "Jordan Prime Minister", "Jordan River" has its guard.
OFFICES = frozenset(
    {
        "ambassador",
        "army",
        "central",
        "city",
        "county",
        "defence",
        "defense",
        "embassy",
        "finance",
        "foreign",
        "government",
    }
    | {
        "health",
        "interior",
        "international",
        "king",
        "minister",
        "national",
        "parliament",
        "police",
        "president",
        "prime",
    }
    | {"prince", "queen", "state", "supreme", "university"}
)
ADJACENT = 2  # characters: the comma and the blank of "London, Ontario"
NEAR = 24  # characters around a mention that are looked at
SENTENCE = 0.25  # share of words in small letters; a title with fewer has capitals throughout


@dataclass(frozen=True, slots=True)
class Sighting:
    """A mention in one of the texts, and the country it stands for once that is settled."""

    source: str
    mention: Mention
    where: Where
    countries: tuple[str, ...]

    @property
    def words(self) -> str:
        """As the text writes it."""
        return self.source[self.mention.start : self.mention.end]


def settle(
    sightings: Sequence[Sighting], gazetteer: Gazetteer, *, small: frozenset[str], home: str | None
) -> list[Sighting]:
    """The sightings that stand for a country, each with just one."""
    placed = _read_qualifiers(sightings)
    kept = [sighting for sighting in placed if sighting.countries and not _is_money(sighting)]
    kept = _without_people(kept, gazetteer)
    kept = _without_common_nouns(kept, gazetteer.common & small)
    return _choose(kept, home)


def _read_qualifiers(sightings: Sequence[Sighting]) -> list[Sighting]:
    """`LEBANON, Pa.`: what follows the comma says where the place is, here and wherever the word stands alone."""
    elsewhere: dict[str, tuple[str, ...]] = {}
    used: set[int] = set()
    for index, (one, other) in enumerate(pairwise(sightings)):
        if _qualifies(one, other):
            used.add(index + 1)
            if one.countries and not set(one.countries) <= set(other.countries):
                elsewhere[one.mention.phrase.text] = other.countries
    kept = [
        sighting
        for index, sighting in enumerate(sightings)
        if sighting.mention.phrase.kind is not Kind.QUALIFIER or index in used or _follows_a_town(sighting)
    ]
    if not elsewhere:
        return kept
    return [replace(s, countries=elsewhere.get(s.mention.phrase.text, s.countries)) for s in kept]


def _qualifies(one: Sighting, other: Sighting) -> bool:
    gap = one.source[one.mention.end : other.mention.start]
    if one.source is not other.source or gap != ", ":
        return False
    match other.mention.phrase.kind:
        case Kind.QUALIFIER:
            return True
        case Kind.STATE:
            return one.mention.phrase.kind in (Kind.CITY, Kind.CAPITAL)
        case Kind.NAME:
            return one.mention.phrase.kind is Kind.CITY
        case _:
            return False


def _follows_a_town(sighting: Sighting) -> bool:
    """`TRENTON, N.J.` of a town that is not in the gazetteer: a comma before, a point after."""
    start, end = sighting.mention.start, sighting.mention.end
    before = sighting.source[max(start - ADJACENT - 1, 0) : start]
    return (
        len(before) > ADJACENT
        and before[0].isalpha()
        and before[1:] == ", "
        and sighting.source[end : end + 1] == "."
    )


def _is_money(sighting: Sighting) -> bool:
    """`Swiss francs`, `US$`: a currency is no news of its country."""
    if sighting.mention.phrase.kind not in (Kind.DEMONYM, Kind.ACRONYM, Kind.NAME):
        return False
    after = sighting.source[sighting.mention.end : sighting.mention.end + NEAR]
    return after[:1] == "$" or _first_word(after) in CURRENCIES


def _without_people(sightings: list[Sighting], gazetteer: Gazetteer) -> list[Sighting]:
    """Drops a place's word that is a person's name; once a person in a text, a bare one is that person too."""
    persons = [_is_person(sighting, gazetteer) for sighting in sightings]
    names = {s.mention.phrase.text for s, person in zip(sightings, persons, strict=True) if person}
    if not names:
        return sightings
    backed = {country for s in sightings if s.mention.phrase.text not in names for country in s.countries}
    return [
        sighting
        for sighting, person in zip(sightings, persons, strict=True)
        if not person
        and (sighting.mention.phrase.text not in names or backed.intersection(sighting.countries))
    ]


def _is_person(sighting: Sighting, gazetteer: Gazetteer) -> bool:
    word = sighting.mention.phrase.text
    if " " in word or sighting.mention.phrase.kind is Kind.ACRONYM:
        return False
    before = sighting.source[max(sighting.mention.start - NEAR, 0) : sighting.mention.start]
    if before.endswith((" ", ". ")) and _last_word(before) in gazetteer.given:
        return True
    return word in gazetteer.people and _surname_follows(sighting)


def _surname_follows(sighting: Sighting) -> bool:
    """`Jordan Bita`, in a line where a capital letter means something."""
    if sighting.mention.phrase.kind is Kind.DEMONYM or sighting.words.isupper() or _is_title_case(sighting):
        return False
    after = sighting.source[sighting.mention.end : sighting.mention.end + NEAR]
    if len(after) < len(" Xy") or after[0] != " " or not after[1].isupper():
        return False
    following = after[1:].split()[0].rstrip(".,;:’'s")
    return following.isalpha() and not following.isupper() and following.lower() not in OFFICES


def _is_title_case(sighting: Sighting) -> bool:
    if sighting.where != "title":
        return False
    words = sighting.source.split()
    return sum(word[0].islower() for word in words) < SENTENCE * len(words)


def _without_common_nouns(sightings: list[Sighting], nouns: frozenset[str]) -> list[Sighting]:
    """`Turkey prices` where the text speaks of turkey, and of nothing else that is Turkish."""
    if not nouns:
        return sightings
    backed = {country for s in sightings if s.mention.phrase.text not in nouns for country in s.countries}
    return [s for s in sightings if s.mention.phrase.text not in nouns or backed.intersection(s.countries)]


def _choose(sightings: list[Sighting], home: str | None) -> list[Sighting]:
    """Of a word's countries, the one with most other evidence; else the source's own; else the likeliest."""
    counts: dict[str, int] = {}
    for sighting in sightings:
        if len(sighting.countries) == 1:
            counts[sighting.countries[0]] = counts.get(sighting.countries[0], 0) + 1

    def chosen(sighting: Sighting) -> Sighting:
        if len(sighting.countries) == 1:
            return sighting
        best = max(sighting.countries, key=lambda country: (counts.get(country, 0), country == home))
        return replace(sighting, countries=(best,))

    return [chosen(sighting) for sighting in sightings]


def _first_word(after: str) -> str:
    parts = fold(after).split(maxsplit=1)
    return parts[0] if after[:1] in " -" and parts else ""


def _last_word(before: str) -> str:
    parts = fold(before).rsplit(maxsplit=1)
    return parts[-1] if parts else ""
