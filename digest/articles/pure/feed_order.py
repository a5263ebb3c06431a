"""Decides whether the order of a document is an editor's, and gives each entry its place in it.

Most feeds list the newest entry first. There a place says when an entry came, which its date says better. Where the
order is another one, or entries have no dates, what the publisher's editors find important stands near the top.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

MIN_DATED_SHARE = 0.5  # of the entries; with fewer dates nothing is known of the order by time
# The share of neighbours with the newer one first. A feed by time has some others, where dates were corrected.
NEWEST_FIRST_SHARE = 0.9
MAX_POSITION = 1_000  # a small integer; nobody arranges so many


def editorial_positions(dates: Sequence[datetime | None]) -> list[int | None]:
    """The place of each entry, 1 for the top; None for each if the document lists the newest first.

    `dates` are those of the entries in the order of the document, None where the source gives none.
    """
    if _is_newest_first(dates):
        return [None] * len(dates)
    return [place if place <= MAX_POSITION else None for place in range(1, len(dates) + 1)]


def _is_newest_first(dates: Sequence[datetime | None]) -> bool:
    dated = [date for date in dates if date is not None]
    if len(dated) < MIN_DATED_SHARE * len(dates):
        return False
    in_order = sum(first >= second for first, second in pairwise(dated))
    return in_order >= NEWEST_FIRST_SHARE * (len(dated) - 1)
