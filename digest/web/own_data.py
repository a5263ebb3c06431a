"""What a subscriber may see and change only with a new link from their mailbox: their address and what is stored."""

import json
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from digest.deliveries.states import SENT_STATES
from digest.deliveries.store import received
from digest.editions.pure.calendar import zone_or_utc
from digest.errors import InvalidInputError
from digest.i18n.dates import format_moment
from digest.parts import parts
from digest.subscribers import letter_requests
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.store import letters, notes
from digest.subscribers.store import subscribers as store
from digest.task_names import TaskName
from digest.tasks import enqueue
from digest.web.blueprint import bp
from digest.web.layout import page_language, translate_message
from digest.web.preferences import OpenedLink, open_link
from digest.web.subscribe import PageResponse

SHOWN_DIGESTS = 60  # on the page; the file has those of a year
FILE_DIGESTS = 400


@bp.get("/preferences/<token>/data")
def own_data(token: str) -> PageResponse:
    """The address, what was sent, and what can be done with the data. Without a new link, a button that sends one."""
    return _render(token, open_link(token))


@bp.get("/preferences/<token>/data.json")
def own_data_file(token: str) -> BaseResponse:
    """All that is stored about a subscriber, as JSON."""
    subscriber, is_owner = open_link(token)
    if not is_owner:
        return redirect(url_for("web.own_data", token=token), 303)
    response = Response(
        json.dumps(_stored_data(subscriber), ensure_ascii=False, indent=1), mimetype="application/json"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@bp.post("/preferences/<token>/address", endpoint="address_post")
def address_post(token: str) -> PageResponse:
    """Send a letter to a new address. The digests go there once its link was opened. Says nothing about the address."""
    p, opened = parts(), open_link(token)
    if not opened.is_owner:
        abort(403)
    text = request.form.get("email", "")
    try:
        address = parse_address(text)
    except InvalidInputError as error:
        return _render(token, opened, email=text, errors={"email": translate_message(error)}), 422
    letter_requests.record_move(
        p.db, opened.subscriber.public_id, address, origin=request.remote_addr or "", now=p.clock()
    )
    enqueue(TaskName.SEND_LETTERS)
    return redirect(url_for("web.sent"), 303)


def _render(token: str, opened: OpenedLink, *, email: str = "", errors: dict[str, str] | None = None) -> str:
    subscriber, is_owner = opened
    if not is_owner:
        return render_template("web/own_data.html", token=token, is_owner=False)
    zone, lang = zone_or_utc(subscriber.zone), page_language()
    with parts().db.read() as tx:
        # A digest that is not sent yet may wait for an editor, and one that was cancelled may be wrong.
        digests = received.digests_of(tx, subscriber.id, limit=SHOWN_DIGESTS, states=SENT_STATES)
    sent = [(format_moment(digest.cutoff, zone, lang), digest) for digest in digests]
    return render_template(
        "web/own_data.html",
        token=token,
        is_owner=True,
        subscriber=subscriber,
        sent=sent,
        email=email,
        errors=errors or {},
    )


def _stored_data(subscriber: Subscriber) -> dict[str, Any]:
    with parts().db.read() as tx:
        digests = received.digests_of(tx, subscriber.id, limit=FILE_DIGESTS)
        consents = store.consents(tx, subscriber)
        written = letters.of_subscriber(tx, subscriber)
        about_them = notes.of_subscriber(tx, subscriber.id)
    base = parts().settings.base_url
    return {
        "email": subscriber.email,
        "state": subscriber.state,
        "created_at": subscriber.created_at.isoformat(),
        "confirmed_at": subscriber.confirmed_at and subscriber.confirmed_at.isoformat(),
        "left_at": subscriber.left_at and subscriber.left_at.isoformat(),
        "paused_until": subscriber.paused_until and subscriber.paused_until.isoformat(),
        "subscription": store.subscription_of(subscriber).as_json(),
        "consents": [
            {"at": c.at.isoformat(), "action": c.action, "origin": c.origin, "wording": c.wording}
            for c in consents
        ],
        "letters": [
            {"at": letter.created_at.isoformat(), "kind": letter.kind, "state": letter.state}
            for letter in written
        ],
        "notes": [
            {"at": (note.changed_at or note.created_at).isoformat(), "text": note.text} for note in about_them
        ],
        "digests": [
            {
                "news_until": digest.cutoff.isoformat(),
                "subject": digest.subject,
                "state": digest.state,
                "url": f"{base}/read/{digest.public_id}" if digest.state in SENT_STATES else None,
            }
            for digest in digests
        ],
    }
