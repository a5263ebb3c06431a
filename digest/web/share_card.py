"""Draws the picture that other sites show beside a link to an archive page: the site, the region and the day.

Pillow shapes the text (HarfBuzz and FriBidi, by its Raqm layout), so Arabic and Persian are joined and run from right
to left. The font is DejaVu Sans, which has all scripts that the pages use; its licence is beside it.

Pillow brings HarfBuzz and takes FriBidi from the system (`libfribidi0`). Without it there are no pictures for languages
that are written from right to left, as their letters would stand in the wrong order.
"""

from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

from digest.errors import NotFoundError
from digest.i18n.locales import text_direction
from digest.look.pure.look import ShownLook

FONT = Path(__file__).with_name("fonts") / "DejaVuSans-Bold.ttf"
SIZE = (1200, 630)  # pixels, as Open Graph recommends
MARGIN = 80
PAPER, INK, SOFT = "#fcfcfa", "#1b1f23", "#565d64"
LARGEST, SMALLEST = 104, 40  # pixels of the region's name


def draw_card(look: ShownLook, region: str, day: str, lang: str) -> bytes:
    """The picture as PNG. Raises NotFoundError if this machine can't shape the language."""
    if text_direction(lang) == "rtl" and not can_shape():
        raise NotFoundError(f"no picture for {lang}: Pillow does not find FriBidi; install libfribidi0")
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    width, height = SIZE
    is_rtl = text_direction(lang) == "rtl"
    x, anchor = (width - MARGIN, "rs") if is_rtl else (MARGIN, "ls")
    direction = ("rtl" if is_rtl else "ltr") if can_shape() else None
    draw.rectangle((0, 0, width, 14), fill=look.palette.accent)
    site, size = _fit(look.name, width - 2 * MARGIN, direction, largest=48)
    draw.text((x, 140), site, font=_font(size), fill=INK, anchor=anchor, direction=direction)
    draw.rectangle((MARGIN, 175, width - MARGIN, 181), fill=INK)
    name, size = _fit(region, width - 2 * MARGIN, direction)
    draw.text((x, 380), name, font=_font(size), fill=INK, anchor=anchor, direction=direction)
    draw.text((x, height - MARGIN), day, font=_font(40), fill=SOFT, anchor=anchor, direction=direction)
    output = BytesIO()
    image.save(output, "PNG", optimize=True)
    return output.getvalue()


def can_shape() -> bool:
    """Whether Pillow can join letters and order them by their direction."""
    return bool(features.check("raqm"))


def _fit(text: str, width: int, direction: str | None, *, largest: int = LARGEST) -> tuple[str, int]:
    """The text and the largest size in which it fits; in the smallest size it is cut."""
    for size in range(largest, SMALLEST - 1, -4):
        if _font(size).getlength(text, direction=direction) <= width:
            return text, size
    while _font(SMALLEST).getlength(text + "…", direction=direction) > width:
        text = text[:-1]
    return text + "…", SMALLEST


@cache  # of at most 20 sizes
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)
