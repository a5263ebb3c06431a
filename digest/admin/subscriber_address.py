"""Moves a subscriber to another address: a letter goes there, and the old address stays until its link is opened."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.admin.addresses import find_suppression, read_address
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
    address = read_address(request.form.get("email", ""), errors)
    with p.db.begin() as tx:
        row = store.by_id(tx, subscriber_id)
        if address and (problem := _request_move(tx, row, address)):
            errors["email"] = problem
    if address is None or errors:
        return _render(row, errors), 422
    record_action("new address asked", f"subscriber {subscriber_id}")
    enqueue(TaskName.SEND_LETTERS)
    message = _(
        "A mail asks %(email)s to confirm. Until then digests go to the old address.", email=address.email
    )
    flash(message, "success")
    return redirect(url_for("admin.subscriber", subscriber_id=subscriber_id))


def _request_move(tx: Tx, row: Subscriber, address: EmailAddress) -> str:
    """Plan the letter; returns what stands against it, or ""."""
    p, problem = parts(), ""
    secret, now = p.settings.secret_key, p.clock()
    if row.state not in SUBSCRIBED_STATES:
        problem = _("Only who gets digests, or has paused them, can move to another address.")
    elif address.key == row.email_key:
        problem = _("This is their address already.")
    elif store.find_by_address(tx, address) is not None:
        problem = _("There is a subscriber with this address already.")
    elif find_suppression(tx, address) is not None:
        problem = _("This address is suppressed: nothing is sent to it.")
    elif letter_planning.request_move(tx, row.public_id, address, secret=secret, now=now) is None:
        problem = _("This mailbox got four such mails within a day. Try again tomorrow.")
    return problem


def _render(row: Subscriber, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "admin/subscriber_address.html",
        subscriber=row,
        email=request.form.get("email", ""),
        errors=errors or {},
    )
