"""Queries over sources."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Update, bindparam, case, delete, func, select, update

from digest.database import Tx
from digest.errors import ConflictError, NotFoundError
from digest.sources.models import Host, Source
from digest.sources.pure.feeds.skip_hours import NO_SKIPS, Skips
from digest.sources.pure.schedule.moves import NO_MOVE, Move
from digest.sources.pure.schedule.rates import Rate
from digest.sources.pure.urls import host_of


@dataclass(frozen=True, slots=True)
class Taken:
    """What a document says of its source, and what the next request needs; written together with its articles."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str = ""
    title: str = ""
    link: str = ""
    language: str = ""
    ttl: timedelta = timedelta()
    skips: Skips = NO_SKIPS
    new: int = 0  # articles
    changed: bool = True  # against the document before


@dataclass(frozen=True, slots=True)
class PollResult:
    """What one look at a source changes in its row. An empty error is a success; `taken` is a new document's."""

    next_poll_at: datetime
    error: str = ""
    gone: bool = False
    taken: Taken | None = None
    move: Move = NO_MOVE
    rate: Rate | None = None


def add(tx: Tx, url: str, title: str, now: datetime, *, kind: str = "feed") -> Source:
    """A new source, due at once; raises ConflictError when it is there already."""
    if tx.scalar(select(Source.id).where(Source.url == url)) is not None:
        raise ConflictError(f"{url} is a source already.")
    source = Source(url=url, kind=kind, host=host_of(url), title=title, created_at=now, next_poll_at=now)
    tx.add(source)
    tx.flush()
    return source


def by_id(tx: Tx, source_id: int) -> Source:
    """A source; raises NotFoundError."""
    source = tx.get(Source, source_id)
    if source is None:
        raise NotFoundError(f"There is no source {source_id}.")
    return source


def by_url(tx: Tx, url: str) -> Source | None:
    """A source by its address."""
    return tx.scalar(select(Source).where(Source.url == url))


def listing(tx: Tx) -> Sequence[Source]:
    """All sources: those in trouble first, then by title."""
    return tx.scalars(
        select(Source).order_by(Source.failures == 0, func.lower(Source.title), Source.id)
    ).all()


def some(tx: Tx, ids: Iterable[int]) -> Sequence[Source]:
    """Sources by id."""
    return tx.scalars(select(Source).where(Source.id.in_(list(ids)))).all()


def is_due(tx: Tx, source_id: int, now: datetime) -> bool:
    """Whether a source is to be looked at now."""
    due = select(Source.id).where(Source.state == "active", Source.next_poll_at <= now)
    return tx.scalar(due.where(Source.id == source_id)) is not None


def claim(
    tx: Tx, ids: Iterable[int], now: datetime, *, lease: timedelta, forced: bool = False
) -> Sequence[Source]:
    """Take sources for one poll, so that nobody else looks meanwhile; only those that are due, unless forced."""
    query = update(Source).where(Source.id.in_(list(ids)))
    if not forced:
        query = query.where(Source.state == "active", Source.next_poll_at <= now)
    taken = tx.scalars(query.values(next_poll_at=now + lease).returning(Source.id)).all()
    return tx.scalars(select(Source).where(Source.id.in_(taken)).order_by(Source.id)).all()


def hurry(tx: Tx, ids: Iterable[int] | None, now: datetime) -> None:
    """Make active sources due now: these, or all."""
    query = update(Source).where(Source.state == "active", Source.next_poll_at > now)
    tx.execute((query if ids is None else query.where(Source.id.in_(list(ids)))).values(next_poll_at=now))


def record(tx: Tx, source_id: int, result: PollResult, now: datetime) -> None:
    """Keep what a poll brought. Validators are kept only beside the document they belong to."""
    values: dict[str, Any] = {"last_polled_at": now, "next_poll_at": result.next_poll_at}
    if result.error:
        values |= {"last_error": result.error[:1000], "failures": Source.failures + 1}
        values |= {"state": "stopped"} if result.gone else {}
    else:
        values |= {"last_error": "", "failures": 0, "last_success_at": now} | _learnt(result, now)
    if result.taken is not None and not result.taken.changed:
        tx.connection().execute(_setting(tuple(values)), values | {"key": source_id})
    else:
        query = update(Source).where(Source.id == source_id).values(**values)
        tx.execute(query, execution_options={"synchronize_session": False})
    if result.move.believed:
        _go_along(tx, by_id(tx, source_id))


@cache
def _setting(columns: tuple[str, ...]) -> Update:
    """Sets these columns of a source. Kept, because making it costs more than running it, and most polls do so."""
    table = Source.__table__
    this = update(table).where(table.c.id == bindparam("key"))  # type: ignore[arg-type]
    return this.values({name: bindparam(name) for name in columns})


def _learnt(result: PollResult, now: datetime) -> dict[str, Any]:
    """What a source that answered has told."""
    move, rate, taken = result.move, result.rate, result.taken
    values: dict[str, Any] = {"moved_to": move.to, "moved_seen": move.seen, "moved_at": move.at}
    if rate is not None:
        values |= {"rate": rate.counted, "watched_since": rate.since}
    if taken is not None:
        values |= {name: getattr(taken, name) for name in ("etag", "last_modified", "body_hash")}
    return values | (_described(taken, now) if taken is not None and taken.changed else {})


def _described(taken: Taken, now: datetime) -> dict[str, Any]:
    """What a new document says; an editor's title stays."""
    said = {name: getattr(taken, name) for name in ("link", "language") if getattr(taken, name)}
    values: dict[str, Any] = {"last_changed_at": now} | ({"last_new_at": now} if taken.new else {})
    return {
        **values,
        **said,
        "title": case((Source.title == "", taken.title or Source.url), else_=Source.title),
        "ttl": int(taken.ttl.total_seconds()),
        "skip_hours": taken.skips.hours,
        "skip_days": taken.skips.days,
    }


def _go_along(tx: Tx, source: Source) -> None:
    """Follow a source to where it has moved; stop it if that is another source's address already."""
    new = source.moved_to
    source.moved_to, source.moved_seen, source.moved_at = "", 0, None
    if by_url(tx, new) is None:
        source.url, source.host = new, host_of(new)
        return
    source.state = "stopped"
    source.last_error = f"this has moved to {new}, which is a source already; delete this one"


def move(tx: Tx, ending: str, url: str, now: datetime) -> None:
    """The source whose address ends so is at another one now, and due at once; nothing if it is there already."""
    if by_url(tx, url) is None:
        moved = update(Source).where(
            Source.url.endswith(ending, autoescape=True), Source.url.startswith("http://")
        )
        tx.execute(moved.values(url=url, host=host_of(url), next_poll_at=now, failures=0, last_error=""))


def set_state(tx: Tx, source_id: int, state: str, now: datetime) -> None:
    """Stop a source, or start it again (it is then due at once, its troubles forgotten)."""
    source = by_id(tx, source_id)
    source.state = state
    if state == "active":
        source.next_poll_at, source.failures, source.last_error = now, 0, ""


def describe(
    tx: Tx, source_id: int, *, title: str, home: str, attribution: str, excerpt_length: int, weight: float
) -> None:
    """Give a source a title, a home country (an ISO code, or "" for none), a credit, an excerpt length, a weight."""
    source = by_id(tx, source_id)
    source.title, source.home = title or source.url, home.upper()
    source.attribution, source.excerpt_length = attribution, excerpt_length
    source.weight = weight


def overdue(tx: Tx, since: datetime) -> int:
    """How many active sources should have been looked at before a moment: more than none when no worker runs.

    Sources whose host was asked since then, or wants a pause, only wait for their turn.
    """
    in_turn = select(Host.name).where(Host.not_before > since)
    query = select(func.count()).where(Source.state == "active", Source.next_poll_at < since)
    return tx.scalar(query.where(Source.host.not_in(in_turn))) or 0


def count_more(tx: Tx, source_id: int, rate: float) -> None:
    """Raise a source's rate by what an editor has let in."""
    more = update(Source).where(Source.id == source_id).values(rate=Source.rate + rate)
    tx.execute(more, execution_options={"synchronize_session": False})


def remove(tx: Tx, source_id: int) -> None:
    """Delete a source and its articles."""
    tx.execute(delete(Source).where(Source.id == source_id))
