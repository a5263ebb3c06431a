"""The outlines of countries in whole units: the same shapes, half as long."""

import pytest

from digest.regions.tree.world_outlines import coarse_outline, coarse_outlines, world_map


@pytest.mark.parametrize(
    ("outline", "coarse"),
    [
        ("M 1.2 3.4l1.6 .1 .1 0 0 2.2z", "M1 3l2 1 0 2z"),  # small steps add up
        ("M 10 10l4 0 0 4zM 20 20l.1 .1 .1-.1z", "M10 10l4 0 0 4z"),  # an island that is too small goes
        ("M 1 1l-2-2-.4-.4z", "M1 1l-2-2z"),
    ],
)
def test_points_are_moved_to_whole_units(outline: str, coarse: str) -> None:
    assert coarse_outline(outline) == coarse


def test_no_country_vanishes_and_the_world_is_half_as_long() -> None:
    shapes = world_map()["shapes"]
    assert all(coarse_outlines()[code.lower()] for code in shapes)
    assert sum(map(len, coarse_outlines().values())) < 0.6 * sum(map(len, shapes.values()))
