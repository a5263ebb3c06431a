"""Folders of sources: moving the ticked ones or all that match, renaming a folder, and taking both back."""

from collections.abc import Mapping

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from digest.admin import params
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.numbers import ngettext
from digest.admin.undo import flash_with_undo
from digest.articles import source_status
from digest.articles.source_status import SourceStatus
from digest.parts import parts
from digest.sources import folder_moves
from digest.sources.pure.folders import parse_name

FILTERS = ("q", "condition", "folder", "sort")
MAX_IDS = 200  # that a form may name; a page has far fewer


def matching(values: Mapping[str, str]) -> tuple[list[SourceStatus], list[SourceStatus]]:
    """The statuses of all sources, and of those that match the filters in these values."""
    p = parts()
    with p.db.read() as tx:
        statuses = source_status.list_statuses(tx, p.clock())
    return statuses, source_status.filter_statuses(
        statuses,
        text=values.get("q", "").strip(),
        condition=values.get("condition", ""),
        folder=values.get("folder", ""),
    )


@bp.post("/sources/move")
def move_sources() -> Redirect:
    """Move sources to a folder, or out of theirs: the ticked ones, or all that the filters in the address match."""
    form = request.form
    folder = "" if form.get("step") == "out" else parse_name(form.get("to", ""))
    if form.get("scope") == "all":
        ids = {status.source.id for status in matching(request.args)[1]}
    else:
        ids = {params.parse_int({"ids": text}, "ids") or 0 for text in form.getlist("ids")[:MAX_IDS]}
    done = folder_moves.move(parts().db, ids, folder)
    record_action("sources moved", f"{done.moved}: {done.folder}")
    if not done.moved:
        flash(_("They are there already."), "success")
    elif done.folder:
        message = ngettext(
            "%(num)s source is moved to %(folder)s.",
            "%(num)s sources are moved to %(folder)s.",
            done.moved,
            folder=done.folder,
        )
        _flash_with_undo(message, done.move_id)
    else:
        message = ngettext(
            "%(num)s source is taken out of its folder.",
            "%(num)s sources are taken out of their folders.",
            done.moved,
        )
        _flash_with_undo(message, done.move_id)
    return redirect(_list_address())


@bp.post("/sources/rename-folder")
def rename_folder() -> Redirect:
    """Give the folder in the address another name. The folders in it follow."""
    old = request.args.get("folder", "")
    done = folder_moves.rename(parts().db, old, request.form.get("name", ""))
    record_action("folder renamed", f"{old[:200]}: {done.folder}")
    _flash_with_undo(_("The folder is called %(folder)s now.", folder=done.folder), done.move_id)
    return redirect(_list_address(folder=done.folder))


@bp.post("/sources/take-back-move")
def take_back_move() -> Redirect:
    """Put the sources of a move, or of a renamed folder, back where they were."""
    count = folder_moves.take_back(parts().db, request.form.get("move", ""))
    if not count:
        flash(_("These sources were moved again or taken back already; nothing is changed."), "error")
        return redirect(url_for("admin.sources"))
    record_action("sources moved back", count)
    message = ngettext("%(num)s source is moved back.", "%(num)s sources are moved back.", count)
    flash(message, "success")
    return redirect(url_for("admin.sources"))


def _flash_with_undo(message: str, move_id: str) -> None:
    flash_with_undo(message, "admin.take_back_move", [("move", move_id)])


def _list_address(**changed: str) -> str:
    """The list with the filters in the address of this request."""
    values = {name: request.args[name] for name in FILTERS if request.args.get(name)} | changed
    return url_for("admin.sources", **values)  # type: ignore[arg-type]  # filters of the page
