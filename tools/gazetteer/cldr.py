"""Reads CLDR's territories from its npm packages: containment, names, subdivisions. Only the builder uses it."""

import json
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from digest.regions.pure.text_folding import lookup_key
from digest.regions.tree.region_names import language_chain

# Parts of countries without an ISO 3166-1 entry, and the "outlying Oceania" that they are in.
NOT_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "IC", "TA", "QO"})
ANTARCTICA = "AQ"  # UN M.49 puts it under the world, CLDR under "outlying Oceania", which the tree leaves out
PREFER_SHORT_NAME = frozenset({"HK", "MM", "MO", "PS"})  # not "Hong Kong SAR China", "Myanmar (Burma)"
PREFER_VARIANT_NAME = frozenset({"CD", "CG"})  # not "Congo - Kinshasa"


class Cldr:
    """CLDR as unpacked under `root`: cldr-core, cldr-localenames-full, cldr-subdivisions-full.

    `display` has English names by code that go before CLDR's own.
    """

    def __init__(self, root: Path, display: Mapping[str, str]) -> None:
        self._root = root
        self._display = display
        raw = self._read("cldr-core/supplemental/territoryContainment.json")
        self._containment: dict[str, Any] = raw["supplemental"]["territoryContainment"]
        self._territory_codes = {"EU", ANTARCTICA} | self.countries("001")

    @property
    def version(self) -> str:
        """The release of the packages."""
        return str(self._read("cldr-core/package.json")["version"])

    def children(self, code: str) -> list[str]:
        """The codes of the regions and countries directly below one; empty for a country."""
        contained = self._containment.get(code, {"_contains": ()})["_contains"]
        return [child for child in contained if child not in NOT_COUNTRIES]

    def countries(self, code: str) -> set[str]:
        """All countries of a region; a country contains itself."""
        if code not in self._containment:
            return {code}
        return set().union(*(self.countries(child) for child in self.children(code)))

    def english_name(self, code: str) -> str:
        """The usual English name."""
        return self.names["en"][code][0]

    def slug(self, code: str) -> str:
        """`kz` for a country, `central-asia` for a region."""
        return lookup_key(self.english_name(code)).replace(" ", "-") if code.isdigit() else code.lower()

    @cached_property
    def names(self) -> dict[str, dict[str, list[str]]]:
        """Names by language and code, the usual one first. "pt-PT" has only names that "pt" does not have."""
        names: dict[str, dict[str, list[str]]] = {}
        for path in sorted(self._root.glob("cldr-localenames-full/main/*/territories.json")):
            language = path.parent.name
            own_names = self._territory_names(language)
            for wider in language_chain(language)[1:]:
                wider_names = names.get(wider, {})
                own_names = {code: own for code, own in own_names.items() if wider_names.get(code) != own}
            if own_names and language != "und":
                names[language] = own_names
        return names

    def _territory_names(self, language: str) -> dict[str, list[str]]:
        path = f"cldr-localenames-full/main/{language}/territories.json"
        raw: dict[str, str] = self._read(path)["main"][language]["localeDisplayNames"]["territories"]
        by_code: dict[str, list[str]] = {}
        for key in sorted(raw):
            code, _, alternative = key.partition("-alt-")
            # CLDR's names are for the middle of a sentence ("весь мир"); the tree shows them alone.
            name = raw[key][:1].title() + raw[key][1:]  # not upper(): Georgian has no capitals in a text
            if name != code and (code.isdigit() or code in self._territory_codes):
                names = by_code.setdefault(code, [])
                names.insert(0 if _is_preferred(code, alternative) else len(names), name)
        if language == "en":
            for code, name in self._display.items():
                by_code[code] = [name, *(other for other in by_code[code] if other != name)]
        return by_code

    def well_covered_languages(self) -> frozenset[str]:
        """The languages with CLDR's best coverage level ("modern"), about a hundred."""
        levels: dict[str, str] = self._read("cldr-core/coverageLevels.json")["coverageLevels"]
        return frozenset(language for language, level in levels.items() if level == "modern")

    def subdivisions(self) -> dict[str, list[str]]:
        """English names of first-level subdivisions (ISO 3166-2), by country."""
        raw = self._read("cldr-subdivisions-full/subdivisions/en/en.json")["subdivisions"]
        by_country: dict[str, list[str]] = {}
        for key, name in raw["localeDisplayNames"]["subdivisions"].items():
            by_country.setdefault(key[:2].upper(), []).append(re.sub(r"\s*\(.*\)|[¹²³]", "", name))
        return by_country

    def _read(self, path: str) -> dict[str, Any]:
        value: dict[str, Any] = json.loads((self._root / path).read_text(encoding="utf-8"))
        return value


def _is_preferred(code: str, alternative: str) -> bool:
    """Whether CLDR's alternative name is the usual one of a country in the news."""
    return (alternative == "short" and code in PREFER_SHORT_NAME) or (
        alternative == "variant" and code in PREFER_VARIANT_NAME
    )
