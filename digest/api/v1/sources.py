"""Sources: listing, adding, changing, polling and deleting them, and deciding about their held articles."""

from flask import Response

from digest.accounts.audit import Change, differences
from digest.api.v1.answers import (
    Page,
    PageQuery,
    answer,
    no_content,
    page_answer,
    read_id_cursor,
    require_match,
)
from digest.api.v1.blueprint import BASE_PATH
from digest.api.v1.operations import operation
from digest.api.v1.schemas.base import Done
from digest.api.v1.schemas.sources import (
    SOURCE_DETAILS,
    NewSource,
    PollOut,
    SourceChange,
    SourceOut,
    SourceQuery,
)
from digest.api.v1.trail import record
from digest.articles import moderation, source_status
from digest.articles.source_status import SourceStatus
from digest.database import Tx
from digest.errors import ConflictError, InvalidInputError
from digest.parts import parts
from digest.sources import source_list
from digest.sources.pure.folders import parse_folder
from digest.sources.states import SourceState
from digest.sources.store import polls
from digest.sources.store import sources as store
from digest.task_names import TaskName
from digest.tasks import enqueue


@operation("GET", "/sources", tag="sources", answer=Page[SourceOut])
def list_sources(query: SourceQuery) -> Response:
    """List sources.

    With their health, by id.
    """
    p = parts()
    with p.db.read() as tx:
        statuses = source_status.list_statuses(tx, p.clock())
    matches = source_status.filter_statuses(
        statuses, text=query.q, condition=query.condition, folder=query.folder
    )
    after = read_id_cursor(query) or 0
    rows = sorted((row for row in matches if row.source.id > after), key=lambda row: row.source.id)
    return page_answer([SourceOut.of(row) for row in rows[: query.limit + 1]], query, SourceOut)


@operation("GET", "/sources/<int:source_id>", tag="sources", answer=SourceOut)
def get_source(source_id: int) -> Response:
    """Get a source."""
    return answer(_load(source_id))


@operation(
    "POST", "/sources", tag="sources", answer=SourceOut, statuses=(201,), problems=(409,), repeatable=True
)
def add_source(json: NewSource) -> Response:
    """Add a source.

    Fetches the address. If it names several feeds, none is added, and the detail of the answer lists them. The source
    is polled at once.
    """
    p, folder = parts(), parse_folder(json.folder)
    found = source_list.discover_source(p.ingest, json.url, kind=json.kind)
    if isinstance(found, tuple):
        choices = "; ".join(f"{each.kind}: {each.url}" for each in found)
        raise InvalidInputError(f"There are several sources at {json.url[:200]}; choose one: {choices}")
    source_id = source_list.add(p.db, found, p.clock(), folder=folder)
    record("source added", found.url, link=f"/admin/sources/{source_id}")
    enqueue(TaskName.POLL_SOURCE, source_id, True)
    return answer(_load(source_id), 201, location=f"{BASE_PATH}/sources/{source_id}")


@operation("PATCH", "/sources/<int:source_id>", tag="sources", answer=SourceOut, conditional=True)
def change_source(source_id: int, json: SourceChange) -> Response:
    """Change a source.

    Its title, home country, folder, credit, length of excerpts, weight, or whether it is polled.
    """
    p, given = parts(), json.model_dump(exclude_none=True)
    require_match(_load(source_id))
    state = given.pop("state", None)
    if "folder" in given:
        given["folder"] = parse_folder(given["folder"])
    with p.db.begin() as tx:
        row = store.by_id(tx, source_id)
        before = {name: getattr(row, name) for name in (*SOURCE_DETAILS, "state")}
        details = {name: before[name] for name in SOURCE_DETAILS} | given
        store.update_details(tx, source_id, **details)
        if state is not None:
            store.set_state(tx, source_id, state, p.clock())
        after = {name: getattr(row, name) for name in before}
    record("source changed", f"source {source_id}", link=_link(source_id), change=differences(before, after))
    if state == SourceState.ACTIVE:
        enqueue(TaskName.POLL_SOURCE, source_id, True)
    return answer(_load(source_id))


@operation("DELETE", "/sources/<int:source_id>", tag="sources", statuses=(204,), conditional=True)
def delete_source(source_id: int) -> Response:
    """Delete a source and its articles.

    This can't be undone.
    """
    shown = _load(source_id)
    require_match(shown)
    with parts().db.begin() as tx:
        store.delete_source(tx, source_id)
    details = {name: getattr(shown, name) for name in SOURCE_DETAILS}
    record("source deleted", shown.url, link="/admin/sources", change=Change(before=details))
    return no_content()


@operation("POST", "/sources/<int:source_id>/poll", tag="sources", statuses=(202,), problems=(409,))
def poll_source(source_id: int) -> Response:
    """Poll a source now.

    Refused while its host asks for a pause.
    """
    shown = _load(source_id)
    if shown.condition == "waiting":
        raise ConflictError(f"Not possible now: {shown.message}.")
    record("source polled", shown.url, link=_link(source_id))
    enqueue(TaskName.POLL_SOURCE, source_id, True)
    return Response(status=202)


@operation("GET", "/sources/<int:source_id>/polls", tag="sources", answer=Page[PollOut])
def list_polls(source_id: int, query: PageQuery) -> Response:
    """List the polls of a source.

    Of the last 30 days; the newest come first. Polls in a row that ended alike and brought nothing are one row a day.
    """
    with parts().db.read() as tx:
        store.by_id(tx, source_id)
        rows = polls.page(tx, source_id, before=read_id_cursor(query), limit=query.limit)
    return page_answer([PollOut.of(row) for row in rows], query, PollOut)


@operation(
    "POST", "/sources/<int:source_id>/held/<any(release, drop, back):step>", tag="sources", answer=Done
)
def decide_held(source_id: int, step: str) -> Response:
    """Decide about held articles.

    `release` lets the held articles of the source into digests, `drop` keeps them out, `back` holds dropped ones again.
    """
    p = parts()
    _load(source_id)
    if step == "release":
        count = moderation.release_held(p.db, source_id, p.clock())
    else:
        change = moderation.drop_held if step == "drop" else moderation.restore_dropped
        count = change(p.db, source_id)
    record(f"held articles: {step}", f"source {source_id}: {count}", link=_link(source_id))
    return answer(Done(count=count))


def _load(source_id: int) -> SourceOut:
    p = parts()
    with p.db.read() as tx:
        return SourceOut.of(_status(tx, source_id))


def _status(tx: Tx, source_id: int) -> SourceStatus:
    return source_status.status_of(tx, store.by_id(tx, source_id), parts().clock())


def _link(source_id: int) -> str:
    return f"/admin/sources/{source_id}"
