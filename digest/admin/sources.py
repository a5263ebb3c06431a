"""The sources: their status, and adding, fetching and stopping them. `source_page.py` has the page of one."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from functools import partial
from itertools import groupby
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from digest.accounts.audit import Change
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.charts import last_days
from digest.admin.numbers import ngettext
from digest.admin.redirects import redirect_back
from digest.admin.source_folders import FILTERS, matching
from digest.admin.sparklines import Sparkline, sparkline
from digest.admin.template_filters import make_pager, page_number
from digest.admin.undo import flash_with_undo
from digest.articles import moderation, source_status
from digest.articles.source_status import SourceStatus
from digest.articles.store import daily_counts
from digest.errors import InvalidInputError
from digest.parts import parts
from digest.regions.data_files import country_codes
from digest.sources import source_list
from digest.sources.pure.feeds.opml import MAX_BYTES
from digest.sources.pure.folders import MAX_PATH_LENGTH, count_folders, sort_key
from digest.sources.source_list import OpmlImportResult
from digest.sources.states import SourceState
from digest.sources.store import sources as store
from digest.task_names import TaskName
from digest.tasks import enqueue

PAGE_SIZE = 50  # sources on a page
SPARK_DAYS = 14  # days of the small charts
# The first part of a key is True for sources without the value, which puts them last.
SORT_KEYS: dict[str, Callable[[SourceStatus], tuple[bool, Any]]] = {
    "title": lambda status: (False, _title(status)),
    "most": lambda status: (status.per_day is None, -(status.per_day or 0.0)),
    "quiet": lambda status: (False, _timestamp(status.source.last_new_at)),
    "next": lambda status: (status.next_poll_at is None, _timestamp(status.next_poll_at)),
    "folder": lambda status: (
        not status.source.folder,
        [*sort_key(status.source.folder), (_title(status), "")],
    ),
}
MAX_OFFERED_FOLDERS = 100  # of the list below the field for a folder


@dataclass(frozen=True, slots=True)
class SourceFilters:
    """The filters of the list: a text in the title or URL, a condition, a folder, and the order."""

    q: str
    condition: str
    folder: str
    sort: str


@bp.get("/sources")
def sources() -> str:
    """A page of the sources that match the filters, by default those with problems first."""
    args = request.args
    filters = SourceFilters(**{name: args.get(name, "").strip() for name in FILTERS})
    statuses, matches = matching(args)
    if filters.sort in SORT_KEYS:
        matches.sort(key=SORT_KEYS[filters.sort])
    offset = (page_number() - 1) * PAGE_SIZE
    page = matches[offset : offset + PAGE_SIZE]
    counts = Counter(status.source.folder for status in statuses)
    folders = count_folders(counts)
    return render_template(
        "admin/sources.html",
        groups=_group_by_folder(page) if filters.sort == "folder" else [("", page)] if page else [],
        is_grouped=filters.sort == "folder",
        page=page_number(),
        sparklines=count_articles([status.source.id for status in page], SPARK_DAYS),
        spark_days=SPARK_DAYS,
        filters=filters,
        folders=folders,
        offered_folders=list(folders)[:MAX_OFFERED_FOLDERS],
        max_folder_length=MAX_PATH_LENGTH,
        without_folder=counts[""],
        address=partial(_address, filters),
        total=len(matches),
        has_sources=bool(statuses),
        problem_count=sum(status.health.needs_attention for status in statuses),
        pages=make_pager(len(matches), PAGE_SIZE, page),
    )


def _address(filters: SourceFilters, endpoint: str, **changed: object) -> str:
    """The address of an endpoint with the filters of the list."""
    values = {name: value for name, value in (asdict(filters) | changed).items() if value}
    return url_for(f"admin.{endpoint}", **values)


def _group_by_folder(statuses: Sequence[SourceStatus]) -> list[tuple[str, list[SourceStatus]]]:
    """Sources that are sorted by folder, folder by folder."""
    return [(folder, list(group)) for folder, group in groupby(statuses, lambda one: one.source.folder)]


def _title(status: SourceStatus) -> str:
    return (status.source.title or status.source.url).casefold()


def count_articles(source_ids: Sequence[int], day_count: int) -> Mapping[int, Sparkline]:
    """The articles of each source on each of the last days."""
    p = parts()
    days = last_days(p.clock().date(), day_count)
    with p.db.read() as tx:
        counts = daily_counts.by_source_and_day(
            tx, datetime.combine(days[0], time(), UTC), source_ids=source_ids
        )
    return {source_id: sparkline(days, counts.get(source_id, {})) for source_id in source_ids}


@bp.post("/sources")
def add_source() -> Redirect | str:
    """Add the feed at an address. If the address names several feeds, show them to choose from."""
    p = parts()
    form = request.form
    candidate = source_list.discover_source(p.ingest, form.get("url", ""), kind=form.get("kind", ""))
    if isinstance(candidate, tuple):
        return render_template("admin/choose_feed.html", feeds=candidate, url=form["url"])
    source_id = source_list.add(p.db, candidate, p.clock())
    record_action("source added", candidate.url)
    enqueue(TaskName.POLL_SOURCE, source_id, True)
    title = candidate.title or candidate.url
    flash(_("%(title)s is added. It is being fetched.", title=title), "success")
    return redirect(url_for("admin.sources"))


@bp.post("/sources/import")
def import_sources() -> Redirect:
    """Add all feeds of an OPML file as sources."""
    file, p = request.files.get("file"), parts()
    if file is None or not file.filename:
        raise InvalidInputError(_("Choose an OPML file first."))
    result = source_list.import_opml(p.db, file.read(MAX_BYTES + 1), p.clock(), countries=country_codes())
    record_action("sources imported", f"{file.filename}: {result.added}")
    enqueue(TaskName.POLL_DUE_SOURCES)
    flash(_describe_import(result), "success")
    return redirect(url_for("admin.sources"))


@bp.get("/sources.opml")
def export_sources() -> Response:
    """All sources as an OPML file."""
    opml = source_list.export_opml(parts().db, parts().site_name)
    response = Response(opml, mimetype="text/x-opml")
    response.headers["Content-Disposition"] = 'attachment; filename="sources.opml"'
    return response


@bp.post("/sources/<int:source_id>/held/<any(release, drop, back):step>")
def decide_held(source_id: int, step: str) -> Redirect:
    """Release or drop the held articles of a source, or hold its dropped articles again."""
    p = parts()
    if step == "release":
        count = moderation.release_held(p.db, source_id, p.clock())
        message = ngettext("%(num)s article is released.", "%(num)s articles are released.", count)
    elif step == "drop":
        count = moderation.drop_held(p.db, source_id)
        message = ngettext("%(num)s article is dropped.", "%(num)s articles are dropped.", count)
    else:
        count = moderation.restore_dropped(p.db, source_id)
        message = ngettext("%(num)s article is held again.", "%(num)s articles are held again.", count)
    record_action(f"held articles: {step}", f"source {source_id}: {count}")
    if step == "drop":
        flash_with_undo(message, "admin.decide_held", source_id=source_id, step="back")
    else:
        flash(message, "success")
    return redirect(url_for("admin.source", source_id=source_id))


@bp.post("/sources/<int:source_id>/poll")
def poll_source(source_id: int) -> Redirect:
    """Fetch a source now."""
    p = parts()
    with p.db.read() as tx:
        status = source_status.status_of(tx, store.by_id(tx, source_id), p.clock())
    if status.health.condition == "waiting":
        raise InvalidInputError(_("Not possible now: %(reason)s.", reason=status.health.message))
    record_action("source polled", status.source.url)
    enqueue(TaskName.POLL_SOURCE, source_id, True)
    title = status.source.title or status.source.url
    flash(_("%(title)s is being fetched. Reload in a few seconds.", title=title), "success")
    return redirect_back("admin.sources")


@bp.post("/sources/<int:source_id>/<any(stop, start):step>")
def set_source_state(source_id: int, step: str) -> Redirect:
    """Stop fetching a source, or start again."""
    p = parts()
    with p.db.begin() as tx:
        before = store.by_id(tx, source_id).state
        store.set_state(
            tx, source_id, SourceState.ACTIVE if step == "start" else SourceState.STOPPED, p.clock()
        )
        row = store.by_id(tx, source_id)
    change = Change(before={"state": before}, after={"state": row.state})
    record_action("source started" if step == "start" else "source stopped", row.url, change)
    if step == "start":
        enqueue(TaskName.POLL_SOURCE, source_id, True)
    else:
        message = _("%(title)s is not fetched any more.", title=row.title or row.url)
        flash_with_undo(message, "admin.set_source_state", source_id=source_id, step="start")
    return redirect_back("admin.sources")


def _describe_import(result: OpmlImportResult) -> str:
    """The message about an import: added, already present and skipped sources."""
    sentences = [ngettext("%(num)s source was added.", "%(num)s sources were added.", result.added)]
    if result.already_present:
        sentences.append(_("%(count)s were already present.", count=result.already_present))
    if result.repeated:
        sentences.append(
            ngettext(
                "%(num)s is in several folders of the file; it is put in the first one.",
                "%(num)s are in several folders of the file; they are put in the first one.",
                result.repeated,
            )
        )
    if result.skipped:
        sentences.append(
            ngettext(
                "%(num)s was skipped: its address is not http or https, contains a password, or is invalid.",
                "%(num)s were skipped: their addresses are not http or https, contain a password, or are invalid.",
                result.skipped,
            )
        )
    return " ".join(sentences)


def _timestamp(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
