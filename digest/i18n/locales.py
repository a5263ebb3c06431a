"""How languages are written: direction, digits and lists, and the CLDR locale of each."""

import re
from collections.abc import Mapping
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.support import NullTranslations

from digest.i18n.catalogs import load_catalog

PRIMARY_SUBTAG = re.compile(r"[A-Za-z]{2,3}(?![A-Za-z])")
# Digits by CLDR numbering system, for the systems that our languages use by default. Babel always writes 0 to 9.
DIGIT_TABLES = {"arabext": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")}


def translations(language: str) -> NullTranslations:
    """The translations of mails into a language."""
    return load_catalog("mails", language)


@cache
def cldr_locale(language: str) -> Locale:
    """The CLDR locale of a language. Unknown languages get British English, which writes the day before the month."""
    try:
        return Locale.parse("en_GB" if language == "en" else language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


def primary_subtag(tag: str) -> str:
    """The language of a BCP 47 tag, without script and region: "en" for "en-GB"; "" for an invalid tag."""
    found = PRIMARY_SUBTAG.match(tag)
    return found[0].lower() if found else ""


def is_language(code: str) -> bool:
    """Whether CLDR knows a language by this code, a primary subtag of BCP 47 in lower case."""
    return code in _language_names()


@cache
def _language_names() -> Mapping[str, str]:
    return dict(cldr_locale("en").languages)


def language_name(code: str) -> str:
    """The name of a language in the language itself; the code when CLDR does not know it."""
    try:
        name = Locale.parse(code).get_display_name(code)
    except (UnknownLocaleError, ValueError):
        name = None
    return str(name or code).capitalize()


def text_direction(language: str) -> str:
    """The direction of a language's script in CLDR: "rtl" or "ltr"."""
    return str(cldr_locale(language).text_direction)


def list_separator(language: str) -> str:
    """The separator of the items of a list."""
    return "، " if language in ("ar", "fa") else ", "


def localize_digits(text: str, language: str) -> str:
    """The text with the digits of its language, such as the Persian ones."""
    table = _digit_table(language)
    return text.translate(table) if table else text


@cache
def _digit_table(language: str) -> dict[int, int]:
    return DIGIT_TABLES.get(cldr_locale(language).default_numbering_system, {})
