"""RSS skipHours and skipDays: the hours and days at which a publisher asks not to be polled.

Hours and days are in GMT, see https://www.rssboard.org/skip-hours-days.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

HOURS_PER_DAY, DAYS_PER_WEEK = 24, 7
DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# At most 2,000 characters; a list of 24 hours with white space takes a quarter of that.
HOUR_LIST = re.compile(r"<skipHours\b[^<>]{0,100}>(.{0,2000}?)</skipHours", re.IGNORECASE | re.DOTALL)
DAY_LIST = re.compile(r"<skipDays\b[^<>]{0,100}>(.{0,2000}?)</skipDays", re.IGNORECASE | re.DOTALL)
HOUR_TAG = re.compile(r"<hour>\s*(\d{1,2})\s*</hour", re.IGNORECASE)
DAY_TAG = re.compile(r"<day>\s*([a-z]+)\s*</day", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SkipSchedule:
    """Bit masks of the hours (0 to 23) and the days (0 is Monday) without polls."""

    hours: int = 0
    days: int = 0

    def next_allowed(self, moment: datetime) -> datetime:
        """Return `moment`, or the next full hour that is not skipped; `moment` if every hour or day is skipped."""
        if (
            not (self.hours or self.days)
            or self.hours == 2**HOURS_PER_DAY - 1
            or self.days == 2**DAYS_PER_WEEK - 1
        ):
            return moment
        allowed = moment
        while self._is_skipped(allowed):
            allowed = allowed.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return allowed

    def _is_skipped(self, moment: datetime) -> bool:
        return bool(self.hours >> moment.hour & 1 or self.days >> moment.weekday() & 1)


NO_SKIPS = SkipSchedule()


def read_skip_schedule(text: str) -> SkipSchedule:
    """Return the skip schedule of an RSS document. Hours and days that do not exist are ignored."""
    hour_list, day_list = HOUR_LIST.search(text), DAY_LIST.search(text)
    # RSS 0.91 allowed 24 for midnight.
    hours = (
        {int(hour) % HOURS_PER_DAY for hour in HOUR_TAG.findall(hour_list[1]) if int(hour) <= HOURS_PER_DAY}
        if hour_list
        else set()
    )
    days = (
        {DAY_NAMES.index(day.lower()) for day in DAY_TAG.findall(day_list[1]) if day.lower() in DAY_NAMES}
        if day_list
        else set()
    )
    return SkipSchedule(sum(1 << hour for hour in hours), sum(1 << day for day in days))
