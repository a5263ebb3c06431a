"""Writes `digest/regions/data/world_map.json`: the outlines of countries as SVG paths, and points for the small ones.

The source is Natural Earth (public domain) as TopoJSON in the npm package `world-atlas`. For a new version:

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python -m tools.build_world_map package
"""

import argparse
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from babel.core import get_global

from digest.regions.tree import region_tree
from tools.diffable_json import json_lines

MAP_FILE = Path(__file__).resolve().parents[1] / "digest" / "regions" / "data" / "world_map.json"
WIDTH, SOUTH, NORTH = (
    1000,
    -56.0,
    83.7,
)  # units of the drawing; degrees: without Antarctica, which has few readers
LEFT_OUT = frozenset(("AQ", "TF"))
# Areas that Natural Earth shows without a code of their own.
BY_NAME = {"N. Cyprus": "CY", "Somaliland": "SO", "Kosovo": "XK"}
# Natural Earth draws lines of control. Crimea is a part of Ukraine (UN General Assembly, resolution 68/262), and the
# tagger takes it as that, too. A polygon of the first country with this point goes to the second.
CORRECTIONS = ((34.3, 45.2, "RU", "UA"),)
# The parts of the map that can be looked at, in degrees: west, south, east, north.
VIEWS = {
    "world": (-180, SOUTH, 180, NORTH),
    "africa": (-28, -37, 62, 38),
    "americas": (-170, -56, -30, 73),
    "asia": (24, -12, 150, 56),
    "europe": (-26, 33, 62, 71),
    "oceania": (110, -48, 180, 22),
}
Point = tuple[float, float]
Ring = Sequence[Point]


def project(point: Point) -> Point:
    """Degrees of longitude and latitude in the plane of Miller's cylindrical projection, y upwards.

    It gives Europe's small countries more room than a projection of equal areas.
    """
    longitude, latitude = map(math.radians, point)
    return longitude, 1.25 * math.log(math.tan(math.pi / 4 + 0.4 * latitude))


LEFT, TOP, RIGHT = project((-180, 0))[0], project((0, NORTH))[1], project((180, 0))[0]
SCALE = WIDTH / (RIGHT - LEFT)
HEIGHT = round((TOP - project((0, SOUTH))[1]) * SCALE)


def drawn(point: Point) -> Point:
    """A place on the earth in the units of the drawing."""
    x, y = project(point)
    return (x - LEFT) * SCALE, (TOP - y) * SCALE


def country_polygons(topology: Mapping[str, Any]) -> dict[str, list[Sequence[Ring]]]:
    """The polygons of each country in degrees, by ISO code."""
    arcs = list(_decoded_arcs(topology))
    polygons: dict[str, list[Sequence[Ring]]] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        code = _code(geometry)
        parts = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for part in parts if code else ():
            rings = [piece for ring in part for piece in _cut_at_180(_joined(ring, arcs))]
            polygons.setdefault(_owner(code, rings[0]), []).append(rings)
    return polygons


def build_map(coarse: Mapping[str, Any], fine: Mapping[str, Any]) -> dict[str, object]:
    """The content of the file: `shapes` is code -> path, `points` is code -> a place in the middle of a country,
    `views` is continent -> viewBox.

    A country that the coarse outlines leave out has a point alone, from the fine ones.
    """
    shapes = {
        code: path
        for code, polygons in country_polygons(coarse).items()
        if code not in LEFT_OUT and (path := _path(polygons))
    }
    points = {
        code: [round(n, 1) for n in drawn(_middle(polygons))]
        for code, polygons in country_polygons(fine).items()
    }
    known = {code for region in region_tree.load().all() for code in region.countries} - LEFT_OUT
    return {
        "source": "Natural Earth 4.1.0, public domain (https://www.naturalearthdata.com), by way of world-atlas 2.0.2",
        "width": WIDTH,
        "height": HEIGHT,
        "views": {continent: _view(*box) for continent, box in VIEWS.items()},
        "shapes": dict(sorted((code, path) for code, path in shapes.items() if code in known)),
        "points": dict(sorted((code, point) for code, point in points.items() if code in known)),
    }


def _view(west: float, south: float, east: float, north: float) -> str:
    """A `viewBox`."""
    left, top = drawn((west, north))
    right, bottom = drawn((east, south))
    return " ".join(f"{value:.0f}" for value in (left, top, right - left, bottom - top))


def _decoded_arcs(topology: Mapping[str, Any]) -> Iterator[Ring]:
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        points: list[Point] = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        yield points


def _joined(arc_numbers: Sequence[int], arcs: Sequence[Ring]) -> Ring:
    """A ring from its arcs. A negative number stands for an arc backwards (TopoJSON, section 2.1.4)."""
    ring: list[Point] = []
    for number in arc_numbers:
        arc = arcs[number] if number >= 0 else list(reversed(arcs[~number]))
        ring += arc[1:] if ring else arc
    return ring


def _cut_at_180(ring: Ring) -> list[Ring]:
    """A ring in pieces that do not cross the 180th meridian."""
    unrolled = [ring[0]]
    for x, y in ring[1:]:
        turns = round((unrolled[-1][0] - x) / 360)
        unrolled.append((x + 360 * turns, y))
    pieces: list[Ring] = []
    for turn in (-360, 0, 360):
        moved: Ring = [(x + turn, y) for x, y in unrolled]
        moved = _clipped(_clipped(moved, -180, keeps_east=True), 180, keeps_east=False)
        if len(moved) > 2:
            pieces.append([*moved, moved[0]])
    return pieces


def _clipped(ring: Ring, meridian: float, *, keeps_east: bool) -> Ring:
    """The part of a ring on one side of a meridian (Sutherland and Hodgman)."""
    inside = [x >= meridian if keeps_east else x <= meridian for x, _ in ring]
    kept: list[Point] = []
    for n, (x, y) in enumerate(ring):
        before_x, before_y = ring[n - 1]
        if inside[n] != inside[n - 1]:
            share = (meridian - before_x) / (x - before_x)
            kept.append((meridian, before_y + share * (y - before_y)))
        if inside[n]:
            kept.append((x, y))
    return kept


def _code(geometry: Mapping[str, Any]) -> str:
    numeric = get_global("territory_aliases").get(geometry.get("id") or "")
    return str(numeric[0]) if numeric else BY_NAME.get(geometry["properties"]["name"], "")


def _owner(code: str, ring: Ring) -> str:
    for x, y, shown, owner in CORRECTIONS:
        if code == shown and _box(ring)[0] < x < _box(ring)[2] and _box(ring)[3] - _box(ring)[1] < 5:
            return owner if _box(ring)[1] < y < _box(ring)[3] else code
    return code


def _box(ring: Ring) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


def _middle(polygons: Sequence[Sequence[Ring]]) -> Point:
    """The middle of the box around the largest polygon."""
    boxes = [_box(rings[0]) for rings in polygons]
    left, bottom, right, top = max(boxes, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))
    return (left + right) / 2, (bottom + top) / 2


def _path(polygons: Sequence[Sequence[Ring]]) -> str:
    """The polygons as an SVG path of whole tenths, with relative steps."""
    return "".join(_ring_path(ring) for rings in polygons for ring in rings)


def _ring_path(ring: Ring) -> str:
    rounded = [(round(x, 1), round(y, 1)) for x, y in map(drawn, ring)]
    points = [point for n, point in enumerate(rounded) if n == 0 or point != rounded[n - 1]]
    if len(points) < 4:  # nothing is left of it at this size
        return ""
    steps = [(round(x - px, 1), round(y - py, 1)) for (px, py), (x, y) in pairwise(points[:-1])]
    return f"M{_pair(points[0])}l{''.join(map(_pair, steps)).strip()}z"


def _pair(point: Point) -> str:
    """Two numbers, each after a blank unless its sign sets it apart."""
    return "".join(("" if value < 0 else " ") + _number(value) for value in point)


def _number(value: float) -> str:
    text = f"{value:g}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def main() -> None:
    """Write the file."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("package", type=Path, help="folder of the npm package world-atlas")
    folder = options.parse_args().package
    coarse, fine = (
        json.loads((folder / f"countries-{scale}.json").read_text(encoding="utf-8"))
        for scale in ("110m", "50m")
    )
    MAP_FILE.write_text(json_lines(build_map(coarse, fine)), encoding="utf-8")


if __name__ == "__main__":
    main()
