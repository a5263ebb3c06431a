"""Colours: every shade that is made from one can be read, and one that can't is refused with the nearest that can."""

import itertools

import pytest

from digest.look.pure import palette
from digest.look.pure.look_values import LookError, read_colour
from digest.look.pure.palette import DARK_GROUNDS, DEFAULT_PALETTE, LIGHT_GROUNDS, MIN_CONTRAST, Palette

SOME_COLOURS = [
    f"#{red}{green}{blue}" for red, green, blue in itertools.product(("00", "80", "ff"), repeat=3)
]


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#ffffff", "#000000", 21),
        ("#767676", "#ffffff", 4.54),
        ("#0000ff", "#ffffff", 8.59),
        ("#abcdef", "#abcdef", 1),
    ],
)
def test_the_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert palette.contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert palette.contrast(other, one) == palette.contrast(one, other)


def unreadable(shades: Palette) -> list[tuple[str, str]]:
    """The pairs of text and ground of pages and mails that can't be read."""
    pairs = [(shades.accent, ground) for ground in (*LIGHT_GROUNDS, shades.tint)]
    pairs += [(shades.dark_accent, ground) for ground in (*DARK_GROUNDS, shades.dark_tint)]
    pairs += [
        ("#ffffff", fill) for fill in (shades.fill, shades.fill_deep, shades.dark_fill, shades.dark_fill_deep)
    ]
    pairs.append(("#101214", shades.dark_accent))  # the text of buttons in a dark mail
    pairs.append(("#1b1f23", shades.tint))
    pairs.append(("#e9e8e4", shades.dark_tint))
    return [(text, ground) for text, ground in pairs if palette.contrast(text, ground) < MIN_CONTRAST]


def test_all_shades_can_be_read_whatever_the_colour() -> None:
    assert unreadable(DEFAULT_PALETTE) == []
    for colour in SOME_COLOURS:
        light = palette.nearest_readable(colour, is_dark=False)
        assert unreadable(palette.make_palette(light)) == [], colour
        dark = palette.nearest_readable(colour, is_dark=True)
        assert unreadable(palette.make_palette("", dark)) == [], colour


def test_a_colour_that_can_be_read_is_left_as_it_is() -> None:
    assert read_colour(" #8B0050 ", is_dark=False) == "#8b0050"
    assert read_colour("#a0c", is_dark=False) == "#aa00cc"
    assert read_colour("", is_dark=False) == ""


@pytest.mark.parametrize(
    ("colour", "is_dark"), [("#ffdd00", False), ("#0f5c63", True), ("#fff", False), ("#000", True)]
)
def test_a_colour_that_cant_be_read_is_refused_with_the_nearest_that_can(colour: str, is_dark: bool) -> None:
    with pytest.raises(LookError) as refused:
        read_colour(colour, is_dark=is_dark)
    nearest = refused.value.nearest
    assert refused.value.field == ("dark_colour" if is_dark else "colour")
    assert nearest in str(refused.value)
    assert read_colour(nearest, is_dark=is_dark) == nearest
    assert palette.least_contrast(nearest, is_dark=is_dark) < MIN_CONTRAST + 0.2


@pytest.mark.parametrize("text", ["red", "#12", "#gggggg", "#0f5c63; }", "url(x)"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(LookError, match="no colour"):
        read_colour(text, is_dark=False)


def test_a_palette_exists_once() -> None:
    assert palette.make_palette("#8b0050") is palette.make_palette("#8b0050")
    assert palette.make_palette("") is DEFAULT_PALETTE


def test_the_shades_of_a_colour() -> None:
    shades = palette.make_palette("#804000")
    assert (shades.accent, shades.fill) == ("#804000", "#804000")
    assert (shades.accent_deep, shades.fill_deep) == ("#603000", "#603000")
    darker = [round(int(shades.dark_fill[at : at + 2], 16) * 0.85) for at in (1, 3, 5)]
    assert [int(shades.dark_fill_deep[at : at + 2], 16) for at in (1, 3, 5)] == pytest.approx(darker, abs=1)


def test_a_dark_colour_is_linear_in_wcags_formula() -> None:
    assert palette.contrast("#0a0a0a", "#000000") == pytest.approx(1 + (10 / 255 / 12.92) / 0.05)
