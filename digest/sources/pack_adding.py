"""Adds sources of the starter packs: each is fetched and read first, several at the same time."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from digest.database import Database
from digest.errors import ConflictError, DatelineError, InvalidInputError, NewsroomText
from digest.sources import source_list
from digest.sources.http.robots import FetchContext
from digest.sources.pure.feeds.starter_packs import PackSource
from digest.sources.source_list import FetchedSource
from digest.sources.store import sources as store

FETCHES_AT_ONCE = 6
MAX_AT_ONCE = 12  # sources of one request, so that somebody waits for half a minute at most


@dataclass(frozen=True, slots=True)
class PackOutcome:
    """What became of a source of a pack: its id once it is added, else why it is not."""

    source: PackSource
    source_id: int | None = None
    entries: int = 0
    error: str = ""


def add_from_packs(
    db: Database,
    context: FetchContext,
    chosen: Sequence[PackSource],
    now: datetime,
    *,
    folders: Mapping[str, str] | None = None,
) -> Sequence[PackOutcome]:
    """Fetch and read the chosen feeds, and add those that can be read, with the name and country that the pack has.

    `folders` says for addresses in which folder they are put.
    Raises InvalidInputError if they are too many at once.
    """
    if len(chosen) > MAX_AT_ONCE:
        raise InvalidInputError(
            NewsroomText("Choose at most %(max)s sources at once: each of them is tested.", max=MAX_AT_ONCE)
        )
    with ThreadPoolExecutor(FETCHES_AT_ONCE, "starter-packs") as threads:
        fetched = list(threads.map(lambda source: _try(context, source), chosen))
    return [
        _add(db, source, found, now, (folders or {}).get(source.url, ""))
        for source, found in zip(chosen, fetched, strict=True)
    ]


def _try(context: FetchContext, source: PackSource) -> FetchedSource | str:
    """The feed of a source, or why there is none."""
    try:
        found = source_list.discover_source(context, source.url)
    except DatelineError as error:
        return str(error)
    if isinstance(found, tuple):
        return f"{source.url} is a page now, which names several feeds."
    return found


def _add(
    db: Database, source: PackSource, found: FetchedSource | str, now: datetime, folder: str
) -> PackOutcome:
    if isinstance(found, str):
        return PackOutcome(source, error=found)
    try:
        source_id = source_list.add(db, found, now, folder=folder)
    except ConflictError as error:
        return PackOutcome(source, error=str(error))
    with db.begin() as tx:
        row = store.by_id(tx, source_id)
        row.title, row.home = source.title, source.home
    return PackOutcome(source, source_id, len(found.parsed.entries))
