"""The mails' templates: one folder per mail, one environment per language, styles put inline.

Autoescape is on for .html and, as Jinja does it, off for .txt.
"""

from functools import cache
from pathlib import Path
from typing import Any

import css_inline
from babel import Locale, UnknownLocaleError
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = ROOT / "templates" / "email"
TRANSLATIONS = ROOT / "digest" / "translations"


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
    return env


@cache
def translations(language: str) -> NullTranslations:
    """The message catalogue of a language; English is in the templates themselves."""
    return Translations.load(TRANSLATIONS, [language])


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


@cache
def _inliner() -> css_inline.CSSInliner:
    css = (TEMPLATES / "styles" / "digest.css").read_text()
    return css_inline.CSSInliner(load_remote_stylesheets=False, extra_css=css)
