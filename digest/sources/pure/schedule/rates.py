"""The number of new articles a day of a source, as an average in which old articles decay."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = timedelta(days=1)
# An article of this age counts about a third (1/e). The period has two weekends, yet a change shows within days.
DECAY_TIME = timedelta(days=14)
# Over a shorter time, a quiet night or a busy morning would distort the rate.
MIN_WATCHED = timedelta(days=1)
MIN_DATES = 3  # dates in a document; fewer are not enough to estimate a rate


@dataclass(frozen=True, slots=True)
class ArticleRate:
    """New articles a day, weighted by age, up to `counted_at`. `since` is the start of the count."""

    decayed_per_day: float
    since: datetime | None
    counted_at: datetime | None

    def after_poll(self, new_count: int, now: datetime) -> "ArticleRate":
        """Return the rate after a poll at `now` that brought `new_count` new articles."""
        elapsed = max(now - self.counted_at, timedelta()) if self.counted_at else timedelta()
        decayed = self.decayed_per_day * math.exp(-elapsed / DECAY_TIME) + new_count / (DECAY_TIME / DAY)
        return ArticleRate(decayed, self.since or now, now)

    def per_day(self, now: datetime) -> float | None:
        """Return the usual number of new articles a day; None if the source was watched for less than `MIN_WATCHED`.

        The average of a source that was watched for a short time is too low. The division corrects that.
        """
        if self.since is None or self.counted_at is None or now - self.since < MIN_WATCHED:
            return None
        decayed = self.decayed_per_day * math.exp(-max(now - self.counted_at, timedelta()) / DECAY_TIME)
        return decayed / -math.expm1(-(now - self.since) / DECAY_TIME)


def estimate_rate(dates: Iterable[datetime], now: datetime) -> ArticleRate:
    """Return a first estimate from the publication dates in a source's first document."""
    past = sorted(date for date in dates if now - 2 * DECAY_TIME <= date <= now)
    if len(past) < MIN_DATES or now - past[0] < timedelta(hours=1):
        return ArticleRate(0.0, now, now)
    span = now - past[0]
    watched = min(max(span, MIN_WATCHED), DECAY_TIME)
    per_day = len(past) / (span / DAY)
    return ArticleRate(per_day * -math.expm1(-watched / DECAY_TIME), now - watched, now)
