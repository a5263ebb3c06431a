"""The words of each language that is inflected: CLDR's names, the cities of its time zones, and data/languages."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from babel import Locale
from babel.core import get_global

from digest.regions import data_files
from digest.regions.pure.grammars import GRAMMARS
from digest.regions.pure.inflected_names import Inflected, Lexicon, Word
from digest.regions.pure.text_folding import words
from digest.regions.pure.vocabulary import Kind

SHORTEST_NAME, SHORTEST_CITY = 3, 4  # letters


@cache
def of_language(language: str) -> Inflected:
    """What finds the words of a language, made when a text of it first comes."""
    table = data_files.language(language)
    found = (*_names(language, table), *_listed(table), *_zone_cities(language, table))
    lexicon = Lexicon(
        words=tuple(dict.fromkeys(found)),
        careful=frozenset(form.replace("_", " ") for form in table["careful"]),
        money=frozenset(table["money"]),
    )
    return Inflected(GRAMMARS[language], lexicon)


def _names(language: str, table: Mapping[str, Any]) -> Iterator[Word]:
    article = "ال" if language == "ar" else ""
    for code, names in data_files.names()[language].items():
        if code.isdigit() or code == "EU" or code in table["left_out"]:
            continue
        for name in names:
            plain = name.split(" (")[0].removeprefix(article)
            if len(words(plain)) >= SHORTEST_NAME:
                yield Word(plain, Kind.NAME, (code,))
    for guard in table["guards"]:
        yield Word(guard, Kind.GUARD, ())


def _listed(table: Mapping[str, Any]) -> Iterator[Word]:
    for section, kind in (("names", Kind.NAME), ("people", Kind.DEMONYM), ("cities", Kind.CAPITAL)):
        for codes, listed in table[section].items():
            for text in listed.split():
                yield Word(
                    text.removeprefix("ال") if section == "cities" else text, kind, tuple(codes.split())
                )


def _zone_cities(language: str, table: Mapping[str, Any]) -> Iterator[Word]:
    """CLDR translates the cities that time zones are named after; most capitals are among them."""
    known = {words(text.replace("_", " ")) for text in " ".join(table["cities"].values()).split()}
    names = {words(name) for listed in data_files.names()[language].values() for name in listed}
    countries = get_global("zone_territories")
    for zone, row in Locale.parse(language).time_zones.items():
        city, code = row.get("city", ""), countries.get(zone, "")
        if (
            zone in data_files.language("common")["not_cities"]
            or len(code) != len("XX")
            or len(words(city)) < SHORTEST_CITY
        ):
            continue
        if words(city) not in known and words(city) not in names:
            yield Word(city.removeprefix("ال"), Kind.CITY, (code,))
