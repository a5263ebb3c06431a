"""Reads and checks the parameters of forms and URLs."""

from collections.abc import Mapping

from flask_babel import gettext as _

from digest.database import MAX_ROW_ID
from digest.errors import InvalidInputError


def parse_int(
    values: Mapping[str, str], name: str, *, minimum: int = 1, maximum: int = MAX_ROW_ID
) -> int | None:
    """The parameter `name` as a whole number, None if it is missing or empty. Raises InvalidInputError."""
    text = values.get(name, "").strip()
    if not text:
        return None
    # The length is checked first, because int() raises ValueError for thousands of digits.
    is_number = text.isdecimal() and len(text) <= len(str(MAX_ROW_ID))
    if not is_number or not minimum <= int(text) <= maximum:
        values_in_message = {"text": text[:20], "name": name, "minimum": minimum, "maximum": maximum}
        raise InvalidInputError(
            _(
                '%(name)s: "%(text)s" is not a whole number from %(minimum)s to %(maximum)s.',
                **values_in_message,
            )
        )
    return int(text)


def form_idempotency_key(values: Mapping[str, str]) -> str:
    """The idempotency key of a form, "" if it has none. The prefix keeps it apart from the sample edition's key."""
    key = values.get("slot", "")
    return f"form/{key}" if key else ""
