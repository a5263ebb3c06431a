"""The zone in which pages show times, and days and moments as forms carry them, in that zone."""

from datetime import UTC, datetime, timedelta, tzinfo

from flask_babel import gettext as _
from flask_login import current_user

from digest.editions.pure.calendar import zone_or_utc
from digest.errors import InvalidInputError

DAY = timedelta(days=1)


def page_zone() -> tzinfo:
    """The zone in which the page shows times: the account's, or UTC."""
    return zone_or_utc(getattr(current_user, "zone", "") or "UTC")


def parse_day(text: str) -> datetime | None:
    """The beginning of a day (2027-01-31) in the zone of the page; None for "". Raises InvalidInputError.

    Adding `DAY` gives the beginning of the next day, also where clocks change.
    """
    if not text.strip():
        return None
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=page_zone())
        _check_neighbours(day)
    except (ValueError, OverflowError):
        raise InvalidInputError(_('"%(text)s" is not a day (example: 2027-01-31).', text=text[:20])) from None
    return day


def parse_moment(text: str) -> datetime:
    """The value of a `datetime-local` field, in the zone of the page. Raises InvalidInputError."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=page_zone())
        _check_neighbours(moment)
    except (ValueError, OverflowError):
        raise InvalidInputError(
            _('"%(text)s" is not a date and time (example: 2027-01-31T07:30).', text=text[:20])
        ) from None
    return moment.astimezone(UTC)


def _check_neighbours(moment: datetime) -> None:
    """Raise OverflowError if a moment has no day before or after it in some zone: year 1 or 9999."""
    for neighbour in (moment - DAY, moment + DAY):
        neighbour.astimezone(UTC)
