"""Reads CLDR's territories (containment, names, subdivisions) from its npm packages; used by the builder only."""

import json
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from digest.regions.pure.text_folding import words

# Parts of countries without an ISO 3166-1 entry, and the "outlying Oceania" they are in.
NOT_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "IC", "TA", "QO"})
ANTARCTICA = "AQ"  # UN M.49 puts it under the world; CLDR in an "outlying Oceania" with no readers
SHORT_READS_BETTER = frozenset({"HK", "MM", "MO", "PS"})  # than "Hong Kong SAR China", "Myanmar (Burma)"
VARIANT_READS_BETTER = frozenset({"CD", "CG"})  # than "Congo - Kinshasa"


class Cldr:
    """CLDR as unpacked under `root`: cldr-core, cldr-localenames-full, cldr-subdivisions-full.

    `display` has English names that go before CLDR's own.
    """

    def __init__(self, root: Path, display: Mapping[str, str]) -> None:
        self._root = root
        self._display = display
        raw = self._read("cldr-core/supplemental/territoryContainment.json")
        self._containment: dict[str, Any] = raw["supplemental"]["territoryContainment"]
        self._kept = {"EU", ANTARCTICA} | self.countries("001")

    @property
    def version(self) -> str:
        """The release, as the package says it."""
        return str(self._read("cldr-core/package.json")["version"])

    def below(self, code: str) -> list[str]:
        """The regions and countries right below one; none below a country."""
        inside = self._containment.get(code, {"_contains": ()})["_contains"]
        return [child for child in inside if child not in NOT_COUNTRIES]

    def countries(self, code: str) -> set[str]:
        """All countries of a region; of a country, itself."""
        if code not in self._containment:
            return {code}
        return set().union(*(self.countries(child) for child in self.below(code)))

    def english(self, code: str) -> str:
        """The English name."""
        return self.names["en"][code][0]

    def slug(self, code: str) -> str:
        """`kz` for a country, `central-asia` for a region."""
        return words(self.english(code)).replace(" ", "-") if code.isdigit() else code.lower()

    @cached_property
    def names(self) -> dict[str, dict[str, list[str]]]:
        """Names by language and code, the usual one first; a regional language has only what differs."""
        found: dict[str, dict[str, list[str]]] = {}
        for path in sorted(self._root.glob("cldr-localenames-full/main/*/territories.json")):
            language = path.parent.name
            table = self._territories(language)
            for wider in _wider(language):
                table = {
                    code: names for code, names in table.items() if found.get(wider, {}).get(code) != names
                }
            if table and language != "und":
                found[language] = table
        return found

    def _territories(self, language: str) -> dict[str, list[str]]:
        path = f"cldr-localenames-full/main/{language}/territories.json"
        raw: dict[str, str] = self._read(path)["main"][language]["localeDisplayNames"]["territories"]
        found: dict[str, list[str]] = {}
        for key in sorted(raw):
            code, _, alternative = key.partition("-alt-")
            name = (
                raw[key][:1].upper() + raw[key][1:]
            )  # "весь мир" stands inside sentences; ours stands alone
            if name != code and (code.isdigit() or code in self._kept):
                names = found.setdefault(code, [])
                names.insert(0 if _reads_better(code, alternative) else len(names), name)
        if language == "en":
            for code, name in self._display.items():
                found[code] = [name, *(other for other in found[code] if other != name)]
        return found

    def well_covered(self) -> frozenset[str]:
        """The languages that CLDR covers best ("modern": about a hundred)."""
        levels: dict[str, str] = self._read("cldr-core/coverageLevels.json")["coverageLevels"]
        return frozenset(language for language, level in levels.items() if level == "modern")

    def subdivisions(self) -> dict[str, list[str]]:
        """English names of first-level subdivisions (ISO 3166-2), by country."""
        raw = self._read("cldr-subdivisions-full/subdivisions/en/en.json")["subdivisions"]
        found: dict[str, list[str]] = {}
        for key, name in raw["localeDisplayNames"]["subdivisions"].items():
            found.setdefault(key[:2].upper(), []).append(re.sub(r"\s*\(.*\)|[¹²³]", "", name))
        return found

    def _read(self, path: str) -> dict[str, Any]:
        value: dict[str, Any] = json.loads((self._root / path).read_text(encoding="utf-8"))
        return value


def _reads_better(code: str, alternative: str) -> bool:
    return (alternative == "short" and code in SHORT_READS_BETTER) or (
        alternative == "variant" and code in VARIANT_READS_BETTER
    )


def _wider(language: str) -> list[str]:
    parts = language.split("-")
    return ["-".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)]
