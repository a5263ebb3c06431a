"""Whoever sends many mails at once types their number first, because nothing calls mails back."""

from collections.abc import Mapping

from flask_babel import gettext as _

from digest.admin.numbers import number
from digest.errors import InvalidInputError

MAX_WITHOUT_NUMBER = 1_000
MAX_DIGITS = 12


def needs_number(count: int) -> bool:
    """Whether so many mails need their number typed."""
    return count > MAX_WITHOUT_NUMBER


def check_number(values: Mapping[str, str], count: int) -> None:
    """Raise InvalidInputError if `count` mails are too many and the form lacks the number that its page showed.

    News may have come since, so that the number shown may differ a little from `count`.
    """
    if not needs_number(count):
        return
    shown, typed = (_digits(values.get(name, "")) for name in ("shown_count", "typed_count"))
    if not typed or typed != shown:
        raise InvalidInputError(_("Type the number %(count)s.", count=number(count)))


def _digits(text: str) -> str:
    """The digits of a number that may have separators of thousands."""
    return "".join(character for character in text if character.isdecimal())[:MAX_DIGITS].lstrip("0")
