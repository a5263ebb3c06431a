"""Adds a subscriber who asked the newsroom to: a letter asks them to confirm, as after the form of the site."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.admin.addresses import find_suppression, read_address
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
    link = ("", "")
    if address and subscription:
        with p.db.begin() as tx:
            row, link = _ask(tx, address, subscription, errors)
        if row is not None:
            record_action("subscriber asked", f"subscriber {row.id}")
            enqueue(TaskName.SEND_LETTERS)
            message = _("A mail asks %(email)s to confirm. No digest is sent before that.", email=row.email)
            flash(message, "success")
            return redirect(url_for("admin.subscriber", subscriber_id=row.id))
    return render_form(TEMPLATE, {}, errors=errors, mend=link), 422


def _ask(
    tx: Tx, address: EmailAddress, subscription: Subscription, errors: dict[str, str]
) -> tuple[Subscriber | None, tuple[str, str]]:
    """Plan the letter and return the subscriber; None with an error, and the link and the words that mend it."""
    suppression = find_suppression(tx, address)
    known = store.find_by_address(tx, address)
    if suppression is not None and suppression.reason != SuppressionReason.ERASED:
        errors["email"] = _("This address is suppressed: nothing is sent to it.")
        mend = url_for("admin.confirm_lift", email=address.email), _("See why, and remove the suppression")
        return None, mend
    if known is not None and known.state != SubscriberState.UNSUBSCRIBED:
        errors["email"] = _("There is a subscriber with this address already.")
        return None, (url_for("admin.subscriber", subscriber_id=known.id), _("Open their page"))
    asked = SubscriptionRequest(address, subscription, ORIGIN, "")
    p = parts()
    if letter_planning.subscribe(tx, asked, secret=p.settings.secret_key, now=p.clock()) is None:
        errors["email"] = _("This mailbox got four such mails within a day. Try again tomorrow.")
        return None, ("", "")
    return store.find_by_address(tx, address), ("", "")
