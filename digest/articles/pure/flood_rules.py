"""Decides whether the new articles of a source are held for an editor."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.articles.states import ArticleState

DAY = timedelta(days=1)
FLOOD_FACTOR = 10  # times the usual number of new articles
MIN_FLOOD_COUNT = 30  # fewer new articles a day are no flood, even from a quiet source
DEFAULT_PER_DAY = 20.0  # new articles a day, assumed for a source without enough history
MIN_OLD_COUNT = 10  # a few old articles now and then are corrections, or late publications


@dataclass(frozen=True, slots=True)
class SourceHistory:
    """What a source brought before."""

    per_day: float | None  # usual number of new articles a day; None if not known
    last_day_count: int  # news of the last 24 hours: articles in stories
    last_success_at: datetime | None  # None: this is its first document


def decide_hold(
    fresh: Collection[object], old: Collection[object], *, history: SourceHistory, now: datetime
) -> ArticleState:
    """FLOOD or OLD if these new articles must be held, RELEASED if not.

    The old articles of a first document are a backlog. They are no news, and are never a reason to hold. The
    usual number of its source is not known yet, but a whole archive that bears today's date is a flood.
    """
    if history.last_success_at is None:
        return ArticleState.FLOOD if len(fresh) >= FLOOD_FACTOR * DEFAULT_PER_DAY else ArticleState.RELEASED
    expected = max(DEFAULT_PER_DAY if history.per_day is None else history.per_day, 1.0)
    expected *= max((now - history.last_success_at) / DAY, 1.0)
    count = len(fresh) + history.last_day_count
    if fresh and count >= max(MIN_FLOOD_COUNT, FLOOD_FACTOR * expected):
        return ArticleState.FLOOD
    return ArticleState.OLD if not fresh and len(old) >= MIN_OLD_COUNT else ArticleState.RELEASED
