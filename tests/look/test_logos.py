"""Logos: whatever is uploaded is decoded and written anew, small; what is no picture is refused."""

import io
import random

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from digest.errors import InvalidInputError
from digest.look import logos
from digest.look.logos import MAX_SIZE, read_picture

NOISE = random.Random(1).randbytes(900 * 300 * 3)  # noqa: S311 -- no secret


def encoded(image: Image.Image, name: str = "PNG", **options: object) -> bytes:
    output = io.BytesIO()
    image.save(output, name, **options)
    return output.getvalue()


def test_a_logo_is_made_small_and_keeps_what_shows_through() -> None:
    image = Image.new("RGBA", (2000, 500), (0, 0, 0, 0))
    image.paste((200, 0, 80, 255), (100, 100, 1900, 400))
    picture = read_picture(encoded(image))
    kept = Image.open(io.BytesIO(picture.content))
    assert (picture.media_type, kept.format) == ("image/png", "PNG")
    assert kept.size == (picture.logo.width, picture.logo.height) == (840, 210)
    assert picture.logo.is_transparent
    assert kept.convert("RGBA").getpixel((0, 0)) == (0, 0, 0, 0)


def test_nothing_of_the_file_itself_is_kept() -> None:
    info = PngInfo()
    info.add_text("comment", "<script>alert(1)</script>")
    upload = encoded(Image.new("RGB", (64, 64), "red"), pnginfo=info) + b"<script>alert(2)</script>"
    assert b"script" in upload
    picture = read_picture(upload)
    assert b"script" not in picture.content
    assert not picture.logo.is_transparent
    assert read_picture(upload) == picture


def test_a_photo_becomes_a_small_jpeg() -> None:
    noise = Image.frombytes("RGB", (900, 300), NOISE).resize((1800, 600))
    picture = read_picture(encoded(noise, "JPEG"))
    assert picture.media_type == "image/jpeg"
    assert picture.logo.key.endswith(".jpg")
    assert len(picture.content) < 150_000
    assert picture.logo.width <= MAX_SIZE[0]


@pytest.mark.parametrize("name", ["WEBP", "GIF"])
def test_other_formats_are_read_and_written_as_png(name: str) -> None:
    assert read_picture(encoded(Image.new("RGB", (80, 40), "navy"), name)).media_type == "image/png"


@pytest.mark.parametrize(
    ("upload", "said"),
    [
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"", "no picture"),
        (b"GIF89a", "no picture"),
        (encoded(Image.new("RGB", (64, 64)))[:60], "no picture"),
        (encoded(Image.new("RGB", (64, 64)), "BMP"), "no picture"),
        (encoded(Image.new("RGB", (64, 4))), "at least"),
        (b"x" * (logos.MAX_UPLOAD + 1), "1,000,000"),
    ],
)
def test_what_is_no_logo_is_refused(upload: bytes, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        read_picture(upload)


def test_a_small_file_of_a_huge_picture_is_refused_before_it_is_decoded() -> None:
    for size in ((20_000, 1_000), (20_000, 6_000), (20_000, 12_000)):  # for Pillow: fine, a warning, an error
        with pytest.raises(InvalidInputError, match="pixels"):
            read_picture(encoded(Image.new("1", size)))
