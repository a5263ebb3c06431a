"""Queries over hosts: which may be asked now, claiming them, and releasing them.

A worker that asks a host (sends it requests) holds a lease on the host's row, so that no two workers, on any machine,
ask one host at once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, Update, and_, bindparam, case, func, or_, select, update

from digest.database import Tx, UtcDateTime, chunked, insert_missing, is_one_of
from digest.sources.models import Host, Source
from digest.sources.store.sources import due_at

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class PollTurn(NamedTuple):
    """A source to poll now, and its host."""

    source_id: int
    host: str


def due_with_free_hosts(tx: Tx, now: datetime, *, limit: int) -> Sequence[PollTurn]:
    """Due sources with their hosts: at most one for each free host; sources whose last poll succeeded come first."""
    rank = func.row_number().over(partition_by=Source.host, order_by=(Source.next_poll_at, Source.id))
    due = (
        select(Source.id, Source.host, Source.failures, Source.next_poll_at, rank.label("rank"))
        .outerjoin(Host, Host.name == Source.host)
        .where(due_at(now), or_(Host.name.is_(None), _is_free(now)))
        .subquery()
    )
    first = select(due.c.id, due.c.host).where(due.c.rank == 1)
    rows = tx.execute(first.order_by(due.c.failures > 0, due.c.next_poll_at, due.c.id).limit(limit))
    return [PollTurn(*row) for row in rows]


def is_due_source_waiting_for_host(tx: Tx, now: datetime, *, within: timedelta) -> bool:
    """Whether a due source waits only for its host's pause, which ends within this time."""
    query = (
        select(Source.id)
        .join(Host, Host.name == Source.host)
        .where(due_at(now))
        .where(Host.busy_until <= now, Host.not_before > now, Host.not_before <= now + within)
    )
    return tx.scalar(query.limit(1)) is not None


def claim(tx: Tx, names: Iterable[str], now: datetime, *, lease: timedelta) -> set[str]:
    """Claim the free hosts among `names` and return their names; no other worker asks them until they are released."""
    ordered = sorted(set(names))
    insert_missing(tx, Host, [_new_row(name) for name in ordered], keys=["name"])
    claimed: set[str] = set()
    for chunk in chunked(ordered):
        # Rows that another worker is claiming are skipped; this worker does not wait for them.
        free = (
            select(Host.name)
            .where(is_one_of(tx, Host.name, chunk), _is_free(now))
            .with_for_update(skip_locked=True)
        )
        free_names = tx.scalars(free).all()
        query = update(Host).where(Host.name.in_(free_names), _is_free(now)).values(busy_until=now + lease)
        claimed |= set(tx.scalars(query.returning(Host.name)))
    return claimed


def release(tx: Tx, name: str, now: datetime, *, gap: timedelta) -> None:
    """Release a host. It may be asked again after the gap, or after the longer pause that it asked for."""
    tx.connection().execute(_release_query(), {"key": name, "now": now, "gap_end": now + gap})


@cache
def _release_query() -> Update:
    """Cached, because building it costs more than running it, and every poll ends with it."""
    table, column_type = Host.__table__, UtcDateTime()
    gap_end = bindparam("gap_end", type_=column_type)
    not_before = case((table.c.not_before > gap_end, table.c.not_before), else_=gap_end)
    query = update(table).where(table.c.name == bindparam("key"))  # type: ignore[arg-type]
    return query.values(busy_until=bindparam("now", type_=column_type), not_before=not_before)


def pause(tx: Tx, name: str, until: datetime, reason: str) -> None:
    """Ask a host nothing before `until`, for any of its sources. An existing longer pause stays."""
    insert_missing(tx, Host, [_new_row(name)], keys=["name"])
    query = update(Host).where(Host.name == name, Host.not_before < until)
    tx.execute(query.values(not_before=until, reason=reason))


def paused_hosts(tx: Tx, now: datetime, *, longer_than: timedelta) -> dict[str, Host]:
    """The hosts, by name, whose pause lasts for longer than the usual gap."""
    rows = tx.scalars(select(Host).where(Host.not_before > now + longer_than))
    return {host.name: host for host in rows}


def _new_row(name: str) -> dict[str, object]:
    """The row of a host that nobody has asked yet."""
    return {"name": name, "busy_until": EPOCH, "not_before": EPOCH, "reason": ""}


def _is_free(now: datetime) -> ColumnElement[bool]:
    return and_(Host.busy_until <= now, Host.not_before <= now)
