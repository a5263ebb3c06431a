"""How many new articles a source brings a day, kept as one number that forgets what is long ago."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = timedelta(days=1)
MEMORY = timedelta(
    days=14
)  # what is so long ago counts a third (1/e): two weekends, and a new habit shows in days
LEAST_WATCHED = timedelta(days=1)  # before that, a night looks like silence and a morning like a flood
FEWEST_DATES = 3  # of a document, to tell a rate from


@dataclass(frozen=True, slots=True)
class Rate:
    """New articles a day, each weighed by its age, as counted up to `at`; `since` is when counting began."""

    counted: float
    since: datetime | None
    at: datetime | None

    def after(self, new: int, now: datetime) -> "Rate":
        """This rate when so many more have come by now."""
        gone = max(now - self.at, timedelta()) if self.at else timedelta()
        counted = self.counted * math.exp(-gone / MEMORY) + new / (MEMORY / DAY)
        return Rate(counted, self.since or now, now)

    def usual(self, now: datetime) -> float | None:
        """New articles a day that are usual; None for a source that is not known well enough.

        A source watched for a short time has filled only a part of the memory; the division makes up for that.
        """
        if self.since is None or self.at is None or now - self.since < LEAST_WATCHED:
            return None
        faded = self.counted * math.exp(-max(now - self.at, timedelta()) / MEMORY)
        return faded / -math.expm1(-(now - self.since) / MEMORY)


def rate_of_dates(dates: Iterable[datetime], now: datetime) -> Rate:
    """A first guess, from when the entries of a source's first document were published."""
    past = sorted(date for date in dates if now - 2 * MEMORY <= date <= now)
    if len(past) < FEWEST_DATES or now - past[0] < timedelta(hours=1):
        return Rate(0.0, now, now)
    span = now - past[0]
    watched = min(max(span, LEAST_WATCHED), MEMORY)
    a_day = len(past) / (span / DAY)
    return Rate(a_day * -math.expm1(-watched / MEMORY), now - watched, now)
