"""The columns of the list of subscribers: an account chooses them, and they stay until it signs out."""

from enum import StrEnum

from flask import session
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

CHOSEN = "subscriber_columns"  # in the session


class Column(StrEnum):
    """A column beside the address, in the order of the table."""

    STATE = "state"
    REGIONS = "regions"
    LANGUAGE = "language"
    SCHEDULE = "schedule"
    JOINED = "joined"
    CONFIRMED = "confirmed"
    NEXT = "next"
    LAST = "last"


DEFAULT = (Column.STATE, Column.REGIONS, Column.SCHEDULE, Column.JOINED, Column.LAST)


def shown_columns(values: "MultiDict[str, str]") -> list[Column]:
    """The columns to show; those that the address chooses are remembered."""
    if "choose" in values:
        session[CHOSEN] = [column.value for column in Column if column in values.getlist("columns")]
    chosen = session.get(CHOSEN)
    return [column for column in Column if column in (DEFAULT if chosen is None else chosen)]


def column_names() -> dict[Column, str]:
    """The headings."""
    return {
        Column.STATE: _("State"),
        Column.REGIONS: _("Regions"),
        Column.LANGUAGE: _("Language"),
        Column.SCHEDULE: _("Schedule"),
        Column.JOINED: _("Signed up"),
        Column.CONFIRMED: _("Confirmed"),
        Column.NEXT: _("Next digest"),
        Column.LAST: _("Last digest"),
    }
