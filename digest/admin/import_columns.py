"""The form in which columns of an uploaded list get their fields, and rows that say nothing their values."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import render_template
from flask_babel import gettext as _

from digest.admin import edit_conflicts
from digest.admin.edit_conflicts import EditedThing
from digest.admin.texts import translated
from digest.database import Tx
from digest.errors import InvalidInputError, NotFoundError
from digest.i18n.locales import language_name
from digest.parts import Parts, parts
from digest.subscribers.imports.rules import check_defaults
from digest.subscribers.imports.uploads import load_tables
from digest.subscribers.models import SubscriberImport
from digest.subscribers.pure.csv_columns import SUBSCRIBER_COLUMNS, map_columns
from digest.subscribers.pure.programs import programs
from digest.subscribers.states import Cadence

NONE, NAMED = (
    "-",
    "=",
)  # values of a choice: no column; the column whose name follows. Else the recognised ones
DEFAULT_FIELDS = ("regions", "language", "cadence", "time", "zone")
SHOWN_FIRST = ("email", "regions", "language", "zone", "state", "joined", "confirmed", "network")
MAX_VALUE = 300  # characters


class WrongFieldError(Exception):
    """A field of the form is wrong."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """The column that was chosen for each field ("" for none), and the values for rows that say nothing."""

    columns: dict[str, str]
    defaults: dict[str, str]


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field in the form: its name, its label, the columns that were recognised, and the value that is chosen."""

    name: str
    label: str
    recognised: str
    value: str


def parse(form: Mapping[str, str]) -> ColumnChoice:
    """What the form says."""
    columns = {}
    for field in SUBSCRIBER_COLUMNS:
        value = form.get(f"column_{field}", "")
        if value == NONE:
            columns[field] = ""
        elif value.startswith(NAMED):
            columns[field] = value.removeprefix(NAMED)
    given = {field: form.get(f"default_{field}", "").strip()[:MAX_VALUE] for field in DEFAULT_FIELDS}
    return ColumnChoice(columns, {field: value for field, value in given.items() if value})


def check(p: Parts, row: SubscriberImport, choice: ColumnChoice) -> None:
    """Raise WrongFieldError for a column or a value that can't be, and if no row would have regions."""
    try:
        with p.db.read() as tx:
            files = load_tables(tx, row, choice.columns)
    except InvalidInputError as error:
        raise WrongFieldError("column_email", translated(error)) from None
    rules = p.import_rules()
    for field, value in choice.defaults.items():
        try:
            check_defaults(replace(rules, defaults={field: value}))
        except (InvalidInputError, NotFoundError) as error:
            raise WrongFieldError(f"default_{field}", translated(error)) from None
    if "regions" not in choice.defaults and not any(file.columns.names_of("regions") for file in files):
        raise WrongFieldError(
            "default_regions", _("No column has regions: say here which ones these people get.")
        )


def describe(columns: Mapping[str, str], defaults: Mapping[str, str]) -> list[str]:
    """A choice as lines of text: the column of each field, and the values for rows that do not say."""
    labels = field_labels()
    lines = [f"{labels[field]}: {name or '—'}" for field, name in sorted(columns.items())]
    return lines + [f"{labels[field]} = {value}" for field, value in sorted(defaults.items())]


def require_unchanged(tx: Tx, row: SubscriberImport, choice: ColumnChoice) -> None:
    """Raise SaveConflictError if somebody else has chosen other columns since the form was opened."""
    label = _("What the columns mean")
    thing = EditedThing(
        "columns", f"/admin/imports/{row.id}", {"columns": label}, lambda _field, lines: "\n".join(lines)
    )
    stored = describe(row.options["columns"], row.options["defaults"])
    typed = describe(choice.columns, choice.defaults)
    edit_conflicts.require_unchanged(tx, thing, "columns", stored, typed)


def render(row: SubscriberImport) -> str:
    """The page with the first rows and the form."""
    labels, recognised = field_labels(), _recognised(row)
    chosen: Mapping[str, str] = row.options["columns"]
    fields = [
        FieldChoice(field, labels[field], ", ".join(recognised[field]), _value(chosen, field))
        for field in SUBSCRIBER_COLUMNS
    ]
    first = [field for name in SHOWN_FIRST for field in fields if field.name == name]
    return render_template(
        "admin/import_columns.html",
        row=row,
        program=programs()[row.program].title,
        first_fields=first,
        other_fields=[field for field in fields if field not in first],
        columns=list(dict.fromkeys(name for file in row.files for name in file["header"] if name)),
        used=_used(row, labels, recognised),
        defaults=row.options["defaults"],
        chosen=describe(chosen, row.options["defaults"]),
        languages=[(code, language_name(code)) for code in parts().languages],
        cadences=[cadence.value for cadence in Cadence],
    )


def _used(
    row: SubscriberImport, labels: Mapping[str, str], recognised: Mapping[str, list[str]]
) -> dict[str, str]:
    """The label of the field that each column has."""
    chosen: Mapping[str, str] = row.options["columns"]
    names = [
        (name, labels[field])
        for field in SUBSCRIBER_COLUMNS
        for name in _columns_of(recognised, chosen, field)
    ]
    return dict(reversed(names))


def _columns_of(recognised: Mapping[str, list[str]], chosen: Mapping[str, str], field: str) -> list[str]:
    """The columns of a field, as they are chosen, else as they are recognised."""
    return ([chosen[field]] if chosen[field] else []) if field in chosen else recognised[field]


def _value(chosen: Mapping[str, str], field: str) -> str:
    if field not in chosen:
        return ""
    return f"{NAMED}{chosen[field]}" if chosen[field] else NONE


def _recognised(row: SubscriberImport) -> dict[str, list[str]]:
    """The columns of each field that have usual names, in any file."""
    found: dict[str, list[str]] = {field: [] for field in SUBSCRIBER_COLUMNS}
    for file in row.files:
        mapped: Any = map_columns(file["header"], SUBSCRIBER_COLUMNS)
        for field in SUBSCRIBER_COLUMNS:
            found[field] += [name for name in mapped.names_of(field) if name not in found[field]]
    return found


def field_labels() -> dict[str, str]:
    """The names of the fields."""
    return {
        "email": _("E-mail address"),
        "regions": _("Regions"),
        "cadence": _("How often"),
        "weekday": _("Day of a weekly digest"),
        "time": _("Time of day"),
        "zone": _("Time zone"),
        "language": _("Language"),
        "size": _("Length of the digest"),
        "kinds": _("Kinds of articles"),
        "languages_read": _("Languages read"),
        "show_why": _("Whether stories say why they are there"),
        "state": _("State in the other program"),
        "subscribed": _("Whether they get mails there"),
        "left": _("Whether or when they left"),
        "bounced": _("Whether or when the address bounced"),
        "complained": _("Whether or when they complained"),
        "blocked": _("Whether they are blocked"),
        "joined": _("When they signed up"),
        "confirmed": _("When they confirmed"),
        "paused_until": _("Until when they paused"),
        "network": _("Network address of the sign-up"),
    }
