"""The data files beside the code, read once each: what is in them and where it is from, see data/SOURCES.md."""

import json
import tomllib
from functools import cache
from importlib import resources
from typing import Any

_DATA = resources.files("digest.regions") / "data"


@cache
def tree() -> dict[str, Any]:
    """The M.49 tree: {"regions": [{slug, code, kind, parent, countries}], "groupings": {code: [ISO]}}."""
    return _object((_DATA / "tree.json").read_bytes())


@cache
def groups() -> dict[str, dict[str, Any]]:
    """The named groups, slug -> {parent, countries | m49, names, aliases, source}."""
    return tomllib.loads((_DATA / "groups.toml").read_text(encoding="utf-8"))


@cache
def names() -> dict[str, dict[str, list[str]]]:
    """Names by CLDR language and then by territory code, the usual one first; about 1.7 MB, so read when needed."""
    return _object((_DATA / "names.json").read_bytes())


@cache
def gazetteer() -> dict[str, Any]:
    """The words that mean a country when a text has them; see `digest.regions.pure.vocabulary`."""
    return _object((_DATA / "gazetteer.json").read_bytes())


@cache
def language(code: str) -> dict[str, Any]:
    """What is known of a language beside CLDR's names: {"guards", "careful", "money", "names", "people", "cities"}."""
    return tomllib.loads((_DATA / "languages" / f"{code}.toml").read_text(encoding="utf-8"))


def _object(raw: bytes) -> dict[str, Any]:
    value = json.loads(raw)
    if not isinstance(value, dict):
        raise TypeError(
            f"a data file of regions holds a {type(value).__name__}, not an object; build it again"
        )
    return value
