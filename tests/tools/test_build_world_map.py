"""How the outlines of the map are made."""

import pytest

from tools.build_world_map import HEIGHT, SOUTH, WIDTH, country_polygons, drawn


def topology(name: str, code: str, *rings: list[list[int]]) -> dict[str, object]:
    """A topology in whole degrees, with one arc a ring."""
    arcs = [
        [[x - px, y - py] for (px, py), (x, y) in zip([[0, 0], *ring], ring, strict=False)] for ring in rings
    ]
    geometry = {
        "type": "MultiPolygon",
        "id": code,
        "properties": {"name": name},
        "arcs": [[[n]] for n in range(len(rings))],
    }
    return {
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "arcs": arcs,
        "objects": {"countries": {"geometries": [geometry]}},
    }


SQUARE = [[10, 10], [20, 10], [20, 20], [10, 20], [10, 10]]
ACROSS = [[170, 60], [-170, 60], [-170, 70], [170, 70], [170, 60]]
CRIMEA = [[32, 44], [36, 44], [36, 46], [32, 46], [32, 44]]


def test_a_country_has_its_iso_code_and_an_area_without_one_that_of_the_table() -> None:
    assert list(country_polygons(topology("Kazakhstan", "398", SQUARE))) == ["KZ"]
    assert list(country_polygons(topology("Kosovo", "", SQUARE))) == ["XK"]
    assert country_polygons(topology("Elsewhere", "", SQUARE)) == {}


def test_a_ring_that_crosses_the_180th_meridian_is_cut_there() -> None:
    ((west, east),) = country_polygons(topology("Russia", "643", ACROSS))["RU"]
    assert {x for x, _ in west} | {x for x, _ in east} == {-180, -170, 170, 180}
    assert max(x for x, _ in west) - min(x for x, _ in west) == 10


def test_crimea_is_a_part_of_ukraine() -> None:
    polygons = country_polygons(topology("Russia", "643", SQUARE, CRIMEA))
    assert {code: len(parts) for code, parts in polygons.items()} == {"RU": 1, "UA": 1}


def test_the_frame_is_filled() -> None:
    assert drawn((-180, 0))[0] == pytest.approx(0)
    assert drawn((180, SOUTH)) == pytest.approx((WIDTH, HEIGHT), abs=0.5)
