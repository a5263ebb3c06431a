"""The calendar of the archive: the weeks of a month, with the days that have a page."""

from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of a month's calendar."""

    day: date
    has_page: bool
    in_month: bool


def days_with_links(day: date, *, first: date, last: date) -> Sequence[Sequence[CalendarDay]]:
    """The weeks of the month of `day`, Monday first; days from `first` to `last` have pages.

    >>> weeks = days_with_links(date(2026, 11, 29), first=date(2026, 11, 20), last=date(2026, 11, 29))
    >>> [d.day.day for d in weeks[0]], weeks[0][0].in_month, sum(d.has_page for week in weeks for d in week)
    ([26, 27, 28, 29, 30, 31, 1], False, 10)
    """
    return [
        [CalendarDay(shown, first <= shown <= last, shown.month == day.month) for shown in week]
        for week in Calendar().monthdatescalendar(day.year, day.month)
    ]
