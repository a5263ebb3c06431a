"""Queries over sources."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, bindparam, case, delete, func, select, update

from digest.database import Tx
from digest.errors import ConflictError, NewsroomText, NotFoundError
from digest.i18n.locales import is_language, primary_subtag
from digest.sources.models import Source
from digest.sources.pure.feeds.skip_hours import NO_SKIPS, SkipSchedule
from digest.sources.pure.naming.source_name import host_name
from digest.sources.pure.schedule.moves import NO_MOVE, PermanentMove
from digest.sources.pure.schedule.rates import ArticleRate
from digest.sources.pure.urls import host_of
from digest.sources.states import SourceKind, SourceState

MAX_ERROR_LENGTH = 1_000  # characters of an error that are stored


@dataclass(frozen=True, slots=True)
class DocumentMetadata:
    """What a document says about its source, and what the next request needs. Stored together with its articles."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str = ""
    title: str = ""
    poor_title: str = ""  # a name from before the rules of names, which the new one replaces
    link: str = ""
    language: str = ""
    home: str = ""  # the country that the source's host or language names
    ttl: timedelta = timedelta()
    skips: SkipSchedule = NO_SKIPS
    new_articles: int = 0
    notes: tuple[str, ...] = ()  # what could not be read of it, and which entries became no article
    changed: bool = True  # it differs from the document before


@dataclass(frozen=True, slots=True)
class PollResult:
    """What one poll changes in a source's row. An empty `error` means success; `gone` stops the source."""

    next_poll_at: datetime
    error: str = ""
    gone: bool = False
    document: DocumentMetadata | None = None
    move: PermanentMove = NO_MOVE
    rate: ArticleRate | None = None


def add(
    tx: Tx, url: str, title: str, now: datetime, *, kind: SourceKind = SourceKind.FEED, folder: str = ""
) -> Source:
    """Add a source, due at once, and return it; raises ConflictError if its URL is a source already."""
    require_free(tx, url)
    source = Source(
        url=url, kind=kind, host=host_of(url), title=title, folder=folder, created_at=now, next_poll_at=now
    )
    tx.add(source)
    tx.flush()
    return source


def require_free(tx: Tx, url: str, source_id: int | None = None) -> None:
    """Raise ConflictError if a source, other than the one with this id, has this URL."""
    found = tx.scalar(select(Source.id).where(Source.url == url))
    if found not in (None, source_id):
        raise ConflictError(NewsroomText("%(url)s is a source already.", url=url))


def by_id(tx: Tx, source_id: int) -> Source:
    """The source with this id; raises NotFoundError."""
    source = tx.get(Source, source_id)
    if source is None:
        raise NotFoundError(NewsroomText("There is no source %(source_id)s.", source_id=source_id))
    return source


def find_by_url(tx: Tx, url: str) -> Source | None:
    """The source with this URL, or None."""
    return tx.scalar(select(Source).where(Source.url == url))


def all_sources(tx: Tx) -> Sequence[Source]:
    """All sources by title, after those whose last poll failed."""
    return tx.scalars(
        select(Source).order_by(Source.failures == 0, func.lower(Source.title), Source.id)
    ).all()


def by_ids(tx: Tx, ids: Iterable[int]) -> Sequence[Source]:
    """The sources with these ids, in no particular order."""
    return tx.scalars(select(Source).where(Source.id.in_(list(ids)))).all()


def any_active(tx: Tx) -> bool:
    """Whether any source is polled."""
    return tx.scalar(select(Source.id).where(Source.state == SourceState.ACTIVE).limit(1)) is not None


def languages(tx: Tx) -> Sequence[str]:
    """The languages of active sources, as primary subtags (BCP 47), sorted. Sources that name none do not count."""
    query = (
        select(Source.language).where(Source.state == SourceState.ACTIVE, Source.language != "").distinct()
    )
    return sorted({tag for tag in map(primary_subtag, tx.scalars(query)) if is_language(tag)})


def is_due(tx: Tx, source_id: int, now: datetime) -> bool:
    """Whether a source is to be polled now."""
    return tx.scalar(select(Source.id).where(due_at(now), Source.id == source_id)) is not None


def due_at(now: datetime) -> ColumnElement[bool]:
    """The condition that a source is active and due at `now`."""
    return and_(Source.state == SourceState.ACTIVE, Source.next_poll_at <= now)


def claim(
    tx: Tx, ids: Iterable[int], now: datetime, *, lease: timedelta, forced: bool = False
) -> Sequence[Source]:
    """Claim sources for one poll and return them: the due ones, or all if `forced`. None is due during the lease."""
    query = update(Source).where(Source.id.in_(list(ids)))
    if not forced:
        query = query.where(due_at(now))
    claimed = tx.scalars(query.values(next_poll_at=now + lease).returning(Source.id)).all()
    return tx.scalars(select(Source).where(Source.id.in_(claimed)).order_by(Source.id)).all()


def make_due(tx: Tx, ids: Iterable[int] | None, now: datetime) -> None:
    """Make active sources due now: those with these ids, or all if `ids` is None."""
    query = update(Source).where(Source.state == SourceState.ACTIVE, Source.next_poll_at > now)
    if ids is not None:
        query = query.where(Source.id.in_(list(ids)))
    tx.execute(query.values(next_poll_at=now))


def record_poll(tx: Tx, source_id: int, result: PollResult, now: datetime) -> None:
    """Store the result of a poll. Validators are stored only together with the document they belong to."""
    values: dict[str, Any] = {"last_polled_at": now, "next_poll_at": result.next_poll_at}
    if result.error:
        values |= {"last_error": result.error[:MAX_ERROR_LENGTH], "failures": Source.failures + 1}
        values |= {"state": SourceState.STOPPED} if result.gone else {}
    else:
        values |= {"last_error": "", "failures": 0, "last_success_at": now} | _success_values(result, now)
    if result.document is not None and not result.document.changed:
        tx.connection().execute(_update_query(tuple(values)), values | {"key": source_id})
    else:
        query = update(Source).where(Source.id == source_id).values(**values)
        tx.execute(query, execution_options={"synchronize_session": False})
    if result.move.is_confirmed:
        _follow_move(tx, by_id(tx, source_id))


@cache
def _update_query(columns: tuple[str, ...]) -> Update:
    """An update of these columns. Cached, because building it costs more than running it, and most polls use it."""
    table = Source.__table__
    query = update(table).where(table.c.id == bindparam("key"))  # type: ignore[arg-type]
    return query.values({name: bindparam(name) for name in columns})


def _success_values(result: PollResult, now: datetime) -> dict[str, Any]:
    """The columns that a successful poll sets."""
    move, rate, document = result.move, result.rate, result.document
    values: dict[str, Any] = {"moved_to": move.url, "moved_seen": move.seen_count, "moved_at": move.seen_at}
    if rate is not None:
        values |= {"rate": rate.decayed_per_day, "watched_since": rate.since}
    if document is None:
        return values
    values |= {name: getattr(document, name) for name in ("etag", "last_modified", "body_hash")}
    return values | (_document_values(document, now) if document.changed else {})


def _document_values(document: DocumentMetadata, now: datetime) -> dict[str, Any]:
    """The columns that a new document sets.

    An existing title stays unless it is the document's own and says nothing; a home country after the first document.
    """
    values: dict[str, Any] = {"last_changed_at": now, "notes": list(document.notes)}
    if document.new_articles:
        values["last_new_at"] = now
    values |= {name: getattr(document, name) for name in ("link", "language") if getattr(document, name)}
    is_first = Source.last_success_at.is_(None)
    is_unnamed = Source.title.in_(("", document.poor_title))
    return values | {
        "title": case((is_unnamed, document.title or Source.url), else_=Source.title),
        "home": case((is_first & (Source.home == ""), document.home), else_=Source.home),
        "ttl": int(document.ttl.total_seconds()),
        "skip_hours": document.skips.hours,
        "skip_days": document.skips.days,
    }


def _follow_move(tx: Tx, source: Source) -> None:
    """Give a source the URL it has moved to; stop it if another source has that URL already."""
    new_url = source.moved_to
    source.moved_to, source.moved_seen, source.moved_at = "", 0, None
    if find_by_url(tx, new_url) is None:
        source.url, source.host = new_url, host_of(new_url)
        return
    source.state = SourceState.STOPPED
    source.last_error = f"this has moved to {new_url}, which is a source already; delete this one"


def move_sample_source(tx: Tx, url_suffix: str, url: str, now: datetime) -> None:
    """Move the http source whose URL ends with `url_suffix` to `url`, due at once, unless `url` is a source already."""
    if find_by_url(tx, url) is None:
        query = update(Source).where(
            Source.url.endswith(url_suffix, autoescape=True), Source.url.startswith("http://")
        )
        tx.execute(query.values(url=url, host=host_of(url), next_poll_at=now, failures=0, last_error=""))


def set_state(tx: Tx, source_id: int, state: SourceState, now: datetime) -> None:
    """Stop a source, or start it again; a started source is due at once, and its failures are cleared."""
    source = by_id(tx, source_id)
    source.state = state
    if state == SourceState.ACTIVE:
        source.next_poll_at, source.failures, source.last_error = now, 0, ""


def update_details(
    tx: Tx,
    source_id: int,
    *,
    title: str,
    home: str,
    folder: str,
    attribution: str,
    excerpt_length: int,
    weight: float,
) -> None:
    """Set what editors can change of a source: an empty title gives its host's name, `home` is an ISO code or ""."""
    source = by_id(tx, source_id)
    source.title, source.home = title or host_name(source.url), home.upper()
    source.attribution, source.excerpt_length = attribution, excerpt_length
    source.weight = weight
    if source.folder != folder:  # taking an earlier move back leaves it there
        source.folder, source.folder_move = folder, ""


def change_address(tx: Tx, source_id: int, url: str, kind: SourceKind, now: datetime) -> None:
    """Read a source from another URL, due at once; raises ConflictError if that is another source already.

    What only counted for the document at the old URL is forgotten.
    """
    require_free(tx, url, source_id)
    source = by_id(tx, source_id)
    source.url, source.host, source.kind = url, host_of(url), kind
    source.etag, source.last_modified, source.body_hash, source.notes = None, None, "", []
    source.ttl, source.skip_hours, source.skip_days = 0, 0, 0
    source.moved_to, source.moved_seen, source.moved_at = "", 0, None
    source.next_poll_at, source.failures, source.last_error = now, 0, ""


def increase_rate(tx: Tx, source_id: int, rate: float) -> None:
    """Add `rate` to a source's articles per day, after an editor has released articles."""
    query = update(Source).where(Source.id == source_id).values(rate=Source.rate + rate)
    tx.execute(query, execution_options={"synchronize_session": False})


def delete_source(tx: Tx, source_id: int) -> None:
    """Delete a source and its articles."""
    tx.execute(delete(Source).where(Source.id == source_id))
