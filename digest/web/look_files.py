"""The logo, and the style sheet with the colours of the site. Their addresses change with their content.

The address of the style sheet has the colours themselves, so that the preview of a look that is not saved has one too.
"""

import hashlib
import re
from pathlib import Path

from flask import Response, abort, current_app, request, url_for

from digest.look import store
from digest.look.pure.palette import (
    HEX_COLOUR,
    MIN_CONTRAST,
    Palette,
    least_contrast,
    make_palette,
    style_sheet,
)
from digest.parts import parts
from digest.web.blueprint import bp
from digest.web.page_cache import kept_page, without_session

DARK_QUERY = re.compile(r"\(\s*prefers-color-scheme:\s*dark\s*\)")
SCHEMES = {
    "light": "(max-width: 0)",
    "dark": "(min-width: 0)",
}  # a query that never holds, and one that always does
STYLE_SHEETS = ("vendor/pico.min.css", "dateline.css")
A_YEAR, AN_HOUR = 31_536_000, 3600  # seconds


def styles_url(palette: Palette) -> str:
    """The address of the style sheet of a palette."""
    light, dark = palette.accent.lstrip("#"), palette.dark_accent.lstrip("#")
    return url_for("web.look_styles", light=light, dark=dark, v=_version(style_sheet(palette)))


@bp.get("/look/<light>-<dark>.css")
def look_styles(light: str, dark: str) -> Response:
    """The style sheet of two colours, one for light and one for dark schemes.

    With `scheme`, it has all styles of pages too, as if the browser preferred that scheme: for previews.
    """
    css = style_sheet(_palette(light, dark))
    if (scheme := request.args.get("scheme")) in SCHEMES:
        css = DARK_QUERY.sub(SCHEMES[scheme], _page_styles() + css)
    without_session()  # so caches may keep it
    response = Response(css, mimetype="text/css")
    is_current = request.args.get("v") == _version(css)
    age = f"max-age={A_YEAR}, immutable" if is_current else f"max-age={AN_HOUR}"
    response.headers["Cache-Control"] = f"public, {age}"
    return response


@bp.get("/look/<key>")
def look_logo(key: str) -> Response:
    """A logo. Its address is the hash of its content, so it never changes."""

    def load() -> Response:
        with parts().db.read() as tx:
            picture = store.find_picture(tx, key) if key.isascii() and key.isprintable() else None
        return Response(picture.content, mimetype=picture.media_type) if picture else abort(404)

    response = kept_page(("logo", key), load, max_age=A_YEAR)
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response  # type: ignore[return-value]


def _palette(light: str, dark: str) -> Palette:
    """The palette of two colours in an address; 404 for any that no look can have."""
    for colour, is_dark in ((f"#{light}", False), (f"#{dark}", True)):
        if not HEX_COLOUR.fullmatch(colour) or least_contrast(colour, is_dark=is_dark) < MIN_CONTRAST:
            abort(404)
    return make_palette(f"#{light}", f"#{dark}")


def _page_styles() -> str:
    """The style sheets of pages as one, with the addresses of their icons."""
    folder = Path(str(current_app.static_folder))
    css = "\n".join((folder / name).read_text(encoding="utf-8") for name in STYLE_SHEETS)
    return css.replace('url("icons/', f'url("{current_app.static_url_path}/icons/')


def _version(css: str) -> str:
    return hashlib.sha256(css.encode()).hexdigest()[:12]
