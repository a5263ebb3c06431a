"""Which words the gazetteer takes from which source, and in which order; used by the builder only."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from digest.regions.pure.text_folding import words
from digest.regions.pure.vocabulary import CERTAIN, NEXT, Kind
from tools.gazetteer.cldr import Cldr
from tools.gazetteer.towns import Towns, is_numbered

Words = tuple[Kind, str, list[str]]  # kind, readings ("GE:8.0 US:6.5"), texts

DEMONYM_ENDINGS = ("ian", "ians", "can", "cans", "ese", "ean", "eans")
SHORTEST = 4  # letters of a city or subdivision; shorter ones ("Lae", "Van") are mostly something else
SHORTEST_ELSEWHERE = 3  # letters in another spaced script (Egypt has three in Arabic)
SHORTEST_FOREIGN = 5  # letters of a name in another Latin-script language ("Mali" is a word in several)
WELL_KNOWN = frozenset({"AU", "CA", "GB", "US"})  # whose local news is in English and names no country
FEDERAL = frozenset({"AU", "CA", "US"})  # whose states are always meant, whoever else is named so
MOST_READINGS = 4
# Likelihoods, in powers of ten of people beside those that GeoNames counts.
CAPITAL = 1.0  # what being a capital adds
HANDMADE_CITY = 6.0
KNOWN_STATE, STATE = 6.5, 5.5
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")
CLITICS = {
    "ar": ("", "و", "ب", "ل", "ف"),
    "he": ("", "ב", "ל", "מ", "ו", "ה", "ש"),
}  # written onto the next word
NO_PLURAL = ("ese", "ish", "ch", "s", "z", "men", "man", "x")


def in_order(cldr: Cldr, handmade: dict[str, Any], towns: Towns) -> Iterator[Words]:
    """All words, the surest source first."""
    yield Kind.GUARD, "", handmade["guards"]["words"]
    yield from _either(handmade, towns)
    yield from _names(cldr, handmade)
    for kind, table in (
        (Kind.ACRONYM, handmade["acronyms"]),
        (Kind.DEMONYM, {code: _with_plurals(texts) for code, texts in handmade["demonyms"].items()}),
        (Kind.GOVERNMENT, handmade["governments"]),
        (Kind.WITNESS, handmade["witnesses"]),
        (Kind.WITNESS, handmade["firms"]),
    ):
        yield from ((kind, code, texts) for code, texts in table.items())
    yield from _places(Kind.CAPITAL, capitals(handmade, towns), towns, extra=CAPITAL)
    yield from _places(Kind.CITY, handmade["cities"], towns, extra=0.0)
    yield from _subdivisions(cldr, handmade, towns)
    yield from _towns(handmade, towns)
    yield from _hints(handmade)
    yield from _foreign(cldr)


def _either(handmade: dict[str, Any], towns: Towns) -> Iterator[Words]:
    capital_names = {words(name) for _, name in towns.capitals()}
    for text, codes in handmade["either"].items():
        if words(text) in capital_names:
            kind = Kind.CAPITAL
        elif towns.likelihood(text, codes[0]):
            kind = Kind.CITY
        else:
            kind = Kind.DEMONYM if text.endswith(DEMONYM_ENDINGS) else Kind.NAME
        most = HANDMADE_CITY if kind is Kind.CITY else CERTAIN
        yield kind, _written({code: most - NEXT * rank for rank, code in enumerate(codes)}), [text]


def _places(kind: Kind, table: Mapping[str, list[str]], towns: Towns, *, extra: float) -> Iterator[Words]:
    """Known places, with the countries that have towns of the same name."""
    for code, texts in table.items():
        for text in texts:
            own = max(HANDMADE_CITY, towns.likelihood(text, code)) + extra
            yield kind, _written({code: own} | towns.rivals(text, but=code)), [text]


def _towns(handmade: dict[str, Any], towns: Towns) -> Iterator[Words]:
    for kind, name, likely in towns.named(_left_out(handmade)):
        yield kind, _written(likely), [name]


def _hints(handmade: dict[str, Any]) -> Iterator[Words]:
    """Short forms of states, and words that back a country or the source's own."""
    for code, texts in handmade["qualifiers"].items():
        yield Kind.QUALIFIER, code, [f", {text}{end}" for text in texts for end in (".", ",", " (")]
    for codes, texts in handmade["clues"].items():
        readings = {code: CERTAIN - NEXT * rank for rank, code in enumerate(codes.split())}
        yield Kind.CLUE, _written(readings), texts
    yield Kind.LOCAL, "", handmade["local"]["words"]


def _written(readings: Mapping[str, float]) -> str:
    """As the data file has them, the likeliest first."""
    best = sorted(readings.items(), key=lambda item: (-item[1], item[0]))[:MOST_READINGS]
    if len(best) == 1:
        return best[0][0]
    return " ".join(f"{code}:{likely:.1f}" for code, likely in best)


def capitals(handmade: dict[str, Any], towns: Towns) -> dict[str, list[str]]:
    """GeoNames' capitals with the handmade ones, by country."""
    found = {code: list(texts) for code, texts in handmade["capitals"].items()}
    left_out = _left_out(handmade)
    for code, name in towns.capitals():
        if words(name) not in left_out:
            found.setdefault(code, []).append(name)
    return found


def _names(cldr: Cldr, handmade: dict[str, Any]) -> Iterator[Words]:
    for code, texts in handmade["aliases"].items():
        yield Kind.NAME, code, texts
    for code, names in cldr.names["en"].items():
        if _is_country(code):
            plain = [name.split(" (")[0].replace(" & ", " and ") for name in names]
            yield Kind.NAME, code, [name for name in plain if len(name) >= SHORTEST]


def _with_plurals(texts: list[str]) -> list[str]:
    return [*texts, *(f"{text}s" for text in texts if not text.endswith(NO_PLURAL))]


def _left_out(handmade: dict[str, Any]) -> set[str]:
    return {words(text) for text in handmade["common"]["never"]}


def _subdivisions(cldr: Cldr, handmade: dict[str, Any], towns: Towns) -> Iterator[Words]:
    """First-level subdivisions and American counties, with the countries that have towns of that name."""
    owners: dict[str, set[str]] = {}
    spelling: dict[str, str] = {}
    for code, names in cldr.subdivisions().items():
        for name in names:
            owners.setdefault(words(name), set()).add(code)
            spelling.setdefault(words(name), name)
    for key in sorted(owners.keys() - _left_out(handmade) - {key for key in owners if is_numbered(key)}):
        if len(key) >= SHORTEST and (owners[key] & FEDERAL or not towns.is_something_else(key)):
            federal = owners[key] & FEDERAL
            readings = {code: KNOWN_STATE if code in WELL_KNOWN else STATE for code in federal or owners[key]}
            rivals = {} if federal else towns.rivals(key, but="")
            yield Kind.STATE, _written(rivals | readings), [spelling[key]]
    yield Kind.STATE, "US", sorted(towns.counties())


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
    return Kind.FOREIGN if len(text) >= shortest else None


def _is_country(code: str) -> bool:
    return not code.isdigit() and code != "EU"
