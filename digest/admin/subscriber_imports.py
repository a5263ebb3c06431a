"""Imports of subscribers: the upload, the choice of columns, the dry run, the start, the report, and undoing."""

from functools import partial

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as Redirect

from digest.accounts.audit import Change
from digest.admin import import_columns, typed_forms
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.edit_conflicts import SaveConflictError
from digest.admin.texts import translated
from digest.deliveries.store import import_reach
from digest.errors import InvalidInputError
from digest.parts import parts
from digest.subscribers.imports import left_out, undoing, uploads
from digest.subscribers.imports.import_run import KEPT_WITH_CELLS
from digest.subscribers.imports.left_out import LeftOutRow, left_out_csv
from digest.subscribers.imports.uploads import Upload
from digest.subscribers.models import SubscriberImport
from digest.subscribers.pure.programs import programs
from digest.subscribers.states import (
    WORKING_IMPORT_STATES,
    ImportOutcome,
    ImportState,
    KeptFor,
)
from digest.subscribers.store import imports
from digest.task_names import TaskName
from digest.tasks import enqueue

LISTED_KINDS = (
    ImportOutcome.REJECTED,
    ImportOutcome.UNCONFIRMED,
    ImportOutcome.REMARK,
    ImportOutcome.REPEATED,
)
MAX_LISTED = 50  # rows on the page; the file has all of them
MAX_KEPT = 20  # subscribers on the page whom undoing left as they are
MAX_FILES = 8
MAX_WORDING = 2_000  # characters
MAX_NAME = 200


@bp.get("/imports")
def subscriber_imports() -> str:
    """The imports, and the form to upload a list."""
    with parts().db.read() as tx:
        rows = imports.newest(tx)
    titles = {name: program.title for name, program in programs().items()}
    return render_template("admin/imports.html", rows=rows, programs=titles, max_rows=uploads.MAX_ROWS)


@bp.post("/imports")
def upload_import() -> Redirect:
    """Keep the files of a list until they are imported."""
    files = [file for file in request.files.getlist("file") if file.filename]
    program = request.form.get("program", "")
    if not files:
        raise InvalidInputError(_("Choose a CSV file first."))
    if program not in programs() or len(files) > MAX_FILES:
        raise InvalidInputError(
            _("Choose where the list is from, and at most %(count)s files.", count=MAX_FILES)
        )
    import_id = uploads.receive(
        parts().db,
        program,
        [Upload((file.filename or "")[-MAX_NAME:], file.read()) for file in files],
        encoding=request.form.get("encoding", "").strip(),
        actor=current_user.email,
        now=parts().clock(),
    )
    record_action("list of subscribers uploaded", f"import {import_id}")
    return redirect(url_for("admin.import_columns_page", import_id=import_id))


@bp.get("/imports/<int:import_id>/columns")
def import_columns_page(import_id: int) -> str | Redirect:
    """The first rows of a list, and which column has which field."""
    row = _load(import_id)
    if row.state not in uploads.OPEN_STATES:
        return redirect(url_for("admin.subscriber_import", import_id=import_id))
    return import_columns.render(row)


@bp.post("/imports/<int:import_id>/columns")
def choose_import_columns(import_id: int) -> str | Redirect:
    """Save the columns, and have the list checked."""
    p, row = parts().refresh_regions(), _load(import_id)
    try:
        choice = import_columns.parse(request.form)
        import_columns.check(p, row, choice)
    except import_columns.WrongFieldError as error:
        typed_forms.fail("columns", error.field, translated(error), request.form)
        return import_columns.render(row)
    try:
        check = partial(import_columns.require_unchanged, choice=choice)
        uploads.choose(p.db, import_id, choice.columns, choice.defaults, check)
    except SaveConflictError as conflict:
        typed_forms.fail("columns", "columns", translated(conflict), request.form)
        return import_columns.render(_load(import_id))
    change = Change(after={"columns": import_columns.describe(choice.columns, choice.defaults)})
    record_action("columns of an import chosen", f"import {import_id}", change)
    enqueue(TaskName.IMPORT_SUBSCRIBERS)
    return redirect(url_for("admin.subscriber_import", import_id=import_id))


@bp.get("/imports/<int:import_id>")
def subscriber_import(import_id: int) -> str | Redirect:
    """One import: how far it is, what it would do, or what it did."""
    row = _load(import_id)
    if row.state == ImportState.DRAFT:
        return redirect(url_for("admin.import_columns_page", import_id=import_id))
    with parts().db.read() as tx:
        remarks = imports.remarks(tx, import_id, LISTED_KINDS, MAX_LISTED + 1)
        kept = imports.kept(tx, import_id, MAX_KEPT)
    now = parts().clock()
    return render_template(
        "admin/import.html",
        row=row,
        program=programs()[row.program].title,
        remarks=remarks[:MAX_LISTED],
        has_more=len(remarks) > MAX_LISTED,
        can_download=any(row.counts.get(kind) for kind in KEPT_WITH_CELLS) and bool(remarks),
        kept=kept,
        can_undo=undoing.can_undo(row, now),
        undo_until=row.finished_at + undoing.UNDO_TIME if row.finished_at else None,
        working_states=WORKING_IMPORT_STATES,
        **_words(),
    )


@bp.get("/imports/<int:import_id>/progress")
def import_progress(import_id: int) -> Response:
    """How far an import is. If it has ended, a header makes the browser reload the page."""
    row = _load(import_id)
    html = render_template("admin/_import_progress.html", row=row, working_states=WORKING_IMPORT_STATES)
    response = make_response(html)
    if request.args.get("shown") != row.state:
        response.headers["HX-Refresh"] = "true"
    return response


@bp.post("/imports/<int:import_id>/start")
def start_import(import_id: int) -> Redirect:
    """Import the list, with the words of the consent and its proof."""
    form = request.form
    consent, proof = (" ".join(form.get(name, "").split())[:MAX_WORDING] for name in ("consent", "proof"))
    if not consent or not proof:
        raise InvalidInputError(_("Say what these people agreed to, and how that can be shown."))
    if form.get("agreed") != "yes":
        raise InvalidInputError(_("Tick that all of them agreed: nobody may get mails who did not."))
    uploads.start(parts().db, import_id, f"{consent}; {proof}")
    record_action("import started", f"import {import_id}")
    enqueue(TaskName.IMPORT_SUBSCRIBERS)
    return redirect(url_for("admin.subscriber_import", import_id=import_id))


@bp.post("/imports/<int:import_id>/discard")
def discard_import(import_id: int) -> Redirect:
    """Throw an uploaded list away."""
    uploads.discard(parts().db, import_id)
    record_action("uploaded list deleted", f"import {import_id}")
    flash(_("The uploaded list is deleted. Nobody was imported."), "success")
    return redirect(url_for("admin.subscriber_imports"))


@bp.get("/imports/<int:import_id>/rows.csv")
def import_rows(import_id: int) -> Response:
    """The rows that were left out, with the reasons, to correct and import them."""
    row = _load(import_id)
    with parts().db.read() as tx:
        remarks = imports.remarks(tx, import_id, KEPT_WITH_CELLS)
    files = [(file["name"], file["header"]) for file in row.files]
    text = left_out_csv(files, [LeftOutRow(each.file, each.line, each.cells, each.text) for each in remarks])
    record_action("rows of an import downloaded", f"import {import_id}")
    headers = {"Content-Disposition": f"attachment; filename=import-{import_id}-left-out.csv"}
    return Response(text.encode(left_out.ENCODING), mimetype="text/csv", headers=headers)


@bp.get("/imports/<int:import_id>/undo")
def confirm_undo_import(import_id: int) -> str:
    """Say what undoing takes back, and what it can't."""
    row = _load(import_id)
    undoing.require_undoable(row, parts().clock())
    with parts().db.read() as tx:
        reached = import_reach.count_reached(tx, import_id)
    counts = undoing.preview(parts().db, import_id)
    return render_template("admin/undo_import.html", row=row, counts=counts, reached=reached, **_words())


@bp.post("/imports/<int:import_id>/undo")
def undo_import(import_id: int) -> Redirect:
    """Take a whole import back."""
    undoing.start(parts().db, import_id, parts().clock())
    record_action("import undone", f"import {import_id}")
    enqueue(TaskName.IMPORT_SUBSCRIBERS)
    return redirect(url_for("admin.subscriber_import", import_id=import_id))


def _load(import_id: int) -> SubscriberImport:
    with parts().db.read() as tx:
        return imports.by_id(tx, import_id)


def _words() -> dict[str, dict[str, str]]:
    """The names of outcomes, and of what undoing does."""
    return {
        "outcomes": {
            ImportOutcome.ACTIVE: _("get digests"),
            ImportOutcome.LEFT: _("left there, and stay unsubscribed"),
            ImportOutcome.SUPPRESSED: _("bounced, blocked or complained: suppressed"),
            ImportOutcome.KNOWN: _("known here already, and stay as they are"),
            ImportOutcome.REFUSED: _("suppressed or erased here, and left out"),
            ImportOutcome.UNCONFIRMED: _("never confirmed there, and left out"),
            ImportOutcome.REPEATED: _("in the list twice"),
            ImportOutcome.REJECTED: _("with an error"),
        },
        "undo_words": {
            undoing.REMOVED: _("subscribers are removed"),
            undoing.LIFTED: _("addresses are no longer suppressed"),
            undoing.RESTORED: _("suppressed subscribers get back the state that they had"),
        },
        "kept_words": {
            KeptFor.ACTED: _("did something themselves: confirmed, moved, or asked for a link"),
            KeptFor.CHANGED: _("have another state or other choices than were imported"),
            KeptFor.COMPLAINED: _("complained, or were suppressed by an editor"),
            KeptFor.STOPPED_AGAIN: _("have been suppressed for another reason since"),
        },
    }
