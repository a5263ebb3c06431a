"""Days as filters carry them."""

from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _

from digest.errors import InvalidInputError

DAY = timedelta(days=1)


def parse_day(text: str) -> datetime | None:
    """The beginning of a day (2027-01-31) in UTC; None for "". Raises InvalidInputError."""
    if not text.strip():
        return None
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInputError(_('"%(text)s" is not a day (example: 2027-01-31).', text=text[:20])) from None
