"""The mails' templates: one folder per mail, one environment per language, styles put inline.

Autoescape is on for .html and, as Jinja does it, off for .txt.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import css_inline
from babel import Locale, UnknownLocaleError
from babel.support import NullTranslations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from digest.mail.catalogs import catalog
from digest.mail.wrapping import wrapped

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates" / "email"
# The digits of CLDR's numbering systems that a language of ours has by default; Babel writes 0 to 9 everywhere.
DIGITS = {"arabext": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")}
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@cache
def environment(language: str) -> Environment:
    """Jinja for the mails of a language."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    env.filters |= {"wrapped": wrapped, "digits": lambda number: digits(str(number), language)}
    return env


def translations(language: str) -> NullTranslations:
    """The mails' translations to a language."""
    return catalog("mails", language)


def render(template: str, language: str, **values: Any) -> str:
    """Fill a template, `digest/body.html` say; a value that is missing raises jinja2.UndefinedError."""
    return environment(language).get_template(template).render(**values)


def inlined(html: str) -> str:
    """A whole page with its styles inline."""
    return _inliner().inline(html)


def inlined_fragment(html: str) -> str:
    """A piece of a page with its styles inline."""
    return _inliner().inline_fragment(html, "")


@cache
def locale(language: str) -> Locale:
    """CLDR's data of a language; English (of the world: day before month) for one it doesn't know."""
    try:
        return Locale.parse("en_GB" if language == "en" else language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


def direction(language: str) -> str:
    """rtl or ltr, as CLDR says of the language."""
    return str(locale(language).text_direction)


def comma(language: str) -> str:
    """What stands between the names of a list."""
    return "، " if language in ("ar", "fa") else ", "


def digits(text: str, language: str) -> str:
    """The text with the digits of its language: Persian's, say."""
    table = _digits(language)
    return text.translate(table) if table else text


@cache
def _digits(language: str) -> dict[int, int]:
    return DIGITS.get(locale(language).default_numbering_system, {})


@cache
def _inliner() -> css_inline.CSSInliner:
    css = COMMENT.sub("", (TEMPLATES / "styles" / "digest.css").read_text(encoding="utf-8"))
    return css_inline.CSSInliner(load_remote_stylesheets=False, extra_css=css)
