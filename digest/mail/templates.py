"""Renders mail templates: one folder per mail, one Jinja environment per language, CSS made inline.

Autoescape is on for .html and off for .txt.
"""

import re
from functools import cache, lru_cache
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from digest import project_files
from digest.i18n.locales import localize_digits, translations
from digest.look.pure.palette import DEFAULT_PALETTE, Palette
from digest.mail.pure.text_wrapping import wrap_text

TEMPLATES_DIR = project_files.TEMPLATES / "email"
STYLE_SHEETS = ("layout.css", "digest.css")  # the second one for fragments too
DEFAULTS = {"palette": DEFAULT_PALETTE, "brand": None}
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@cache
def environment(language: str) -> Environment:
    """The Jinja environment for mails in a language."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES_DIR),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    env.filters |= {"wrapped": wrap_text, "digits": lambda number: localize_digits(str(number), language)}
    return env


def render(template: str, language: str, **values: Any) -> str:
    """Render a template such as `digest/body.html`; raises jinja2.UndefinedError for a missing value.

    Without `brand` a mail has the name of the site at its head; without `palette`, the colours of the program.
    """
    return environment(language).get_template(template).render(**{**DEFAULTS, **values})


def inline_styles(html: str, palette: Palette = DEFAULT_PALETTE) -> str:
    """An HTML document with its CSS made inline."""
    return _inliner(palette, is_whole=True).inline(html)


def inline_fragment_styles(html: str, palette: Palette = DEFAULT_PALETTE) -> str:
    """An HTML fragment with the CSS of mails made inline."""
    return _inliner(palette, is_whole=False).inline_fragment(html, "")


@lru_cache(maxsize=16)
def _inliner(palette: Palette, *, is_whole: bool) -> css_inline.CSSInliner:
    css = "".join(
        CSS_COMMENT.sub("", (TEMPLATES_DIR / "styles" / name).read_text(encoding="utf-8"))
        for name in (STYLE_SHEETS if is_whole else STYLE_SHEETS[1:])
    )
    for usual, own in ((DEFAULT_PALETTE.accent, palette.accent), (DEFAULT_PALETTE.tint, palette.tint)):
        css = css.replace(usual, own)
    return css_inline.CSSInliner(load_remote_stylesheets=False, extra_css=css)
