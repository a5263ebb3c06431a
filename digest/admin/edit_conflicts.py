"""Two people who save one form: nothing that one of them has saved is replaced by the other without a word.

Each form that changes something existing carries a field `shown`, with fingerprints of the values that it showed. When
it is saved, they are compared with what is stored by then (`pure/three_way.py`): fields that only one of the two has
changed are merged. If both have changed one, nothing is saved. The form comes back with what was typed, with who did it
when, and with the stored value beside the field. It carries new fingerprints, so that saving again replaces that.

Buttons that type nothing (pin, hide, pause) need none of this: the last one counts, and everybody sees it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask, flash, g, request
from flask_babel import gettext as _
from markupsafe import Markup

from digest.accounts.store import audit
from digest.admin.pure.three_way import MAX_SHOWN, MergedFields, canonical, merge, read_shown, write_shown
from digest.admin.template_filters import when
from digest.database import Tx
from digest.errors import ConflictError

# Where these forms are sent to; of all others, `tests/admin/test_edit_conflict_forms.py` says why not.
EDITING = frozenset((
    "admin.change_source", "admin.change_region", "admin.change_subscriber", "admin.change_day_notes", "admin.retag",
    "admin.tag_again", "admin.choose_kind", "admin.reset_kind", "admin.change_subscriber_note",
    "admin.set_edition_rate", "admin.set_account_role", "admin.change_look", "admin.choose_import_columns",
    "admin.change_today",
))  # fmt: skip
HIDDEN_FIELDS = frozenset(
    ("csrf_token", "shown", "shown_of", "desk", "action", "step", "stories", "next", "order")
)
SHOWN = "shown"  # the field of a form
MAX_AUDITED = 500  # characters of a value that the audit trail keeps


class SaveConflictError(ConflictError):
    """Somebody else has changed the same fields since the form was opened; `merge` is what the form shows next."""

    def __init__(self, merged: MergedFields) -> None:
        super().__init__(
            _("Somebody else has changed this since you opened the form. Nothing of yours is saved yet.")
        )
        self.merge = merged


@dataclass(frozen=True, slots=True)
class EditedThing:
    """What a form changes: the form's name, the page about the thing in the audit trail, and its fields in words."""

    form: str
    link: str
    labels: Mapping[str, str]
    describe: Callable[[str, Any], str] = lambda _field, value: canonical(value)
    audit_names: Mapping[str, str] = field(default_factory=dict)  # where they differ from those of the fields
    target: str = ""  # of the entries in the trail, if its page is about several things
    changed: tuple[str, datetime] | None = None  # who changed it last, and when, if its row says so


@dataclass(frozen=True, slots=True)
class ChangedField:
    """A field that somebody else has changed: its label, what is stored now, and who did it when, if that is known."""

    label: str
    stored: str
    account: str = ""
    at: datetime | None = None

    @property
    def author(self) -> Markup:
        """Who changed it, and when; "" if nobody of the newsroom did."""
        return Markup("{}, {}").format(self.account, when(self.at)) if self.at else Markup("")


def shown_values(form: str, stored: Mapping[str, Any], *, typed: bool = False) -> str:
    """The value of the field `shown`.

    `typed`: the form is shown again with what was typed, so it still compares with what it showed when it was opened.
    """
    failed = g.get("failed_form")
    is_again = typed or (failed is not None and failed.form == form)
    if is_again and _conflict(form) is None and SHOWN in request.form:
        return request.form[SHOWN][:MAX_SHOWN]
    return write_shown(stored)


def merge_typed(
    tx: Tx,
    thing: EditedThing,
    stored: Mapping[str, Any],
    typed: Mapping[str, Any],
    *,
    asserted: Collection[str] = (),
    shown: str | None = None,
) -> MergedFields:
    """What was typed, merged with what is stored in this transaction. Raises SaveConflictError."""
    fingerprints = read_shown(request.form.get(SHOWN, "") if shown is None else shown)
    merged = merge(fingerprints, stored, typed, asserted)
    if merged.conflicts:
        differences = {name: _difference(tx, thing, name, stored[name]) for name in merged.conflicts}
        g.edit_conflict = (thing.form, differences)
        raise SaveConflictError(merged)
    return merged


def require_unchanged(tx: Tx, thing: EditedThing, name: str, stored: Any, typed: Any) -> None:
    """Raise SaveConflictError if a form's only field is not as the form showed it, unless it is as typed by now."""
    merge_typed(tx, thing, {name: stored}, {name: typed}, asserted=(name,))


def flash_kept(thing: EditedThing, merged: MergedFields) -> None:
    """Say which fields somebody else has changed meanwhile, and that they stay so."""
    if merged.theirs:
        names = ", ".join(str(thing.labels[name]) for name in merged.theirs)
        flash(_("Changed by somebody else meanwhile, and kept so: %(fields)s.", fields=names), "info")


def typed_texts() -> list[str]:
    """What was typed into a form whose thing somebody else has deleted meanwhile, so that it can be copied."""
    if request.endpoint not in EDITING:
        return []
    fields = (values for name, values in request.form.lists() if name not in HIDDEN_FIELDS)
    return [text for values in fields for text in values if text.strip()]


def register(app: Flask) -> None:
    """Add the functions for templates."""
    app.jinja_env.globals.update(
        shown_values=shown_values, conflict_in=_conflict, stored_now=_stored_now, stored_id=_stored_id
    )


def _conflict(form: str) -> Mapping[str, ChangedField] | None:
    """The fields of a form that somebody else has changed, if it is shown again because of them."""
    name, differences = g.get("edit_conflict") or ("", None)
    return differences if name == form else None


def _stored_now(form: str, name: str, *, labelled: bool = False) -> Markup:
    """What is stored in a field that somebody else has changed, to be put below it, or with its label above several."""
    difference = (_conflict(form) or {}).get(name)
    if difference is None:
        return Markup("")
    label = _("%(field)s, stored now:", field=difference.label) if labelled else _("Stored now:")
    return Markup(
        '<p class="stored-now" id="{}"><span class="label">{}</span> <bdi>{}</bdi> <span class="muted">{}</span></p>'
    ).format(_stored_id(form, name), label, difference.stored or _("nothing"), difference.author)


def _stored_id(form: str, name: str) -> str:
    """The id of that paragraph; "" if there is none."""
    return f"{form}-{name}-stored" if name in (_conflict(form) or {}) else ""


def _difference(tx: Tx, thing: EditedThing, name: str, stored: Any) -> ChangedField:
    label, text = str(thing.labels[name]), thing.describe(name, stored)
    if thing.changed is not None:
        return ChangedField(label, text, *thing.changed)
    key, value = thing.audit_names.get(name, name), canonical(stored)[:MAX_AUDITED]
    for entry in audit.latest_at(tx, thing.link):
        if thing.target in {"", entry.target} and entry.after is not None and key in entry.after:
            is_this = canonical(entry.after[key])[:MAX_AUDITED] == value
            # Else something that the trail does not have came after it: a reader, a fetch, a task.
            return (
                ChangedField(label, text, entry.account, entry.at) if is_this else ChangedField(label, text)
            )
    return ChangedField(label, text)
