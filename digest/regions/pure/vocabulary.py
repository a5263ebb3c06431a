"""The tagger's vocabulary as values: which phrase means which country, and which phrases need checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

TextPart = Literal["title", "lead", "text", "dateline"]
# A country (ISO 3166-1 alpha-2) that a phrase can mean, and how likely, as a power of ten: for a town, the log10 of
# its population. A plain tuple, because unpacking NamedTuples makes the tagger some 5 percent slower.
Meaning = tuple[str, float]
CERTAIN_LIKELIHOOD = 8.0  # of a country's own name; a capital with a million people has 7
LIKELIHOOD_STEP = 0.6  # how much less likely each country of a ranked list is than the one before it


def ranked_meanings(countries: Sequence[str], best: float = CERTAIN_LIKELIHOOD) -> tuple[Meaning, ...]:
    """Meanings for countries, the likeliest first; the first one has the likelihood `best`."""
    return tuple((code, best - LIKELIHOOD_STEP * rank) for rank, code in enumerate(countries))


class PhraseKind(StrEnum):
    """What a phrase is. The kind decides how much the phrase says about its country."""

    __hash__ = str.__hash__  # Enum's own hash is written in Python, and every mention looks up its kind

    NAME = "name"
    ACRONYM = "acronym"  # counts only in capitals
    DEMONYM = "demonym"
    GOVERNMENT = "government"  # "Kremlin": stands for the state
    LEADER = "leader"  # the surname of a head of state or government
    CAPITAL = "capital"
    STATE = "state"  # a first-level subdivision: "Texas", "Hubei"
    DIVISION = "division"  # "Niger governor": a state or province with the name of another country
    CITY = "city"
    TOWN = "town"  # a smaller place: counts only beside other evidence of its country
    QUALIFIER = "qualifier"  # ", Calif": counts only after a place
    CLUE = "clue"  # "school district": typical of a country's news; supports other words, weighs little
    LOCAL = "local"  # "city council": typical of local news; means the source's home country
    UNSPACED = "unspaced"  # a name in a script without blanks between words
    FOREIGN = "foreign"  # a country's name in another language, folded
    # "BBC", "Toyota": a newspaper or firm, as frequent in the news of other countries
    ORGANIZATION = "witness"
    GUARD = "guard"  # "Gulf of Mexico": means no country, although a word in it would
    # "European Commission", "Sahel": means many countries at once. Its meaning is the slug of a region, not a country.
    GROUP = "group"


class PhraseCheck:
    """The checks that a phrase needs before it counts as a place.

    Bits in plain integers, because every mention tests them and a Flag is slow.
    """

    NONE = 0
    GUARD = 1  # the phrase is never a place
    MONEY = 2  # a currency may follow
    SURNAME = 4  # a given name may come before
    GIVEN_NAME = 8  # the phrase is also a given name
    COMMON_NOUN = 16  # the phrase is also a common noun
    STREET = 32  # the phrase may be the name of a street
    CULTURAL = 64  # "restaurant" or "descent" may follow


CHECKS_BY_KIND = {
    PhraseKind.GUARD: PhraseCheck.GUARD,
    PhraseKind.NAME: PhraseCheck.MONEY | PhraseCheck.SURNAME | PhraseCheck.STREET,
    PhraseKind.DEMONYM: PhraseCheck.MONEY | PhraseCheck.SURNAME | PhraseCheck.CULTURAL,
    PhraseKind.ACRONYM: PhraseCheck.MONEY,
    PhraseKind.CAPITAL: PhraseCheck.SURNAME | PhraseCheck.STREET,
    PhraseKind.STATE: PhraseCheck.SURNAME | PhraseCheck.STREET,
    PhraseKind.CITY: PhraseCheck.SURNAME | PhraseCheck.STREET,
    PhraseKind.TOWN: PhraseCheck.SURNAME | PhraseCheck.STREET,
}


@dataclass(slots=True)
class Phrase:
    """Words as they are written, and what they can mean, the likeliest meaning first. A guard has no meaning.

    Phrases of other languages than English are folded (`digest.regions.pure.text_folding`). The class is not frozen,
    although nothing changes a phrase: nearly 50,000 are made when a process starts, and a frozen one takes three times
    as long to make.
    """

    text: str
    kind: PhraseKind
    meanings: tuple[Meaning, ...]
    checks: int = PhraseCheck.NONE

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries that the phrase can mean."""
        return tuple(country for country, _ in self.meanings)


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All phrases, each text once, and the given names and titles that make the next word a surname."""

    phrases: Sequence[Phrase]
    given_names: frozenset[str]

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> "Gazetteer":
        """The gazetteer of a data file: {"phrases": {kind: {"GE:8.0 US:6.5": [text]}}, "people": [...], ...}."""
        people, nouns = frozenset(table["people"]), frozenset(table["common"])
        phrases: list[Phrase] = []
        for kind_name, texts_by_codes in table["phrases"].items():
            kind = PhraseKind(kind_name)
            has_checks = kind in CHECKS_BY_KIND
            for codes, texts in texts_by_codes.items():
                meanings = _parse_meanings(codes)
                if has_checks:
                    phrases += [
                        Phrase(text, kind, meanings, _checks(text, kind, people, nouns)) for text in texts
                    ]
                else:
                    phrases += [Phrase(text, kind, meanings) for text in texts]
        return cls(phrases=phrases, given_names=frozenset(table["given"]))


def _checks(text: str, kind: PhraseKind, people: frozenset[str], nouns: frozenset[str]) -> int:
    checks = CHECKS_BY_KIND[kind]
    if " " in text:
        return checks & ~PhraseCheck.SURNAME
    lowered = text.lower()
    if kind is not PhraseKind.DEMONYM and lowered in people:
        checks |= PhraseCheck.GIVEN_NAME
    return checks | PhraseCheck.COMMON_NOUN if lowered in nouns else checks


def _parse_meanings(codes: str) -> tuple[Meaning, ...]:
    """The meanings of "GE:8.0 US:6.5" or, without a likelihood, of "KZ"."""
    pairs = (code.partition(":") for code in codes.split())
    return tuple(
        (country, float(likelihood) if likelihood else CERTAIN_LIKELIHOOD) for country, _, likelihood in pairs
    )
