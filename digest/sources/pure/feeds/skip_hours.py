"""RSS's skipHours and skipDays: when a publisher asks not to be polled.

Hours and days are in GMT, see https://www.rssboard.org/skip-hours-days.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

HOURS, DAYS = 24, 7
NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# At most 2,000 characters; 24 hours with white space are a quarter of that.
HOUR_LIST = re.compile(r"<skipHours\b[^<>]{0,100}>(.{0,2000}?)</skipHours", re.IGNORECASE | re.DOTALL)
DAY_LIST = re.compile(r"<skipDays\b[^<>]{0,100}>(.{0,2000}?)</skipDays", re.IGNORECASE | re.DOTALL)
HOUR = re.compile(r"<hour>\s*(\d{1,2})\s*</hour", re.IGNORECASE)
DAY = re.compile(r"<day>\s*([a-z]+)\s*</day", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Skips:
    """Hours (0 to 23) and days (0 is Monday) to leave out, each as a number with a bit for each."""

    hours: int = 0
    days: int = 0

    def next(self, moment: datetime) -> datetime:
        """`moment`, or the first full hour after it that is not left out; `moment` when all of them are."""
        if not (self.hours or self.days) or self.hours == 2**HOURS - 1 or self.days == 2**DAYS - 1:
            return moment
        allowed = moment
        while self._skipped(allowed):
            allowed = allowed.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return allowed

    def _skipped(self, moment: datetime) -> bool:
        return bool(self.hours >> moment.hour & 1 or self.days >> moment.weekday() & 1)


NO_SKIPS = Skips()


def read_skips(text: str) -> Skips:
    """What an RSS document says; hours that there are not, and other words, are passed over."""
    hour_list, day_list = HOUR_LIST.search(text), DAY_LIST.search(text)
    # 24 for midnight was allowed by RSS 0.91.
    hours = (
        {int(hour) % HOURS for hour in HOUR.findall(hour_list[1]) if int(hour) <= HOURS}
        if hour_list
        else set()
    )
    days = (
        {NAMES.index(day.lower()) for day in DAY.findall(day_list[1]) if day.lower() in NAMES}
        if day_list
        else set()
    )
    return Skips(sum(1 << hour for hour in hours), sum(1 << day for day in days))
