"""Texts of the other stages in the language of the page: messages of errors, and what was stored in English."""

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from flask_babel import gettext as _

from digest.admin.form_choices import page_language
from digest.admin.state_names import state_name
from digest.errors import DatelineError, TranslatableText
from digest.i18n.catalogs import load_newsroom_catalog

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
MIN_LITERAL = 6  # letters; a pattern with fewer would fit texts that are not ours
MAX_STORED_LENGTH = 1_000
STORED_CACHE_SIZE = 2_000


def translated(message: object) -> str:
    """A message, or that of an error, in the language of the page.

    A plain text may have been stored by a stage; the pattern that it was made from is then looked for.
    """
    if isinstance(message, DatelineError):
        message = message.args[0] if message.args else ""
    if isinstance(message, TranslatableText):
        values = {name: translated_value(value) for name, value in message.values.items()}
        return str(_(message.pattern, **values))
    return _stored_text(str(message), page_language())


def translated_value(value: object) -> object:
    """A value within a message: messages and states are translated too."""
    if isinstance(value, DatelineError | TranslatableText):
        return translated(value)
    return state_name(value) if isinstance(value, StrEnum) else value


@lru_cache(maxsize=STORED_CACHE_SIZE)
def _stored_text(text: str, language: str) -> str:
    """A text that was stored in English, if it was made from a pattern of the catalogue; else as it is."""
    catalog = load_newsroom_catalog(language)
    exact = str(catalog.gettext(text)) if text else ""
    if exact != text or len(text) > MAX_STORED_LENGTH:
        return exact
    for pattern, expression in _patterns(language):
        if found := expression.fullmatch(text):
            values = {name: _stored_text(value, language) for name, value in found.groupdict().items()}
            return str(catalog.gettext(pattern)) % values
    return text


@lru_cache
def _patterns(language: str) -> Sequence[tuple[str, re.Pattern[str]]]:
    """The patterns of a language's catalogue, those with most letters of their own first."""
    known = getattr(load_newsroom_catalog(language), "_catalog", {})
    patterns = [key for key in known if isinstance(key, str) and PLACEHOLDER.search(key)]
    patterns = [key for key in patterns if _literal_length(key) >= MIN_LITERAL]
    return [(key, _expression(key)) for key in sorted(patterns, key=_literal_length, reverse=True)]


def _literal_length(pattern: str) -> int:
    return sum(map(str.isalpha, PLACEHOLDER.sub("", pattern)))


def _expression(pattern: str) -> re.Pattern[str]:
    """What matches the texts that a pattern makes."""
    pieces, seen, end = [], set[str](), 0
    for found in PLACEHOLDER.finditer(pattern):
        name = found[1]
        pieces += [
            _escape(pattern[end : found.start()]),
            f"(?P={name})" if name in seen else f"(?P<{name}>.*?)",
        ]
        seen.add(name)
        end = found.end()
    return re.compile("".join([*pieces, _escape(pattern[end:])]), re.DOTALL)


def _escape(literal: str) -> str:
    return re.escape(literal.replace("%%", "%"))
