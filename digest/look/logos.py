"""Logos: whatever is uploaded is decoded and written anew, so that nothing of the file itself is kept or served."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.errors import InvalidInputError, NewsroomText
from digest.look.pure.look import Logo

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_UPLOAD = 1_000_000  # octets
MAX_PIXELS = 12_000_000  # of the upload; a photo of a phone has as many
MAX_SIZE = (840, 224)  # pixels of what is kept: three times what a mail shows, for fine screens
MIN_SIDE = 16  # pixels; less can't be seen
GOOD_SIZE = 40_000  # octets; what is larger is written with fewer colours
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MEDIA_TYPES = {"PNG": ("image/png", ".png"), "JPEG": ("image/jpeg", ".jpg")}
COLOURS = 256  # of a PNG with a palette
JPEG_QUALITY = 85


@dataclass(frozen=True, slots=True)
class LogoFile:
    """A picture as it is stored and served."""

    logo: Logo
    media_type: str
    content: bytes


def read_picture(upload: bytes) -> LogoFile:
    """The picture in a file that somebody uploaded. Raises InvalidInputError."""
    from PIL import Image  # few processes need it

    if len(upload) > MAX_UPLOAD:
        raise InvalidInputError(NewsroomText("A logo may have %(max)s octets.", max=f"{MAX_UPLOAD:,}"))
    if _is_svg(upload):
        text = NewsroomText(
            "This is an SVG file. It can contain scripts, and most mail programs do not show it: save it as PNG, "
            "%(height)d pixels high.",
            height=MAX_SIZE[1],
        )
        raise InvalidInputError(text)
    too_large = InvalidInputError(NewsroomText("A picture may have %(max)s pixels.", max=f"{MAX_PIXELS:,}"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(upload), formats=FORMATS) as opened:
                picture = _write(opened) if opened.width * opened.height <= MAX_PIXELS else None
    except InvalidInputError:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise too_large from None
    except Exception as error:  # Pillow's decoders raise many kinds for broken files
        text = NewsroomText("This is no picture that can be read (PNG, JPEG, WebP or GIF).")
        raise InvalidInputError(text) from error
    if picture is None:
        raise too_large
    return picture


def _write(image: "Image") -> LogoFile:
    """The picture as it is kept: small, as PNG, or as JPEG where nothing shows through and that is smaller."""
    from PIL import ImageOps

    turned = ImageOps.exif_transpose(image).convert("RGBA")
    if min(turned.size) < MIN_SIDE:
        raise InvalidInputError(NewsroomText("A logo needs at least %(min)d pixels a side.", min=MIN_SIDE))
    turned.thumbnail(MAX_SIZE)
    lowest, _highest = turned.getchannel("A").getextrema()
    is_transparent = lowest != 255
    kept = turned if is_transparent else turned.convert("RGB")
    written = {"PNG": _save(kept, "PNG", optimize=True)}
    if len(written["PNG"]) > GOOD_SIZE:
        written["PNG"] = _save(kept.quantize(COLOURS, method=2), "PNG", optimize=True)
        if not is_transparent:
            written["JPEG"] = _save(kept, "JPEG", quality=JPEG_QUALITY)
    name, content = min(written.items(), key=lambda item: len(item[1]))
    media_type, ending = MEDIA_TYPES[name]
    key = hashlib.sha256(content).hexdigest()[:24] + ending
    return LogoFile(Logo(key, kept.width, kept.height, is_transparent), media_type, content)


def _save(image: "Image", name: str, **options: object) -> bytes:
    output = io.BytesIO()
    image.save(output, name, **options)
    return output.getvalue()


def _is_svg(upload: bytes) -> bool:
    return b"<svg" in upload[:4096].lower()
