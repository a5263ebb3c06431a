"""Queries over sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from digest.database import Tx
from digest.errors import ConflictError, NotFoundError
from digest.sources.models import Source


@dataclass(frozen=True, slots=True)
class PollResult:
    """What one look at a source changes in its row. An empty error is a success."""

    next_poll_at: datetime
    error: str = ""
    etag: str | None = None
    last_modified: str | None = None
    url: str | None = None
    title: str = ""
    link: str = ""
    language: str = ""
    changed: bool = False  # there was a new document, so the validators above count
    gone: bool = False


def add(tx: Tx, url: str, title: str, now: datetime) -> Source:
    """A new source, due at once; raises ConflictError when it is there already."""
    if tx.scalar(select(Source.id).where(Source.url == url)) is not None:
        raise ConflictError(f"{url} is a source already.")
    source = Source(url=url, title=title, created_at=now, next_poll_at=now)
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


def due(tx: Tx, now: datetime) -> Sequence[int]:
    """Ids of active sources to look at now."""
    query = select(Source.id).where(Source.state == "active", Source.next_poll_at <= now)
    return tx.scalars(query.order_by(Source.next_poll_at)).all()


def claim(tx: Tx, source_id: int, now: datetime, *, lease: timedelta, forced: bool = False) -> Source | None:
    """Take a source for one poll, so that nobody else looks meanwhile; None when it isn't due (any more)."""
    query = update(Source).where(Source.id == source_id)
    if not forced:
        query = query.where(Source.state == "active", Source.next_poll_at <= now)
    taken = tx.execute(query.values(next_poll_at=now + lease).returning(Source.id)).first()
    return by_id(tx, source_id) if taken else None


def record(tx: Tx, source_id: int, result: PollResult, now: datetime) -> None:
    """Keep what a poll brought. Validators are kept only beside the document they belong to."""
    source = by_id(tx, source_id)
    source.last_polled_at, source.next_poll_at = now, result.next_poll_at
    source.last_error = result.error[:1000]
    if result.error:
        source.failures += 1
        source.state = "stopped" if result.gone else source.state
        return
    source.failures, source.last_success_at = 0, now
    if result.changed:
        source.etag, source.last_modified = result.etag, result.last_modified
        source.title = source.title or result.title or source.url
        source.link, source.language = result.link or source.link, result.language or source.language


def move(tx: Tx, ending: str, url: str, now: datetime) -> None:
    """The source whose address ends so is at another one now, and due at once; nothing if it is there already."""
    if by_url(tx, url) is None:
        moved = update(Source).where(
            Source.url.endswith(ending, autoescape=True), Source.url.startswith("http://")
        )
        tx.execute(moved.values(url=url, next_poll_at=now, failures=0, last_error=""))


def set_state(tx: Tx, source_id: int, state: str, now: datetime) -> None:
    """Stop a source, or start it again (it is then due at once, its troubles forgotten)."""
    source = by_id(tx, source_id)
    source.state = state
    if state == "active":
        source.next_poll_at, source.failures, source.last_error = now, 0, ""


def describe(tx: Tx, source_id: int, *, title: str, home: str) -> None:
    """Give a source a title and a home country (an ISO code, or "" for none)."""
    source = by_id(tx, source_id)
    source.title, source.home = title or source.url, home.upper()


def overdue(tx: Tx, since: datetime) -> int:
    """How many active sources should have been looked at before a moment: more than none when no worker runs."""
    query = select(func.count()).select_from(Source)
    return tx.scalar(query.where(Source.state == "active", Source.next_poll_at < since)) or 0


def remove(tx: Tx, source_id: int) -> None:
    """Delete a source and its articles."""
    tx.execute(delete(Source).where(Source.id == source_id))
