"""The order of regions, as the buttons of a form change it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.subscribers.pure.region_order import arrange_regions

SLUGS = st.lists(st.sampled_from(["ge", "am", "az", "ir", "world"]))


def test_newly_ticked_regions_follow_those_that_have_a_place() -> None:
    assert arrange_regions(["am", "az", "ge", "ir"], ["ir", "ge"]) == ("ir", "ge", "am", "az")


def test_what_is_no_longer_ticked_loses_its_place() -> None:
    assert arrange_regions(["ge"], ["ir", "ge", "am"]) == ("ge",)


@pytest.mark.parametrize(
    ("move", "arranged"),
    [
        ("up ir", ("ir", "ge", "am")),
        ("down ge", ("ir", "ge", "am")),
        ("down ir", ("ge", "am", "ir")),
        ("up ge", ("ge", "ir", "am")),
        ("down am", ("ge", "ir", "am")),
        ("up az", ("ge", "ir", "am")),
        ("sideways ir", ("ge", "ir", "am")),
        ("up", ("ge", "ir", "am")),
        ("", ("ge", "ir", "am")),
    ],
)
def test_a_button_moves_one_region_by_one_place(move: str, arranged: tuple[str, ...]) -> None:
    assert arrange_regions(["ge", "ir", "am"], [], move) == arranged


@given(SLUGS, SLUGS, st.text())
def test_nothing_ticked_is_lost_and_nothing_else_is_added(
    ticked: list[str], order: list[str], move: str
) -> None:
    arranged = arrange_regions(ticked, order, move)
    assert len(arranged) == len(set(arranged))
    assert set(arranged) == set(ticked)
