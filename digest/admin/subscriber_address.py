"""Moves a subscriber to another address: a letter goes there, and the old address stays until its link is opened."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.admin.addresses import (
    AddressProblem,
    already_known,
    asked_too_often,
    find_suppression,
    read_address,
    suppressed,
)
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.database import Tx
from digest.parts import parts
from digest.subscribers import letter_planning
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.email_address import EmailAddress
from digest.subscribers.states import SUBSCRIBED_STATES
from digest.subscribers.store import subscribers as store
from digest.task_names import TaskName
from digest.tasks import enqueue


@bp.get("/subscribers/<int:subscriber_id>/address")
def subscriber_address(subscriber_id: int) -> str:
    """The form for the new address."""
    with parts().db.read() as tx:
        return _render(store.by_id(tx, subscriber_id))


@bp.post("/subscribers/<int:subscriber_id>/address")
def change_address(subscriber_id: int) -> Response | tuple[str, int]:
    """Plan the letter to the new address. Says why if there is none: only managers see this page."""
    p, errors = parts(), dict[str, str]()
    address, problem = read_address(request.form.get("email", ""), errors), None
    with p.db.begin() as tx:
        row = store.by_id(tx, subscriber_id)
        if address and (problem := _request_move(tx, row, address)):
            errors["email"] = problem.text
    if address is None or errors:
        return _render(row, errors, problem), 422
    record_action("new address asked", f"subscriber {subscriber_id}")
    enqueue(TaskName.SEND_LETTERS)
    message = _(
        "A mail asks %(email)s to confirm. Until then digests go to the old address.", email=address.email
    )
    flash(message, "success")
    return redirect(url_for("admin.subscriber", subscriber_id=subscriber_id))


def _request_move(tx: Tx, row: Subscriber, address: EmailAddress) -> AddressProblem | None:
    """Plan the letter; returns what stands against it."""
    p, problem = parts(), None
    secret, now = p.settings.secret_key, p.clock()
    if row.state not in SUBSCRIBED_STATES:
        text = _("Only who gets digests, or has paused them, can move to another address.")
        problem = AddressProblem(text)
    elif address.key == row.email_key:
        problem = AddressProblem(_("This is their address already."))
    elif (known := store.find_by_address(tx, address)) is not None:
        problem = already_known(known.id)
    elif find_suppression(tx, address) is not None:
        problem = suppressed(address)
    elif letter_planning.request_move(tx, row.public_id, address, secret=secret, now=now) is None:
        problem = asked_too_often()
    return problem


def _render(
    row: Subscriber, errors: dict[str, str] | None = None, problem: AddressProblem | None = None
) -> str:
    return render_template(
        "admin/subscriber_address.html",
        subscriber=row,
        email=request.form.get("email", ""),
        errors=errors or {},
        problem=problem,
    )
