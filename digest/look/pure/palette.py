"""The colours of a look: all shades made from one colour, with the contrast that WCAG 2.2 asks of text (1.4.3)."""

import colorsys
import re
from dataclasses import dataclass
from functools import lru_cache

HEX_COLOUR = re.compile(r"#[0-9a-f]{6}")
SHORT_HEX_COLOUR = re.compile(r"#[0-9a-f]{3}")
MIN_CONTRAST = 4.5  # of text to what is behind it
WHITE, BLACK = "#ffffff", "#000000"
# What text stands on in pages and mails, beside the tint of the colour itself.
LIGHT_GROUNDS, DARK_GROUNDS = (WHITE, "#fcfcfa"), ("#14171a", "#16191c", "#1b1f23")
LIGHT_TINT, DARK_TINT = 0.09, 0.12  # how much of the colour is in its tint
STEP = 0.004  # of lightness, between 0 and 1; one step is hardly seen


@dataclass(frozen=True, eq=False)
class Palette:
    """The shades of a colour. Each palette exists once (`make_palette`), so that caches compare them at once."""

    accent: str
    accent_deep: str
    tint: str
    fill: str
    fill_deep: str
    dark_accent: str
    dark_deep: str
    dark_tint: str
    dark_fill: str
    dark_fill_deep: str


DEFAULT_PALETTE = Palette(
    "#0f5c63", "#0a454b", "#e9f1f1", "#0f5c63", "#0a454b",
    "#85c9ce", "#b3e0e3", "#1a2b2d", "#1a6f77", "#1f7b84",
)  # fmt: skip


@lru_cache(maxsize=64)
def make_palette(colour: str, dark_colour: str = "") -> Palette:
    """The palette of a colour for light schemes, and of one for dark schemes; "": the built-in, and the nearest."""
    if not colour and not dark_colour:
        return DEFAULT_PALETTE
    light = colour or DEFAULT_PALETTE.accent
    dark = dark_colour or nearest_readable(light, is_dark=True)
    dark_fill = _lightest_below_white(light)
    return Palette(
        accent=light,
        accent_deep=_mix(light, BLACK, 0.25),
        tint=_tint(light, is_dark=False),
        fill=light,
        fill_deep=_mix(light, BLACK, 0.25),
        dark_accent=dark,
        dark_deep=_mix(dark, WHITE, 0.35),
        dark_tint=_tint(dark, is_dark=True),
        dark_fill=dark_fill,
        dark_fill_deep=_mix(dark_fill, BLACK, 0.15),
    )


def parse_colour(text: str) -> str:
    """A colour as #rrggbb in lower case; "#abc" is written out. Raises ValueError."""
    colour = text.strip().lower()
    if SHORT_HEX_COLOUR.fullmatch(colour):
        colour = "#" + "".join(digit * 2 for digit in colour[1:])
    if not HEX_COLOUR.fullmatch(colour):
        raise ValueError(text)
    return colour


def contrast(one: str, other: str) -> float:
    """The contrast of two colours: between 1 and 21 (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def least_contrast(colour: str, *, is_dark: bool) -> float:
    """The contrast of a colour to that ground of a scheme on which it is read worst."""
    grounds = (*(DARK_GROUNDS if is_dark else LIGHT_GROUNDS), _tint(colour, is_dark=is_dark))
    return min(contrast(colour, ground) for ground in grounds)


def nearest_readable(colour: str, *, is_dark: bool) -> str:
    """The colour itself if text in it can be read in a scheme, else the nearest darker or lighter one of its hue."""
    hue, lightness, saturation = _to_hls(colour)
    end, step = (1.0, STEP) if is_dark else (0.0, -STEP)
    while least_contrast(colour, is_dark=is_dark) < MIN_CONTRAST and lightness != end:
        lightness = min(max(lightness + step, 0), 1)
        colour = _from_hls(hue, lightness, saturation)
    return colour  # at worst white or black, in which everything can be read


def style_sheet(palette: Palette) -> str:
    """The style sheet that gives pages these colours; it comes after dateline.css."""
    p = palette
    light = _variables(p.accent, p.accent_deep, p.tint, p.fill, p.fill_deep)
    dark = _variables(p.dark_accent, p.dark_deep, p.dark_tint, p.dark_fill, p.dark_fill_deep)
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def _variables(accent: str, accent_deep: str, tint: str, fill: str, fill_deep: str) -> str:
    return (
        f"--accent: {accent}; --accent-deep: {accent_deep}; --tint: {tint}; "
        f"--fill: {fill}; --fill-deep: {fill_deep}"
    )


def _lightest_below_white(colour: str) -> str:
    """The lightest colour of a hue on which white text can be read: buttons on a dark page must be seen."""
    hue, lightness, saturation = _to_hls(colour)
    while lightness < 1 and contrast(_from_hls(hue, lightness + STEP, saturation), WHITE) >= MIN_CONTRAST:
        lightness += STEP
    return _from_hls(hue, lightness, saturation)


def _tint(colour: str, *, is_dark: bool) -> str:
    return _mix(DARK_GROUNDS[-1], colour, DARK_TINT) if is_dark else _mix(WHITE, colour, LIGHT_TINT)


def _mix(one: str, other: str, share: float) -> str:
    """A colour with this share of another."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return _hex([a + (b - a) * share for a, b in pairs])


def _luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in _channels(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> list[float]:
    return [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]


def _hex(channels: list[float]) -> str:
    return "#" + "".join(f"{round(min(max(value, 0), 1) * 255):02x}" for value in channels)


def _to_hls(colour: str) -> tuple[float, float, float]:
    red, green, blue = _channels(colour)
    return colorsys.rgb_to_hls(red, green, blue)


def _from_hls(hue: float, lightness: float, saturation: float) -> str:
    return _hex(list(colorsys.hls_to_rgb(hue, lightness, saturation)))
