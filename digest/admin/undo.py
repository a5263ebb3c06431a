"""The button to undo what a page has just done: shown once, beside its message, on the page that comes next.

It sends a form that the person could fill in by hand, so that it needs no rights of its own.
"""

from collections.abc import Iterable
from typing import TypedDict

from flask import flash, session, url_for

from digest.admin.blueprint import bp

SESSION_KEY = "undo"


class UndoForm(TypedDict):
    """The form of the button: where it is sent, and its fields."""

    url: str
    fields: list[tuple[str, str]]


def flash_with_undo(
    message: str, endpoint: str, fields: Iterable[tuple[str, str]] = (), **values: str | int
) -> None:
    """Show a message on the next page, with a button that posts `fields` to an endpoint."""
    flash(message, "success")
    form: UndoForm = {"url": url_for(endpoint, **values), "fields": list(fields)}  # type: ignore[arg-type]  # no special name
    session[SESSION_KEY] = form


@bp.app_template_global()
def pending_undo() -> UndoForm | None:
    """What can be undone on this page; asking takes it away."""
    form: UndoForm | None = session.pop(SESSION_KEY, None)
    return form
