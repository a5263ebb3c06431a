"""Leaves out the oldest entries of a feed that has more than the limit, before a parser gets it.

Most feeds begin with their newest entry, and some end with it. So dates decide; without any, the first entries stay.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple

from digest.errors import NewsroomText
from digest.sources.pure.dates.date_parser import parse_date

ITEM_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
ITEM_START = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
# An entry without anything in it. Within another entry a parser would take it for the end of that one.
EMPTY_ITEM = re.compile(
    r"<((?:[\w.-]+:)?(?:item|entry))(?:\s[^<>]*)?(?:/>|(?<!/)>\s*</\1\s*>)", re.IGNORECASE
)
DATE_ELEMENT = re.compile(
    r"<(?:[\w.-]+:)?(?:(pubDate|published|date|issued|created)|updated|modified)(?:\s[^<>]*)?>"
    r"\s*(?:<!\[CDATA\[)?\s*([^<>\]]{6,60}?)\s*(?:\]\]>)?\s*</",
    re.IGNORECASE,
)
MAX_DATED_ENTRIES = 10_000  # whose dates are read: that takes a second
MAX_DATES = 4  # of one entry that are read
UNDATED = datetime.min.replace(tzinfo=UTC)  # sorts entries without a date last


class _Span(NamedTuple):
    """Where an entry begins and ends."""

    start: int
    end: int


def keep_newest(body: str, limit: int, warnings: list[str]) -> str:
    """`body` with at most `limit` entries, in its order; says in `warnings` which were left out."""
    spans = _entry_spans(body)
    if len(spans) <= limit:
        return body
    has_dates = len(spans) <= MAX_DATED_ENTRIES
    dates = [_date_of(body[span.start : span.end]) if has_dates else None for span in spans]
    kept = newest_indexes(dates, limit)
    warnings.append(entry_limit_warning(len(spans), limit, by_date=any(dates)))
    pieces, position = list[str](), 0
    for index, span in enumerate(spans):
        if index not in kept:
            pieces.append(body[position : span.start])
            position = span.end
    return "".join((*pieces, body[position:]))


def newest_indexes(dates: Sequence[datetime | None], limit: int) -> frozenset[int]:
    """The indexes of the `limit` newest entries; of entries with equal or no dates the first ones."""
    order = sorted(range(len(dates)), key=lambda index: dates[index] or UNDATED, reverse=True)
    return frozenset(order[:limit])


def entry_limit_warning(count: int, limit: int, *, by_date: bool) -> str:
    """The warning for a document with more entries than the limit."""
    if by_date:
        return NewsroomText(
            "only the newest %(limit)s of %(count)s entries were read", limit=limit, count=count
        )
    return NewsroomText("only the first %(limit)s of %(count)s entries were read", limit=limit, count=count)


def remove_empty_items(body: str) -> str:
    """`body` without entries that have nothing in them."""
    return EMPTY_ITEM.sub("", body)


def _entry_spans(body: str) -> list[_Span]:
    spans, position = list[_Span](), 0
    for match in ITEM_END.finditer(body):
        start = ITEM_START.search(body, position, match.start())
        spans.append(_Span(start.start() if start else match.start(), match.end()))
        position = match.end()
    return spans


def _date_of(entry: str) -> datetime | None:
    """The date of publication, or else that of a change."""
    elements = list(islice(DATE_ELEMENT.finditer(entry), MAX_DATES))
    elements.sort(key=lambda element: element[1] is None)
    return next((moment for element in elements if (moment := parse_date(element[2]))), None)
