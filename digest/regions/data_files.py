"""Reads the data files of regions, each once. data/SOURCES.md says what they contain and where the data is from."""

import json
import tomllib
from functools import cache
from importlib import resources
from typing import Any

_DATA = resources.files("digest.regions") / "data"


@cache
def tree() -> dict[str, Any]:
    """The M.49 tree, its groupings, and the terms by which it is searched.

    {"regions": [{slug, code, kind, parent, countries}], "groupings": {code: [ISO code]},
    "aliases": {code: [name]}, "search": {code: [demonym or capital]}}.
    """
    return _object((_DATA / "tree.json").read_bytes())


@cache
def country_codes() -> frozenset[str]:
    """The ISO codes of the countries of the tree."""
    return frozenset(row["slug"].upper() for row in tree()["regions"] if row["kind"] == "country")


@cache
def groups() -> dict[str, dict[str, Any]]:
    """The named groups by slug: {parent, countries | m49, names, aliases, source}."""
    return tomllib.loads((_DATA / "groups.toml").read_text(encoding="utf-8"))


@cache
def names() -> dict[str, dict[str, list[str]]]:
    """CLDR's names by language and territory code, the usual one first. About 1.7 MB, so read only when needed."""
    return _object((_DATA / "names.json").read_bytes())


def is_country_code(code: str) -> bool:
    """Whether a territory code of `names` is a country's, not an M.49 region's or the European Union's."""
    return not code.isdigit() and code != "EU"


@cache
def gazetteer() -> dict[str, Any]:
    """The phrases that mean a country in a text; `digest.regions.pure.vocabulary` explains the format."""
    return _object((_DATA / "gazetteer.json").read_bytes())


@cache
def organizations() -> dict[str, dict[str, list[str]]]:
    """By language, the words of each region: {"en": {"eu": ["European Commission", ...]}}."""
    table = tomllib.loads((_DATA / "organizations.toml").read_text(encoding="utf-8"))
    words: dict[str, dict[str, list[str]]] = {}
    for name, row in table.items():
        region = row.pop("region", name)
        for language, texts in row.items():
            words.setdefault(language, {}).setdefault(region, []).extend(texts)
    return words


@cache
def leaders() -> dict[str, dict[str, dict[str, Any]]]:
    """By country and person: {"KZ": {"Kassym-Jomart Tokayev": {"office", "en": ["Tokayev"], "ru": [...], ...}}}."""
    table = tomllib.loads((_DATA / "leaders.toml").read_text(encoding="utf-8"))
    people: dict[str, dict[str, dict[str, Any]]] = table["people"]
    return people


@cache
def language_data(code: str) -> dict[str, Any]:
    """What the handmade file of a language ("ru"), or "common", adds to CLDR's names.

    A language has {"guards", "left_out", "careful", "money", "names", "people", "cities"}.
    """
    return tomllib.loads((_DATA / "languages" / f"{code}.toml").read_text(encoding="utf-8"))


def _object(raw: bytes) -> dict[str, Any]:
    value = json.loads(raw)
    if not isinstance(value, dict):
        raise TypeError(
            f"a data file of regions holds a {type(value).__name__}, not an object; run `make gazetteer`"
        )
    return value
