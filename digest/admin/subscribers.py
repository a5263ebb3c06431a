"""One subscriber: their deliveries and consents, and actions on their behalf.

The audit log names them only by id, so that it contains no address after somebody's data is erased.
"""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.accounts.audit import Change
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.form_choices import page_language
from digest.admin.template_filters import make_pager, page_number
from digest.database import Tx
from digest.errors import ConflictError
from digest.feedback.store import feedback
from digest.i18n.locales import language_name
from digest.parts import parts
from digest.subscribers import letter_planning, lifecycle
from digest.subscribers.descriptions import describe_hour, describe_regions
from digest.subscribers.models import Letter, Preferences, Subscriber
from digest.subscribers.notes import MAX_LENGTH
from digest.subscribers.pure.email_address import EmailAddress, address_hash
from digest.subscribers.pure.links import ADDRESS_LINK_LIFETIME
from digest.subscribers.states import SUBSCRIBED_STATES
from digest.subscribers.store import letters, notes, suppressions
from digest.subscribers.store import subscribers as store
from digest.subscribers.store.moves import pending_move
from digest.task_names import TaskName
from digest.tasks import enqueue


@bp.get("/subscribers/<int:subscriber_id>")
def subscriber(subscriber_id: int) -> str:
    """One subscriber with deliveries, account mails, consents and feedback."""
    p = parts()
    with p.db.read() as tx:
        row = store.by_id(tx, subscriber_id)
        sent, total = feedback.deliveries_of(tx, subscriber_id, page=page_number())
        details = {
            "consents": store.consents(tx, row),
            "letters": letters.of_subscriber(tx, row),
            "notes": notes.of_subscriber(tx, subscriber_id),
            "pending_move": _find_pending_move(tx, row),
            "deliveries": sent,
            "pages": make_pager(total, feedback.PAGE_SIZE, sent),
            "feedback_by_delivery": feedback.by_delivery(tx, [delivery.id for delivery, _digest in sent]),
            "feedback": feedback.of_subscriber(tx, subscriber_id),
            "suppression": suppressions.find_by_hash(tx, address_hash(p.settings.secret_key, row.email_key)),
        }
    return render_template(
        "admin/subscriber.html",
        subscriber=row,
        regions=_describe_regions(row),
        schedule=describe_hour(row, page_language()),
        max_note_length=MAX_LENGTH,
        **_describe_content(row.preferences),
        **details,
    )


@bp.post("/subscribers/<int:subscriber_id>/link")
def send_link(subscriber_id: int) -> Response:
    """Send a subscriber the link to their preferences, or to confirm their subscription."""
    row, p = _load_subscriber(subscriber_id), parts()
    address = EmailAddress(row.email, row.email_key)
    with p.db.begin() as tx:
        letter_id = letter_planning.request_preferences_link(tx, address, p.clock())
    if letter_id is None:
        raise ConflictError(
            _("No mail was sent: the address is suppressed, or got four such mails within a day.")
        )
    record_action("link sent", f"subscriber {subscriber_id}")
    enqueue(TaskName.SEND_LETTERS)
    flash(_("The link is being sent to %(email)s.", email=row.email), "success")
    return redirect(url_for("admin.subscriber", subscriber_id=subscriber_id))


@bp.get("/subscribers/<int:subscriber_id>/unsubscribe")
def confirm_unsubscribe(subscriber_id: int) -> str:
    """Explain what unsubscribing does before it is done: only the subscriber can undo it."""
    row = _load_subscriber(subscriber_id)
    return render_template(
        "admin/ask.html",
        section="admin.subscribers",
        question=_("Unsubscribe %(email)s?", email=row.email),
        consequence=_("They will not get any more digests. Only they can subscribe again and confirm it."),
        confirm_label=_("Unsubscribe them"),
        cancel_url=url_for("admin.subscriber", subscriber_id=subscriber_id),
    )


@bp.post("/subscribers/<int:subscriber_id>/unsubscribe")
def unsubscribe(subscriber_id: int) -> Response:
    """Unsubscribe somebody who asked for it."""
    p = parts()
    with p.db.begin() as tx:
        row = store.by_id(tx, subscriber_id)
        before = row.state
        has_left = lifecycle.leave(tx, row, p.clock())
    if not has_left:
        raise ConflictError(_("%(email)s is already unsubscribed.", email=row.email))
    change = Change(before={"state": before}, after={"state": row.state})
    record_action("subscriber unsubscribed", f"subscriber {subscriber_id}", change)
    flash(_("%(email)s is unsubscribed.", email=row.email), "success")
    return redirect(url_for("admin.subscriber", subscriber_id=subscriber_id))


@bp.get("/subscribers/<int:subscriber_id>/erase")
def confirm_erase(subscriber_id: int) -> str:
    """Explain what is erased before it is done."""
    return render_template("admin/erase.html", subscriber=_load_subscriber(subscriber_id))


@bp.post("/subscribers/<int:subscriber_id>/erase")
def erase(subscriber_id: int) -> Response:
    """Erase the data of a subscriber."""
    row, p = _load_subscriber(subscriber_id), parts()
    lifecycle.erase(p.db, row.public_id, secret=p.settings.secret_key, now=p.clock())
    record_action("subscriber erased", f"subscriber {subscriber_id}")
    flash(_("The data of the subscriber is erased."), "success")
    return redirect(url_for("admin.subscribers"))


def _load_subscriber(subscriber_id: int) -> Subscriber:
    with parts().db.read() as tx:
        return store.by_id(tx, subscriber_id)


def _find_pending_move(tx: Tx, row: Subscriber) -> Letter | None:
    if row.state not in SUBSCRIBED_STATES:
        return None
    return pending_move(tx, row, link_works=ADDRESS_LINK_LIFETIME, now=parts().clock())


def _describe_regions(row: Subscriber) -> str:
    return describe_regions(parts().tree, row.preferences.regions, page_language())


def _describe_content(preferences: Preferences) -> dict[str, list[str]]:
    """The kinds and the languages that a digest takes, whether chosen or by default."""
    content = preferences.content
    kinds = parts().default_kinds if content.kinds is None else content.kinds
    languages = sorted(content.reads(preferences.language))
    return {"kinds": sorted(kinds), "languages_read": [language_name(code) for code in languages]}
