"""The notes of the day: an editor's words above the news, and a subject, for all readers or for those of a region.

The form is on a page of its own and on the desk. With a script, a change replaces the part with the notes; without one,
the page is loaded again.
"""

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from digest.accounts.audit import Change
from digest.admin import edit_conflicts, params
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.edit_conflicts import SHOWN, EditedThing, SaveConflictError
from digest.admin.form_choices import region_options
from digest.admin.pure.three_way import merge, read_shown, write_shown
from digest.admin.redirects import redirect_back
from digest.admin.template_filters import region_name
from digest.admin.texts import translated
from digest.admin.undo import flash_with_undo
from digest.database import Tx
from digest.editions.pure.day_notes import FOR_ALL, MAX_NOTE_LENGTH, MAX_SUBJECT_LENGTH, DayNote
from digest.editions.pure.note_markup import render_note
from digest.editions.store import day_notes as store
from digest.errors import InvalidInputError, NotFoundError
from digest.http_statuses import http_status
from digest.line_text import clean_line
from digest.parts import parts

FORM = "day-note"
SHOWN_OF = "shown_of"  # the region whose note the form showed
NOTHING: "MultiDict[str, str]" = MultiDict()
Fields = list[tuple[str, str]]


class NoteFormError(InvalidInputError):
    """What was typed can't be saved; `field` is where it stands."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@bp.get("/notes", endpoint="day_notes")
def show() -> str:
    """The notes of today, and the form for that of a region."""
    region = parts().tree.get(request.args.get("region") or FOR_ALL).slug
    return render_template("admin/day_notes.html", **page_values(region))


@bp.post("/notes", endpoint="change_day_notes")
def change() -> Response | str | tuple[str, int]:
    """Save a note, take it back, restore an earlier one, or show what it will look like."""
    is_part = "HX-Request" in request.headers
    template = "admin/_day_notes.html" if is_part else "admin/day_notes.html"
    region, desk_region = request.form.get("region") or FOR_ALL, request.form.get("desk") or None
    if request.form.get("action") == "preview":
        return render_template(template, **page_values(region, desk_region, typed=request.form))
    try:
        message, undo = _perform(request.form)
    except SaveConflictError as conflict:
        again = page_values(region, desk_region, typed=MultiDict(conflict.merge.values))
        return render_template(template, **again), 409
    except (NoteFormError, NotFoundError) as error:
        field = error.field if isinstance(error, NoteFormError) else "region"
        values = page_values(region, desk_region, typed=request.form)
        return render_template(template, **values, error=translated(error), wrong=field), http_status(error)
    if is_part:
        return render_template(template, **page_values(region, desk_region), message=message, undo=undo)
    flash_with_undo(message, "admin.change_day_notes", undo)
    return redirect_back("admin.day_notes")


def page_values(
    region: str, desk_region: str | None = None, *, typed: "MultiDict[str, str]" = NOTHING
) -> dict[str, Any]:
    """The template values of the part with the notes; `region` is the one whose note the form shows.

    On the desk, the form offers only the desk's region and all readers; its list of all regions would be long.
    """
    p = parts()
    with p.db.read() as tx:
        notes = store.in_force(tx, p.clock())
    current = next((note for note in notes if note.region == region), None)
    size = {note.region: len(_countries(note.region)) for note in notes}
    return {
        "desk_region": desk_region,
        "region_choices": region_options() if desk_region is None else _few_choices(desk_region, region),
        "notes": sorted(notes, key=lambda note: (-size[note.region], note.region)),
        "note_form": {
            "region": region,
            "subject": typed.get("subject", current.subject if current else ""),
            "text": typed.get("text", current.text if current else ""),
            "stored": note_values(current),
            "shown_of": typed.get(SHOWN_OF, region),
            "is_typed": "text" in typed,
        },
        "max_note_length": MAX_NOTE_LENGTH,
        "max_subject_length": MAX_SUBJECT_LENGTH,
        "publication_zone": p.settings.publication_zone,
        "for_all": FOR_ALL,
    }


def _few_choices(*regions: str) -> list[tuple[str, str, int]]:
    """These regions after all readers, each once."""
    return [(slug, region_name(slug), 0) for slug in dict.fromkeys((FOR_ALL, *regions))]


def _perform(form: "MultiDict[str, str]") -> tuple[str, Fields]:
    """Do what the pressed button says. Returns the message, and the fields that take the change back."""
    p, action = parts(), form.get("action", "")
    region = p.tree.get(form.get("region") or FOR_ALL).slug
    with p.db.begin() as tx:
        store.lock_notes(tx)
        before = next((note for note in store.in_force(tx, p.clock()) if note.region == region), None)
        text, subject = _merge(tx, region, before, _wanted(tx, form, action))
        store.add(
            tx,
            region,
            text,
            subject,
            author=current_user.email,
            zone=p.settings.publication_zone,
            now=p.clock(),
        )
    change = Change(
        url_for("admin.day_notes", region=region), _as_values(before), _as_values((text, subject))
    )
    record_action("note of the day changed", f"region {region}", change)
    undo = [("action", "restore"), ("region", region), ("note", str(before.id if before else 0))]
    undo += [(SHOWN, write_shown({"text": text, "subject": subject})), (SHOWN_OF, region)]
    return _message(region, is_empty=not (text or subject)), undo


def _wanted(tx: Tx, form: "MultiDict[str, str]", action: str) -> tuple[str, str]:
    """The text and subject that an action leads to. Raises NoteFormError, NotFoundError."""
    match action:
        case "remove":
            return "", ""
        case "restore":
            earlier_id = params.parse_int(form, "note", minimum=0) or 0
            earlier = store.by_ids(tx, [earlier_id]).get(earlier_id) if earlier_id else None
            if earlier_id and earlier is None:
                raise NotFoundError(_("The earlier note is no longer kept."))
            return (earlier.text, earlier.subject) if earlier else ("", "")
        case "save":
            return _typed(form)
        case _:
            raise NoteFormError("text", _('"%(name)s" is no action for a note.', name=action[:20]))


def _merge(tx: Tx, region: str, before: DayNote | None, wanted: tuple[str, str]) -> tuple[str, str]:
    """The text and subject to save: what is wanted, with what somebody else has saved since the form was opened.

    Raises SaveConflictError, and NoteFormError if the note that is to be taken back is another one by now.
    """
    form, stored = request.form, note_values(before)
    # The form showed no note of a region that was chosen in it.
    shown = form.get(SHOWN, "") if form.get(SHOWN_OF, region) == region else write_shown(note_values(None))
    if before is not None and form.get("action") == "remove":
        if merge(read_shown(shown), stored, note_values(None), asserted=tuple(stored)).conflicts:
            text = _(
                "%(who)s has changed this note meanwhile. Read it before you take it back.", who=before.author
            )
            raise NoteFormError("text", text)
        return wanted
    labels = {"text": _("Note above the news"), "subject": _("Subject of the mail")}
    thing = EditedThing(FORM, "", labels, changed=(before.author, before.created_at) if before else None)
    typed = {"text": wanted[0], "subject": wanted[1]}
    values = edit_conflicts.merge_typed(tx, thing, stored, typed, shown=shown).values
    return values["text"], values["subject"]


def note_values(note: DayNote | None) -> dict[str, str]:
    """What the form shows of a note."""
    return {"text": note.text if note else "", "subject": note.subject if note else ""}


def _typed(form: "MultiDict[str, str]") -> tuple[str, str]:
    text, subject = form.get("text", "").strip(), clean_line(form.get("subject", ""))
    if len(text) > MAX_NOTE_LENGTH:
        raise NoteFormError("text", _("At most %(max)d characters.", max=MAX_NOTE_LENGTH))
    if len(subject) > MAX_SUBJECT_LENGTH:
        raise NoteFormError("subject", _("At most %(max)d characters.", max=MAX_SUBJECT_LENGTH))
    if not (render_note(text).text or subject):
        raise NoteFormError("text", _("Write a note or a subject; to take a note back, use its button."))
    return text, subject


def _as_values(note: DayNote | tuple[str, str] | None) -> dict[str, str] | None:
    if note is None:
        return None
    text, subject = (note.text, note.subject) if isinstance(note, DayNote) else note
    return {"note": text, "subject": subject}


def _message(region: str, *, is_empty: bool) -> str:
    name = _("all readers") if region == FOR_ALL else region_name(region)
    if is_empty:
        return str(_("The note for %(readers)s is taken back.", readers=name))
    return str(_("The note for %(readers)s is saved.", readers=name))


def _countries(slug: str) -> frozenset[str]:
    try:
        return parts().tree.countries_of([slug])
    except NotFoundError:
        return frozenset()
