"""The outlines of countries on a map of the world, and the parts of it that can be looked at."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from digest.i18n.collation import sort_key
from digest.regions.tree.region_tree import RegionTree

MAP_FILE = Path(__file__).parents[1] / "data" / "world_map.json"  # written by tools/build_world_map.py
WORLD = "world"
PIECE = re.compile(r"[Mlz]|-?\d*\.?\d+")  # the outlines have no other commands
EMPTY_PART = re.compile(r"M\d+ \d+lz(?=M|$)")  # an island smaller than a unit


@dataclass(frozen=True, slots=True)
class MapCountry:
    """A country on the map: its outline, or "" for a small one that is a dot, and its middle."""

    slug: str
    name: str
    outline: str
    x: float
    y: float
    story_count: int = 0


@cache
def world_map() -> dict[str, Any]:
    """The outlines of the countries, see `tools/build_world_map.py`."""
    return dict(json.loads(MAP_FILE.read_text(encoding="utf-8")))


def map_countries(tree: RegionTree, language: str, counts: Counter[str] | None = None) -> list[MapCountry]:
    """The countries that the map has, those with an outline first, so that dots lie above them; then by name."""
    drawing = world_map()
    names = {code: tree.name(code.lower(), language) for code in drawing["points"]}
    countries = [
        MapCountry(
            code.lower(), names[code], drawing["shapes"].get(code, ""), x, y, (counts or Counter())[code]
        )
        for code, (x, y) in drawing["points"].items()
    ]
    return sorted(countries, key=lambda country: (not country.outline, sort_key(country.name, language)))


def map_views(tree: RegionTree, language: str) -> list[tuple[str, str, str]]:
    """The parts of the map that can be looked at: slug, name, viewBox."""
    return [(slug, tree.name(slug, language), box) for slug, box in world_map()["views"].items()]


@cache
def coarse_outlines() -> Mapping[str, str]:
    """The outlines by slug in whole units, for a map of the whole world, where a unit is a pixel: half as long."""
    return {code.lower(): coarse_outline(outline) for code, outline in world_map()["shapes"].items()}


def coarse_outline(outline: str) -> str:
    """An outline with its points at whole units.

    >>> coarse_outline("M 1.2 3.4l1.6 .1 .1 0 0 2.2z")
    'M1 3l2 1 0 2z'
    """
    parts: list[str] = []
    drawn_x = drawn_y = 0
    for x, y, begins in _points(outline):
        step = round(x) - drawn_x, round(y) - drawn_y
        if begins:
            parts.append(f"{'z' if parts else ''}M{round(x)} {round(y)}l")
        elif any(step):
            parts.append(f"{step[0]} {step[1]}")
        drawn_x, drawn_y = round(x), round(y)
    path = f"{' '.join(parts)}z"
    for gap, mended in ((" -", "-"), ("l ", "l"), (" z", "z")):
        path = path.replace(gap, mended)
    return EMPTY_PART.sub("", path)


def _points(outline: str) -> Iterator[tuple[float, float, bool]]:
    """The points of an outline, and whether a part of it begins there."""
    x = y = 0.0
    begins, numbers = False, list[float]()
    for piece in PIECE.findall(outline):
        if piece.isalpha():
            begins = begins or piece == "M"
            continue
        numbers.append(float(piece))
        if len(numbers) == 2:
            x, y = numbers if begins else (x + numbers[0], y + numbers[1])
            yield x, y, begins
            begins, numbers = False, []
