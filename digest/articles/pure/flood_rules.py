"""When what a source brings waits for an editor instead of going into digests."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

DAY = timedelta(days=1)
FLOOD = 10  # times the usual number of new articles
FEWEST = 30  # fewer new articles a day flood nobody, however quiet their source was
UNKNOWN_RATE = 20.0  # new articles a day, of a source that is not known well enough
FEWEST_OLD = 10  # some old ones now and then are corrections, or a slow editor

Hold = Literal["", "flood", "old"]


@dataclass(frozen=True, slots=True)
class Past:
    """What a source brought before: its usual number a day, how many within the last day, when it was last read."""

    per_day: float | None
    lately: int
    last_read: datetime | None  # None: this is its first document


def hold(fresh: Collection[object], old: Collection[object], *, past: Past, now: datetime) -> Hold:
    """Why new articles must wait; "" when they need not. Of a first document old ones are a backlog, and no news
    anyway; nobody knows yet what is usual for its source, but a whole archive under today's date is not."""
    if past.last_read is None:
        return "flood" if len(fresh) >= FLOOD * UNKNOWN_RATE else ""
    expected = max(UNKNOWN_RATE if past.per_day is None else past.per_day, 1.0)
    expected *= max((now - past.last_read) / DAY, 1.0)
    came = len(fresh) + past.lately
    if fresh and came >= max(FEWEST, FLOOD * expected):
        return "flood"
    return "old" if not fresh and len(old) >= FEWEST_OLD else ""
