"""Numbers as the language of the page writes them, alone and within counted texts."""

from babel.numbers import format_decimal
from flask_babel import get_translations

from digest.admin.form_choices import page_language
from digest.i18n.locales import cldr_locale


def number(value: float, places: int | None = None) -> str:
    """A number with separators of thousands; with so many decimal places, or as many as it has."""
    pattern = None if places is None else f"#,##0.{'0' * places}"
    return str(format_decimal(value, format=pattern, locale=cldr_locale(page_language())))


def points(value: float) -> str:
    """Points with their sign, as reasons show them."""
    return str(format_decimal(value, format="+0.00;-0.00", locale=cldr_locale(page_language())))


def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    """A counted text; unlike Flask-Babel's, its number has separators of thousands."""
    text: str = get_translations().ungettext(singular, plural, num)
    return text % {"num": number(num), **values}
