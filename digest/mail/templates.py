"""The mails' templates: one folder per mail, one environment per language, styles put inline.

Autoescape is on for .html and, as Jinja does it, off for .txt.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from digest.i18n.locales import digits, translations
from digest.mail.pure.text_wrapping import wrapped

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates" / "email"
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
def _inliner() -> css_inline.CSSInliner:
    css = COMMENT.sub("", (TEMPLATES / "styles" / "digest.css").read_text(encoding="utf-8"))
    return css_inline.CSSInliner(load_remote_stylesheets=False, extra_css=css)
