"""The history of polls: a row for each poll, or for several in a row that ended alike and brought nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Insert, Integer, Update, bindparam, case, delete, func, insert, select, update

from digest.database import Tx, UtcDateTime, page_after, utc_day
from digest.sources.models import Source, SourcePoll
from digest.sources.states import PollOutcome

MAX_ERROR_LENGTH = 500  # characters that are stored; a source's row has more of its last error
MILLISECONDS = 1_000


class PollSort(StrEnum):
    """What polls are counted by, for a chart."""

    NEWS = "news"  # brought or changed an article
    NOTHING = "nothing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Poll:
    """How one poll ended, and what it brought."""

    outcome: PollOutcome
    status: int = 0  # of HTTP; 0 if there was no answer
    error: str = ""
    seconds: float = 0.0  # from the request to the end of the answer
    size: int = 0  # octets of the document, unpacked; 0 if there was none
    entries: int = 0  # that the document lists
    new: int = 0  # articles
    changed: int = 0
    held: int = 0

    @property
    def brought_something(self) -> bool:
        """Whether any article came or changed."""
        return bool(self.new or self.changed or self.held)


def add(tx: Tx, source_id: int, poll: Poll, now: datetime) -> None:
    """Add a poll to the history of a source. Does nothing if the source has been deleted."""
    values: dict[str, Any] = {
        "p_source": source_id, "p_now": now, "p_outcome": poll.outcome, "p_status": poll.status,
        "p_error": poll.error[:MAX_ERROR_LENGTH], "p_ms": round(poll.seconds * MILLISECONDS), "p_size": poll.size,
        "p_entries": poll.entries,
    }  # fmt: skip
    connection = tx.connection()
    if not poll.brought_something:
        today = datetime.combine(now.date(), time(), now.tzinfo)
        if connection.execute(_extend_query(), values | {"p_today": today}).rowcount:
            return
    counts = {"p_polls": 1, "p_new": poll.new, "p_changed": poll.changed, "p_held": poll.held}
    connection.execute(_insert_query(), values | counts)


# Building a statement costs more than running it, and every poll ends with these.
@cache
def _extend_query() -> Update:
    """Adds a poll that brought nothing to the newest row of its source, if that is of today and of such polls too."""
    table, moment, ms = SourcePoll.__table__.c, UtcDateTime(), bindparam("p_ms", type_=Integer())
    newest = select(func.max(table.id)).where(table.source_id == bindparam("p_source")).scalar_subquery()
    query = update(SourcePoll.__table__).where(  # type: ignore[arg-type]
        table.id == newest,
        table.outcome == bindparam("p_outcome"),
        table.status == bindparam("p_status"),
        table.error == bindparam("p_error"),
        table.first_at >= bindparam("p_today", type_=moment),
        table.new + table.changed + table.held == 0,
    )
    return query.values(
        polls=table.polls + 1,
        last_at=bindparam("p_now", type_=moment),
        duration_ms=table.duration_ms + ms,
        slowest_ms=case((table.slowest_ms < ms, ms), else_=table.slowest_ms),
        size=bindparam("p_size"),
        entries=bindparam("p_entries"),
    )


@cache
def _insert_query() -> Insert:
    """Adds a row, if the source still exists."""
    columns = SourcePoll.__table__.c
    parameters = {
        "outcome": "p_outcome", "status": "p_status", "error": "p_error", "polls": "p_polls", "first_at": "p_now",
        "last_at": "p_now", "duration_ms": "p_ms", "slowest_ms": "p_ms", "size": "p_size", "entries": "p_entries",
        "new": "p_new", "changed": "p_changed", "held": "p_held",
    }  # fmt: skip
    values = [bindparam(parameter, type_=columns[name].type) for name, parameter in parameters.items()]
    row = select(Source.id, *values).where(Source.id == bindparam("p_source"))
    return insert(SourcePoll.__table__).from_select(["source_id", *parameters], row)  # type: ignore[arg-type]


def page(tx: Tx, source_id: int, *, before: int | None, limit: int) -> Sequence[SourcePoll]:
    """The newest polls of a source whose ids are below `before`: at most `limit`, and one more if there is."""
    query = select(SourcePoll).where(SourcePoll.source_id == source_id)
    return page_after(tx, query, SourcePoll.id, after=before, limit=limit, newest_first=True)


def as_json(row: SourcePoll) -> dict[str, Any]:
    """A row as JSON, for programs."""
    names = (
        "id",
        "outcome",
        "error",
        "polls",
        "duration_ms",
        "slowest_ms",
        "entries",
        "new",
        "changed",
        "held",
    )
    return {
        **{name: getattr(row, name) for name in names},
        "status": row.status or None,
        "size": row.size or None,
        "first_at": row.first_at.isoformat(),
        "last_at": row.last_at.isoformat(),
    }


def count_by_day(tx: Tx, source_id: int, since: datetime) -> Mapping[PollSort, Mapping[str, int]]:
    """How many polls of a source failed, brought nothing, and brought articles, on each UTC day."""
    columns = SourcePoll
    day = utc_day(tx, columns.first_at)
    sort = case(
        (columns.outcome == PollOutcome.FAILED, PollSort.FAILED.value),
        (columns.new + columns.changed + columns.held > 0, PollSort.NEWS.value),
        else_=PollSort.NOTHING.value,
    )
    query = select(sort, day, func.sum(columns.polls)).where(
        columns.source_id == source_id, columns.first_at >= since
    )
    counts: dict[PollSort, dict[str, int]] = {each: {} for each in PollSort}
    for name, of_day, count in tx.execute(query.group_by(sort, day)):
        counts[PollSort(name)][of_day] = int(count)
    return counts


def prune(tx: Tx, before: datetime, limit: int) -> int:
    """Delete those of the `limit` oldest rows that began before a moment. Returns how many.

    Ids grow with time: there is no need for an index of times.
    """
    oldest = select(SourcePoll.id, SourcePoll.first_at).order_by(SourcePoll.id).limit(limit).subquery()
    expired = select(oldest.c.id).where(oldest.c.first_at < before)
    query = delete(SourcePoll).where(SourcePoll.id.in_(expired)).returning(SourcePoll.id)
    return len(tx.scalars(query, execution_options={"synchronize_session": False}).all())
