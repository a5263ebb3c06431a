"""How a language writes things: its direction, digits and lists, and CLDR's data of it."""

from functools import cache

from babel import Locale, UnknownLocaleError
from babel.support import NullTranslations

from digest.i18n.catalogs import catalog

# The digits of CLDR's numbering systems that a language of ours has by default; Babel writes 0 to 9 everywhere.
DIGITS = {"arabext": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")}


def translations(language: str) -> NullTranslations:
    """The translations of mails into a language."""
    return catalog("mails", language)


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
