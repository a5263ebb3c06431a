"""The page of a source: its status and settings, trying and saving a change of them, and deleting it."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from digest.accounts.audit import Change, differences
from digest.admin import edit_conflicts
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.edit_conflicts import EditedThing, SaveConflictError
from digest.admin.forms import MAX_SOURCE_WEIGHT, SourceForm
from digest.admin.pure.three_way import MergedFields
from digest.admin.source_trial import Trial, try_candidate
from digest.admin.sources import MAX_OFFERED_FOLDERS, count_articles
from digest.admin.texts import translated
from digest.articles import source_status
from digest.articles.pure.cleaning import EXCERPT_LENGTH
from digest.articles.store import article_search, articles, held
from digest.articles.store.article_search import ArticleFilter
from digest.database import Tx, lock_row
from digest.errors import ConflictError, InvalidInputError
from digest.parts import parts
from digest.sources import source_list
from digest.sources.models import Source
from digest.sources.pure.folders import MAX_PATH_LENGTH, sort_key
from digest.sources.source_list import FetchedSource
from digest.sources.states import SourceKind
from digest.sources.store import polls
from digest.sources.store import sources as store
from digest.task_names import TaskName
from digest.tasks import enqueue

CHART_DAYS = 30
MAX_LATEST = 10  # articles
MAX_LATEST_POLLS = 5  # rows of them
# What the audit trail has of a source.
DETAILS = ("url", "kind", "title", "home", "folder", "attribution", "excerpt_length", "weight")

EDITABLE = tuple(name for name in DETAILS if name != "kind")


@bp.get("/sources/<int:source_id>")
def source(source_id: int) -> str:
    """One source: its status, its held articles, and its settings."""
    with parts().db.read() as tx:
        row = store.by_id(tx, source_id)
    return _render_source(SourceForm(obj=row).fill_country_choices(), source_id)


def _render_source(form: SourceForm, source_id: int, trial: Trial | None = None) -> str:
    p = parts()
    with p.db.read() as tx:
        row, article_count = store.by_id(tx, source_id), articles.count_of_source(tx, source_id)
        status = source_status.status_of(tx, row, p.clock())
        latest = article_search.page(tx, ArticleFilter(source_id=source_id)).rows[:MAX_LATEST]
        held_articles, dropped_count = held.pending_articles(tx, source_id), held.count_dropped(tx, source_id)
        folders = sorted({one.folder for one in store.all_sources(tx)} - {""}, key=sort_key)
        latest_polls = polls.page(tx, source_id, before=None, limit=MAX_LATEST_POLLS)[:MAX_LATEST_POLLS]
    return render_template(
        "admin/source.html",
        status=status,
        spark=count_articles([source_id], CHART_DAYS)[source_id],
        form=form,
        shown=_editable(row),
        trial=trial,
        article_count=article_count,
        latest=latest,
        polls=latest_polls,
        offered_folders=folders[:MAX_OFFERED_FOLDERS],
        max_folder_length=MAX_PATH_LENGTH,
        waiting=held_articles,
        dropped=dropped_count,
        excerpt_length=EXCERPT_LENGTH,
        max_weight=MAX_SOURCE_WEIGHT,
    )


@bp.post("/sources/<int:source_id>/try")
def try_source_change(source_id: int) -> str | tuple[str, int]:
    """Show what would be read with the settings in the form. Saves nothing."""
    form = SourceForm().fill_country_choices()
    found = _find_source(form, source_id) if form.validate_on_submit() else None
    if found is None:
        return _render_source(form, source_id), 422
    return _render_source(form, source_id, try_candidate(found, form.excerpt_length.data))


@bp.post("/sources/<int:source_id>")
def change_source(source_id: int) -> Redirect | tuple[str, int]:
    """Save the settings of a source. A new address is fetched first, as that of a new source is."""
    form = SourceForm().fill_country_choices()
    if not form.validate_on_submit():
        return _render_source(form, source_id), 422
    try:
        with parts().db.read() as tx:
            before = _details(store.by_id(tx, source_id))
            is_moved = _merge(tx, form, source_id).values["url"] != before["url"]
        found = _find_source(form, source_id) if is_moved else None
        if is_moved and found is None:
            return _render_source(form, source_id), 422
        _save(form, source_id, found)
    except SaveConflictError as conflict:
        again = SourceForm(formdata=None, data=conflict.merge.values).fill_country_choices()
        return _render_source(again, source_id), 409
    with parts().db.read() as tx:
        after = _details(store.by_id(tx, source_id))
    record_action("source changed", f"source {source_id}: {form.title.data}", differences(before, after))
    if after["url"] != before["url"]:
        enqueue(TaskName.POLL_SOURCE, source_id, True)
        flash(_("Saved. The source is being fetched from its new address."), "success")
    else:
        flash(_("Saved. The home country applies to articles fetched from now on."), "success")
    return redirect(url_for("admin.source", source_id=source_id))


def _save(form: SourceForm, source_id: int, found: FetchedSource | None) -> None:
    with parts().db.begin() as tx:
        lock_row(tx, store.by_id(tx, source_id))
        merged = _merge(tx, form, source_id)
        if found is not None:
            store.change_address(tx, source_id, found.url, found.parsed.kind, parts().clock())
        details = {name: value for name, value in merged.values.items() if name != "url"}
        store.update_details(tx, source_id, **details)
    edit_conflicts.flash_kept(_edited(form, source_id), merged)


def _merge(tx: Tx, form: SourceForm, source_id: int) -> MergedFields:
    """What was typed, with what somebody else has saved meanwhile. Raises SaveConflictError."""
    typed = {name: value.strip() if isinstance(value, str) else value for name, value in form.data.items()}
    stored = _editable(store.by_id(tx, source_id))
    return edit_conflicts.merge_typed(
        tx, _edited(form, source_id), stored, {name: typed[name] for name in stored}
    )


def _edited(form: SourceForm, source_id: int) -> EditedThing:
    countries = dict(form.home.choices)

    def describe(name: str, value: object) -> str:
        return str(countries.get(value, value)) if name == "home" else str(value)

    labels = {name: form[name].label.text for name in EDITABLE}
    return EditedThing("source", f"/admin/sources/{source_id}", labels, describe)


def _find_source(form: SourceForm, source_id: int) -> FetchedSource | None:
    """What is at the address in the form; None if it can't be this source, with the reason beside the field."""
    p = parts()
    with p.db.read() as tx:
        kind = store.by_id(tx, source_id).kind
    try:
        # A page stays a page: the feed that it names would be a different source.
        found = source_list.discover_one(
            p.ingest, form.url.data, kind=kind if kind == SourceKind.PAGE else ""
        )
        with p.db.read() as tx:
            store.require_free(tx, found.url, source_id)
    except (ConflictError, InvalidInputError) as error:
        form.add_error("url", translated(error))
        return None
    return found


@bp.get("/sources/<int:source_id>/delete")
def confirm_delete_source(source_id: int) -> str:
    """Before a source is deleted, show how many articles are deleted with it."""
    with parts().db.read() as tx:
        row, article_count = store.by_id(tx, source_id), articles.count_of_source(tx, source_id)
    return render_template("admin/delete_source.html", source=row, article_count=article_count)


@bp.post("/sources/<int:source_id>/delete")
def delete_source(source_id: int) -> Redirect:
    """Delete a source and its articles."""
    with parts().db.begin() as tx:
        row = store.by_id(tx, source_id)
        store.delete_source(tx, source_id)
    record_action("source deleted", row.url, Change("/admin/sources", before=_details(row)))
    flash(_("%(title)s and its articles are deleted.", title=row.title or row.url), "success")
    return redirect(url_for("admin.sources"))


def _details(row: Source) -> dict[str, object]:
    return {name: getattr(row, name) for name in DETAILS}


def _editable(row: Source) -> dict[str, object]:
    return {name: getattr(row, name) for name in EDITABLE}
