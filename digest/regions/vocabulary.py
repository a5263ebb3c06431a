"""What the tagger knows, as values: which phrase means which country, and the words that need care."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

Where = Literal["title", "lead", "text", "dateline"]


class Kind(StrEnum):
    """What a phrase is, which says how much it tells about the country."""

    NAME = "name"
    ACRONYM = "acronym"  # counted in capitals only
    DEMONYM = "demonym"
    GOVERNMENT = "government"  # "Kremlin": stands for the state
    CAPITAL = "capital"
    STATE = "state"  # a first-level subdivision: "Texas", "Hubei"
    CITY = "city"
    QUALIFIER = "qualifier"  # "Calif": counted only after "Malibu, "
    UNSPACED = "unspaced"  # a name in a script that puts no blanks between words
    GUARD = "guard"  # "Gulf of Mexico": means no country, though a word in it would


@dataclass(frozen=True, slots=True)
class Phrase:
    """Folded words and the countries they can mean, the likeliest first; a guard means none."""

    text: str
    kind: Kind
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All phrases, each text once, and the folded words that the rules for doubtful cases ask for."""

    phrases: Sequence[Phrase]
    people: frozenset[str]  # places' names that are also people's
    given: frozenset[str]  # given names and titles: the word after one is a surname
    common: frozenset[str]  # places' names that are also common nouns

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> "Gazetteer":
        """From the data file's form: {"phrases": {kind: {"GE US": [text]}}, "people": [...], ...}."""
        phrases = tuple(
            Phrase(text=text, kind=Kind(kind), countries=tuple(codes.split()))
            for kind, by_codes in table["phrases"].items()
            for codes, texts in by_codes.items()
            for text in texts
        )
        return cls(
            phrases=phrases,
            people=frozenset(table["people"]),
            given=frozenset(table["given"]),
            common=frozenset(table["common"]),
        )
