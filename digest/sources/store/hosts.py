"""Queries over hosts: which may be asked now, taking them, and giving them back.

Whoever asks a host holds its row's lease meanwhile, so no two workers, on whatever machines, ask it at once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Update, and_, bindparam, case, func, or_, select, update

from digest.database import Tx, UtcDateTime, insert_missing
from digest.sources.models import Host, Source

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
AT_ONCE = 500  # values in one IN (…)


def turns(tx: Tx, now: datetime, *, limit: int) -> Sequence[tuple[int, str]]:
    """Sources to look at now with their hosts, one of each host that is free; those that answered last time first."""
    place = func.row_number().over(partition_by=Source.host, order_by=(Source.next_poll_at, Source.id))
    due = (
        select(Source.id, Source.host, Source.failures, Source.next_poll_at, place.label("place"))
        .outerjoin(Host, Host.name == Source.host)
        .where(Source.state == "active", Source.next_poll_at <= now, or_(Host.name.is_(None), _free(now)))
        .subquery()
    )
    first = select(due.c.id, due.c.host).where(due.c.place == 1)
    rows = tx.execute(first.order_by(due.c.failures > 0, due.c.next_poll_at, due.c.id).limit(limit))
    return [(row[0], row[1]) for row in rows]


def free_soon(tx: Tx, now: datetime, *, within: timedelta) -> bool:
    """Whether a source is due whose host will be free in a moment: only its turn has not come yet."""
    query = (
        select(Source.id)
        .join(Host, Host.name == Source.host)
        .where(Source.state == "active", Source.next_poll_at <= now)
        .where(Host.busy_until <= now, Host.not_before > now, Host.not_before <= now + within)
    )
    return tx.scalar(query.limit(1)) is not None


def claim(tx: Tx, names: Iterable[str], now: datetime, *, lease: timedelta) -> set[str]:
    """Take those of these hosts that are free; nobody else may ask them until they are given back."""
    wanted = sorted(set(names))
    rows = [{"name": name, "busy_until": EPOCH, "not_before": EPOCH, "reason": ""} for name in wanted]
    insert_missing(tx, Host, rows, keys=["name"])
    taken: set[str] = set()
    for start in range(0, len(wanted), AT_ONCE):
        some = Host.name.in_(wanted[start : start + AT_ONCE])
        # Rows that another worker is taking are passed over rather than waited for.
        free = tx.scalars(select(Host.name).where(some, _free(now)).with_for_update(skip_locked=True)).all()
        mine = update(Host).where(Host.name.in_(free), _free(now)).values(busy_until=now + lease)
        taken |= set(tx.scalars(mine.returning(Host.name)))
    return taken


def release(tx: Tx, name: str, now: datetime, *, gap: timedelta) -> None:
    """Give a host back; it is left alone for the gap, or for the longer pause that it asked for."""
    tx.connection().execute(_release(), {"key": name, "now": now, "free": now + gap})


@cache
def _release() -> Update:
    """Made once, because making it costs more than running it, and every poll ends with it."""
    table, kind = Host.__table__, UtcDateTime()
    free = bindparam("free", type_=kind)
    later = case((table.c.not_before > free, table.c.not_before), else_=free)
    given_back = update(table).where(table.c.name == bindparam("key"))  # type: ignore[arg-type]
    return given_back.values(busy_until=bindparam("now", type_=kind), not_before=later)


def pause(tx: Tx, name: str, until: datetime, reason: str) -> None:
    """Ask a host nothing until a moment, for all its sources."""
    row = {"name": name, "busy_until": EPOCH, "not_before": EPOCH, "reason": ""}
    insert_missing(tx, Host, [row], keys=["name"])
    later = update(Host).where(Host.name == name, Host.not_before < until)
    tx.execute(later.values(not_before=until, reason=reason))


def paused(tx: Tx, now: datetime, *, longer_than: timedelta) -> dict[str, Host]:
    """The hosts that asked for a pause which goes on for longer than the usual gap."""
    rows = tx.scalars(select(Host).where(Host.not_before > now + longer_than))
    return {host.name: host for host in rows}


def _free(now: datetime) -> ColumnElement[bool]:
    return and_(Host.busy_until <= now, Host.not_before <= now)
