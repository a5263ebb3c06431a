"""Moments as other programs write them into CSV files."""

import re
from datetime import UTC, datetime

# ISO 8601 with a space or a T, and the zone after it: Z, +00, +0000, +00:00, UTC, or "+0000 UTC" as Go writes it.
MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?)? ?(Z|[+-]\d\d(?::?\d\d)?)?(?: ?(?:UTC|GMT))?"
)


def read_moment(text: str) -> datetime | None:
    """The moment; without a zone it is UTC. None if it is not in year-month-day order: then it has two readings.

    >>> read_moment("2026-01-02 03:04:05.678 +0200 UTC")
    datetime.datetime(2026, 1, 2, 1, 4, 5, tzinfo=datetime.timezone.utc)
    >>> read_moment("01/02/2026")
    """
    found = MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    day, time, zone = found.groups()
    try:
        return datetime.fromisoformat(f"{day}T{time or '00:00'}{zone or 'Z'}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
