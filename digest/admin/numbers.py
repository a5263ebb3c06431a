"""Numbers as the language of the page writes them, alone and within counted texts."""

from functools import lru_cache

from babel.numbers import format_decimal, format_percent
from flask_babel import get_translations

from digest.admin.form_choices import page_language
from digest.i18n.locales import cldr_locale


def number(value: float, places: int | None = None) -> str:
    """A number with separators of thousands; with so many decimal places, or as many as it has."""
    pattern = None if places is None else f"#,##0.{'0' * places}"
    return _formatted(value, pattern, page_language())


def percent(share: float) -> str:
    """A share of 1 as a percentage with at most two decimal places."""
    return str(format_percent(share, format="#,##0.##%", locale=cldr_locale(page_language())))


def points(value: float) -> str:
    """Points with their sign, as reasons show them."""
    rounded = round(value, 2) + 0.0  # -0.0 becomes 0.0: both are one key of the cache, and have one look
    return _formatted(rounded, "+0.00;-0.00", page_language())


def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    """A counted text; unlike Flask-Babel's, its number has separators of thousands."""
    text: str = get_translations().ungettext(singular, plural, num)
    return text % {"num": number(num), **values}


@lru_cache(maxsize=4000)
def _formatted(value: float, pattern: str | None, language: str) -> str:
    """A number in a language. It is kept, because a page has hundreds of numbers, and most of them are small."""
    return str(format_decimal(value, format=pattern, locale=cldr_locale(language)))
