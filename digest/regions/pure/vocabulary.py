"""What the tagger knows, as values: which phrase means which country, and the words that need care."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

Where = Literal["title", "lead", "text", "dateline"]
Reading = tuple[str, float]  # a country, and how likely the phrase means it: some log10 of people
CERTAIN = 8.0  # the likelihood of a country's own name; a capital of a million has 7
NEXT = 0.6  # by how much a reading is less likely than the one that is listed before it


class Kind(StrEnum):
    """What a phrase is, which says how much it tells about the country."""

    __hash__ = str.__hash__  # Enum's own is written in Python, and kinds are looked up for every mention

    NAME = "name"
    ACRONYM = "acronym"  # counted in capitals only
    DEMONYM = "demonym"
    GOVERNMENT = "government"  # "Kremlin": stands for the state
    CAPITAL = "capital"
    STATE = "state"  # a first-level subdivision: "Texas", "Hubei"
    CITY = "city"
    TOWN = "town"  # a smaller place: counted beside other evidence of its country only
    QUALIFIER = "qualifier"  # ", Calif": counted only after a place
    CLUE = "clue"  # "school district", "Plc": what a country's news speaks of; backs others, weighs little
    LOCAL = "local"  # "city council": what local news speaks of; means the source's home country
    UNSPACED = "unspaced"  # a name in a script that puts no blanks between words
    FOREIGN = "foreign"  # a country's name in another language, folded
    WITNESS = "witness"  # "BBC", "Toyota": a newspaper or firm, in the news of other countries as often
    GUARD = "guard"  # "Gulf of Mexico": means no country, though a word in it would


class Care:
    """What must be looked at before a phrase is taken for a place: bits in plain numbers, asked for at each mention."""

    NONE = 0
    GUARD = 1  # it is none
    MONEY = 2  # a currency may follow
    PERSON = 4  # a given name may come before
    NAMESAKE = 8  # it is a given name itself
    NOUN = 16  # it is a common noun, too
    STREET = 32  # it may be the name of a street
    CULTURAL = 64  # "restaurant" or "descent" may follow


CARE = {
    Kind.GUARD: Care.GUARD,
    Kind.NAME: Care.MONEY | Care.PERSON | Care.STREET,
    Kind.DEMONYM: Care.MONEY | Care.PERSON | Care.CULTURAL,
    Kind.ACRONYM: Care.MONEY,
    Kind.CAPITAL: Care.PERSON | Care.STREET,
    Kind.STATE: Care.PERSON | Care.STREET,
    Kind.CITY: Care.PERSON | Care.STREET,
    Kind.TOWN: Care.PERSON | Care.STREET,
}


@dataclass(slots=True)
class Phrase:
    """Words as they are written and what they can mean, the likeliest first; a guard means nothing.

    Phrases of other languages than English are folded (`digest.regions.pure.text_folding`). Not frozen, though nothing
    changes one: nearly 50,000 are made when a process starts, and a frozen one takes three times as long to make.
    """

    text: str
    kind: Kind
    readings: tuple[Reading, ...]
    care: int = Care.NONE

    @classmethod
    def of(cls, text: str, kind: Kind, countries: Sequence[str]) -> "Phrase":
        """A phrase that means these countries, the likeliest first, and needs no care."""
        return cls(text, kind, tuple((code, CERTAIN - NEXT * rank) for rank, code in enumerate(countries)))

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries it can mean."""
        return tuple(country for country, _ in self.readings)


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All phrases, each text once, and the given names and titles after which a word is a surname."""

    phrases: Sequence[Phrase]
    given: frozenset[str]

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> "Gazetteer":
        """From the data file's form: {"phrases": {kind: {"GE:8.0 US:6.5": [text]}}, "people": [...], ...}."""
        people, common = frozenset(table["people"]), frozenset(table["common"])
        phrases: list[Phrase] = []
        for name, by_codes in table["phrases"].items():
            kind = Kind(name)
            careless = kind not in CARE
            for codes, texts in by_codes.items():
                readings = _readings(codes)
                if careless:
                    phrases += [Phrase(text, kind, readings) for text in texts]
                else:
                    phrases += [
                        Phrase(text, kind, readings, _care(text, kind, people, common)) for text in texts
                    ]
        return cls(phrases=phrases, given=frozenset(table["given"]))


def _care(text: str, kind: Kind, people: frozenset[str], common: frozenset[str]) -> int:
    care = CARE[kind]
    if " " in text:
        return care & ~Care.PERSON
    folded = text.lower()
    if kind is not Kind.DEMONYM and folded in people:
        care |= Care.NAMESAKE
    return care | Care.NOUN if folded in common else care


def _readings(codes: str) -> tuple[Reading, ...]:
    pairs = (code.partition(":") for code in codes.split())
    return tuple((country, float(likely) if likely else CERTAIN) for country, _, likely in pairs)
