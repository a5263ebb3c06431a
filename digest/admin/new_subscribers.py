"""Adds a subscriber who asked the newsroom to: a letter asks them to confirm, as after the form of the site."""

from flask import flash, redirect, request, url_for
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
from digest.admin.subscription_form import only_rearranges, read_form, render_form
from digest.database import Tx
from digest.parts import parts
from digest.subscribers import letter_planning
from digest.subscribers.letter_planning import SubscriptionRequest
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.email_address import EmailAddress
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import SubscriberState, SuppressionReason
from digest.subscribers.store import subscribers as store
from digest.task_names import TaskName
from digest.tasks import enqueue

ORIGIN = "newsroom"  # where the consent comes from; the newsroom's pages translate it
TEMPLATE = "admin/new_subscriber.html"


@bp.get("/subscribers/new")
def new_subscriber() -> str:
    """The empty form."""
    return render_form(TEMPLATE, {})


@bp.post("/subscribers/new")
def add_subscriber() -> str | Response | tuple[str, int]:
    """Plan the letter that asks for confirmation. Says why if there is none: only managers see this page."""
    if only_rearranges():
        return render_form(TEMPLATE, {})
    p, errors = parts(), dict[str, str]()
    address = read_address(request.form.get("email", ""), errors)
    subscription = read_form(Subscription((), language=p.languages[0]), errors)
    problem = None
    if address and subscription:
        with p.db.begin() as tx:
            asked = _ask(tx, address, subscription)
        if isinstance(asked, Subscriber):
            record_action("subscriber asked", f"subscriber {asked.id}")
            enqueue(TaskName.SEND_LETTERS)
            message = _("A mail asks %(email)s to confirm. No digest is sent before that.", email=asked.email)
            flash(message, "success")
            return redirect(url_for("admin.subscriber", subscriber_id=asked.id))
        problem, errors["email"] = asked, asked.text
    return render_form(TEMPLATE, {}, errors=errors, problem=problem), 422


def _ask(tx: Tx, address: EmailAddress, subscription: Subscription) -> Subscriber | AddressProblem:
    """Plan the letter; returns the subscriber, or what stands against it."""
    suppression = find_suppression(tx, address)
    known = store.find_by_address(tx, address)
    if suppression is not None and suppression.reason != SuppressionReason.ERASED:
        return suppressed(address)
    if known is not None and known.state != SubscriberState.UNSUBSCRIBED:
        return already_known(known.id)
    asked = SubscriptionRequest(address, subscription, ORIGIN, "")
    p = parts()
    is_planned = letter_planning.subscribe(tx, asked, secret=p.settings.secret_key, now=p.clock()) is not None
    return (store.find_by_address(tx, address) if is_planned else None) or asked_too_often()
