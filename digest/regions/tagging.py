"""Which countries a text is about: its mentions, weighed by what they are and where they stand."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from digest.regions import languages, lexicons
from digest.regions.ambiguity import Sighting, settle
from digest.regions.inflected import merged
from digest.regions.mentions import Finder, Found
from digest.regions.vocabulary import Gazetteer, Kind, Where

LONGEST_TITLE = 1_000  # characters read; what comes after is no headline
LONGEST_TEXT = 20_000  # characters read: some ten pages, and a bound on what a hostile text can cost
MOST_TAGS = 5  # a text about more countries than these is about none of the others
MOST_EVIDENCE = 5  # per country: enough to show why
LEAD = 250  # characters after the dateline: the first paragraph, which says what a story is about
DATELINE_WITHIN = 300  # characters; some sites repeat the title before it
FOCUS = 0.42  # share of the best country's weight; below it a country is only mentioned
HOME_BONUS = 1.15  # factor: what a source tells of its own country is rarely in passing

PLACE_WEIGHT: dict[Where, float] = {"title": 5.0, "lead": 1.5, "text": 1.0, "dateline": 2.0}
KIND_WEIGHT = {
    Kind.NAME: 1.0,
    Kind.ACRONYM: 1.0,
    Kind.UNSPACED: 1.0,
    Kind.GOVERNMENT: 0.4,
    Kind.DEMONYM: 0.8,
    Kind.CAPITAL: 1.0,
    Kind.STATE: 0.8,
    Kind.CITY: 0.7,
    Kind.QUALIFIER: 0.8,
}
# A place in capitals, perhaps the state, date and agency, and a dash: "ALMATY, Jan 11 (Reuters) -".
DATELINE = re.compile(
    r"(?:^|[.\n])\s{0,9}(?P<line>[A-ZÀ-Þ][A-ZÀ-Þ'’./ -]{2,40}(?:,[^\n–—-]{0,40})?(?:\([^)\n]{1,30}\))?)"
    r"\s{0,3}(?:--|[–—-])\s"
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that speak for a country, as the text writes them, where they stand, and what they are ("capital")."""

    where: Where
    words: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """A country (ISO 3166-1 alpha-2) a text is about; `weight` is in 0..1, the best one's is 1."""

    country: str
    weight: float
    evidence: tuple[Evidence, ...]


class Tagger:
    """Tags texts by one gazetteer; making it takes a moment, using it keeps nothing."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._finder = Finder(gazetteer)

    def tag(self, title: str, text: str, *, home: str | None = None) -> tuple[Tag, ...]:
        """The countries a text is about, best first, none if it is about none.

        `home` is the country of the source, a hint that settles doubts but never makes a tag by itself.
        Only the first 1,000 characters of a title and 20,000 of a text are read.
        """
        title, text = title[:LONGEST_TITLE], text[:LONGEST_TEXT]
        guessed = languages.guess(title, text)
        in_title, in_text = self._find(title, guessed), self._find(text, guessed)
        dateline = _dateline(text)
        sightings = [Sighting(title, m, "title", m.phrase.countries) for m in in_title.mentions]
        sightings += [
            Sighting(text, m, _where(m.start, dateline), m.phrase.countries) for m in in_text.mentions
        ]
        small = in_title.in_small_letters | in_text.in_small_letters
        settled = settle(sightings, self._gazetteer, small=small, home=home)
        return tuple(_focus(settled, home))

    def _find(self, text: str, guessed: tuple[str, ...]) -> Found:
        found = self._finder.find(text)
        return merged(found, text, map(lexicons.of_language, guessed)) if guessed else found


def _dateline(text: str) -> tuple[int, int]:
    found = DATELINE.search(text[:DATELINE_WITHIN])
    return found.span("line") if found else (0, 0)


def _where(start: int, dateline: tuple[int, int]) -> Where:
    if dateline[0] <= start < dateline[1]:
        return "dateline"
    return "lead" if start < dateline[1] + LEAD else "text"


def _focus(sightings: Iterable[Sighting], home: str | None) -> Iterator[Tag]:
    """The countries that weigh enough beside the best one."""
    by_country: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        by_country.setdefault(sighting.countries[0], []).append(sighting)
    weights = {country: _weigh(found, home=country == home) for country, found in by_country.items()}
    ranked = sorted(weights, key=lambda country: -weights[country])[:MOST_TAGS]
    for country in ranked:
        share = weights[country] / weights[ranked[0]]
        if share >= FOCUS:
            yield Tag(country, share, _evidence(by_country[country]))


def _weigh(sightings: list[Sighting], *, home: bool) -> float:
    total = sum(PLACE_WEIGHT[s.where] * KIND_WEIGHT[s.mention.phrase.kind] for s in sightings)
    return total * HOME_BONUS if home else total


def _evidence(sightings: list[Sighting]) -> tuple[Evidence, ...]:
    """The telling ones first, each words and place once."""
    best = sorted(sightings, key=lambda s: -PLACE_WEIGHT[s.where])
    return tuple(dict.fromkeys(Evidence(s.where, s.words, s.mention.phrase.kind) for s in best))[
        :MOST_EVIDENCE
    ]
