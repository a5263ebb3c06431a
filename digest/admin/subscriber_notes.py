"""Notes on a subscriber: what the newsroom wants to remember about them. The audit trail never has their words."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from digest.accounts.states import Role
from digest.admin import edit_conflicts
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.edit_conflicts import EditedThing
from digest.admin.undo import flash_with_undo
from digest.database import Tx
from digest.errors import ConflictError
from digest.parts import parts
from digest.subscribers import notes
from digest.subscribers.models import SubscriberNote
from digest.subscribers.notes import MAX_LENGTH, Writer
from digest.subscribers.store import notes as store
from digest.subscribers.store import subscribers

PAGE_PART = "notes"  # where they are on the page of their subscriber


def writer() -> Writer:
    """The signed-in account, as one who writes notes."""
    return Writer(current_user.email, changes_all=current_user.may(Role.MANAGER))


@bp.app_template_test("own_note")
def _is_own(note: SubscriberNote) -> bool:
    """Whether the signed-in account may change a note."""
    return bool(current_user.may(Role.EDITOR)) and writer().may_change(note)


@bp.post("/subscribers/<int:subscriber_id>/notes")
def add_subscriber_note(subscriber_id: int) -> Response:
    """Write a note."""
    p = parts()
    notes.add(p.db, subscriber_id, request.form.get("text", ""), writer=writer(), now=p.clock())
    record_action("note on subscriber added", f"subscriber {subscriber_id}")
    flash(_("The note is saved."), "success")
    return _to_notes(subscriber_id)


@bp.get("/subscribers/<int:subscriber_id>/notes/<int:note_id>")
def subscriber_note(subscriber_id: int, note_id: int) -> str:
    """The form to change a note."""
    with parts().db.read() as tx:
        row, note = subscribers.by_id(tx, subscriber_id), store.by_id(tx, subscriber_id, note_id)
    if not writer().may_change(note):
        raise ConflictError(_("Only %(author)s and managers can change this note.", author=note.author))
    return render_template("admin/subscriber_note.html", subscriber=row, note=note, max_length=MAX_LENGTH)


@bp.post("/subscribers/<int:subscriber_id>/notes/<int:note_id>")
def change_subscriber_note(subscriber_id: int, note_id: int) -> Response:
    """Save the words of a note."""
    p = parts()
    if notes.change(p.db, subscriber_id, note_id, _merged_text, writer=writer(), now=p.clock()):
        record_action("note on subscriber changed", f"subscriber {subscriber_id}")
        flash(_("The note is saved."), "success")
    else:
        flash(_("Nothing was changed."), "info")
    return _to_notes(subscriber_id)


@bp.post("/subscribers/<int:subscriber_id>/notes/<int:note_id>/<any(delete, restore):step>")
def delete_subscriber_note(subscriber_id: int, note_id: int, step: str) -> Response:
    """Delete a note, or bring it back while that is possible."""
    p = parts()
    if step == "restore":
        notes.restore(p.db, subscriber_id, note_id, writer=writer(), now=p.clock())
        record_action("note on subscriber restored", f"subscriber {subscriber_id}")
        flash(_("The note is back."), "success")
        return _to_notes(subscriber_id)
    notes.delete(p.db, subscriber_id, note_id, writer=writer(), now=p.clock())
    record_action("note on subscriber deleted", f"subscriber {subscriber_id}")
    flash_with_undo(
        _("The note is deleted."),
        "admin.delete_subscriber_note",
        subscriber_id=subscriber_id,
        note_id=note_id,
        step="restore",
    )
    return redirect(url_for("admin.subscriber", subscriber_id=subscriber_id))


def _merged_text(tx: Tx, note: SubscriberNote) -> str:
    """What was typed; what is stored, if nothing was. Raises SaveConflictError if both have changed the note."""
    who = (note.changed_by or note.author, note.changed_at or note.created_at)
    thing = EditedThing("note", "", {"text": _("Note")}, changed=who)
    typed = {"text": request.form.get("text", "")}
    text: str = edit_conflicts.merge_typed(tx, thing, {"text": note.text}, typed).values["text"]
    return text


def _to_notes(subscriber_id: int) -> Response:
    return redirect(url_for("admin.subscriber", subscriber_id=subscriber_id, _anchor=PAGE_PART))
