"""The subscribers: finding one, seeing all that was sent and agreed, and acting for them."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.admin.auth import note
from digest.admin.blueprint import bp
from digest.admin.form_choices import language
from digest.admin.template_filters import page_number, pages
from digest.errors import ConflictError
from digest.feedback import store as feedback
from digest.parts import parts
from digest.subscribers import lifecycle
from digest.subscribers.descriptions import hour_line, regions_line
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.email_address import Address, address_hash
from digest.subscribers.store import letters
from digest.subscribers.store import subscribers as store
from digest.tasks import say

# The trail names readers by number alone, so that nothing of an address is left when it is erased.
STATES = ("active", "pending", "paused", "unsubscribed", "suppressed")


@bp.get("/subscribers")
def subscribers() -> str:
    """Those whose address holds the text, in a state or any."""
    text, state = request.args.get("q", "").strip(), request.args.get("state", "")
    with parts().db.read() as tx:
        found, total = store.search(tx, text, state, page=page_number())
        counts = store.count_by_state(tx)
    return render_template(
        "admin/subscribers.html",
        subscribers=[(one, *_wishes(one)) for one in found],
        text=text,
        state=state,
        states=STATES,
        counts=counts,
        pages=pages(total, store.PAGE, found),
    )


@bp.get("/subscribers/<int:subscriber_id>")
def subscriber(subscriber_id: int) -> str:
    """All that we know of a reader."""
    p = parts()
    with p.db.read() as tx:
        found = store.by_id(tx, subscriber_id)
        sent, total = feedback.deliveries_of(tx, subscriber_id, page=page_number())
        known = {
            "consents": store.consents(tx, found),
            "letters": letters.of_subscriber(tx, found),
            "deliveries": sent,
            "pages": pages(total, feedback.PAGE, sent),
            "came": feedback.about_deliveries(tx, [delivery.id for delivery, _digest in sent]),
            "feedback": feedback.of_subscriber(tx, subscriber_id),
            "suppression": store.suppressed(tx, address_hash(p.settings.secret_key, found.email_key)),
        }
    asked_for, hour = _wishes(found)
    return render_template("admin/subscriber.html", reader=found, regions=asked_for, hour=hour, **known)


@bp.post("/subscribers/<int:subscriber_id>/link")
def send_link(subscriber_id: int) -> Response:
    """Send a reader the link to their preferences (or to confirm)."""
    found, p = _found(subscriber_id), parts()
    if lifecycle.ask_for_link(p.db, Address(found.email, found.email_key), p.reader.clock()) is None:
        raise ConflictError(_("No letter was sent: the address is suppressed, or got four within a day."))
    note("link sent", f"subscriber {subscriber_id}")
    say("letters.send")
    flash(_("The link is on its way to %(email)s.", email=found.email), "success")
    return redirect(url_for("admin.subscriber", subscriber_id=subscriber_id))


@bp.get("/subscribers/<int:subscriber_id>/unsubscribe")
def confirm_unsubscribe(subscriber_id: int) -> str:
    """Say what it means before it is done: nobody but the reader can take it back."""
    found = _found(subscriber_id)
    return render_template(
        "admin/ask.html",
        section="admin.subscribers",
        question=_("Unsubscribe %(email)s?", email=found.email),
        means=_("Nothing more is sent to them. Only they can begin again, by subscribing and confirming."),
        yes=_("Unsubscribe"),
        no_url=url_for("admin.subscriber", subscriber_id=subscriber_id),
    )


@bp.post("/subscribers/<int:subscriber_id>/unsubscribe")
def unsubscribe(subscriber_id: int) -> Response:
    """Stop sending to a reader who asked us to."""
    found = _found(subscriber_id)
    if lifecycle.leave(parts().db, found.public_id, parts().reader.clock()) is None:
        raise ConflictError(_("%(email)s gets nothing already.", email=found.email))
    note("reader unsubscribed", f"subscriber {subscriber_id}")
    flash(_("Nothing more goes to %(email)s.", email=found.email), "success")
    return redirect(url_for("admin.subscriber", subscriber_id=subscriber_id))


@bp.get("/subscribers/<int:subscriber_id>/erase")
def confirm_erase(subscriber_id: int) -> str:
    """Say what erasing means before it is done."""
    return render_template("admin/erase.html", reader=_found(subscriber_id))


@bp.post("/subscribers/<int:subscriber_id>/erase")
def erase(subscriber_id: int) -> Response:
    """Forget a reader."""
    found, p = _found(subscriber_id), parts()
    lifecycle.erase(p.db, found.public_id, secret=p.settings.secret_key, now=p.reader.clock())
    note("reader erased", f"subscriber {subscriber_id}")
    flash(_("Everything about the reader is erased."), "success")
    return redirect(url_for("admin.subscribers"))


def _found(subscriber_id: int) -> Subscriber:
    with parts().db.read() as tx:
        return store.by_id(tx, subscriber_id)


def _wishes(reader: Subscriber) -> tuple[str, str]:
    """What a reader asked for, in words: regions, and when."""
    lang = language()
    when = hour_line(
        reader.cadence, reader.weekday, reader.send_minute, zone=reader.zone, language=lang
    )  # fmt: skip
    return regions_line(parts().tree, reader.preferences.regions, lang), when
