"""Unsubscribing: with one click in a mail program (RFC 8058), or with a button on a page.

A GET request never unsubscribes, because mail scanners follow every link.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from flask import Response, abort, render_template, request
from flask_babel import gettext as _

from digest.editions.pure.calendar import local_moment, zone_or_utc
from digest.errors import NotFoundError
from digest.feedback.unsubscribing import unsubscribe
from digest.i18n.dates import format_day
from digest.line_text import clean_line
from digest.parts import parts
from digest.subscribers import lifecycle
from digest.subscribers.models import Subscriber
from digest.subscribers.states import SUBSCRIBED_STATES, Cadence, DigestSize
from digest.subscribers.store import subscribers as store
from digest.web.blueprint import bp
from digest.web.layout import page_language

REASONS = ("too_much", "not_interested", "quality", "elsewhere", "never_asked")
MAX_WORDS = 300  # characters
PAUSE_WEEKS = (2, 6)


@bp.get("/unsubscribe/<link:token>", endpoint="unsubscribe")
def unsubscribe_page(token: str) -> str:
    """The page with the button. Somebody whose data is deleted sees that they are unsubscribed."""
    p = parts()
    public_id = p.links.verify("unsubscribe", token, p.clock())
    try:
        with p.db.read() as tx:
            subscriber = store.by_public_id(tx, public_id)
    except NotFoundError:
        return render_template("web/unsubscribed.html")
    if lifecycle.can_return(subscriber, p.clock()):
        return _render_left(token, subscriber)
    return render_template(
        "web/unsubscribe.html",
        token=token,
        subscriber=subscriber,
        can_get_fewer=subscriber.state in SUBSCRIBED_STATES,
        pauses=[(day, format_day(day, page_language())) for day in _pause_ends(subscriber)],
    )


@bp.post("/unsubscribe/<link:token>", endpoint="unsubscribe_post")
def unsubscribe_post(token: str) -> str | Response:
    """Unsubscribe. Needs no cookies, never redirects, and returns 200 even if the subscriber is gone (RFC 8058)."""
    p = parts()
    now = p.clock()
    public_id = p.links.verify("unsubscribe", token, now)
    one_click = request.form.get("List-Unsubscribe") == "One-Click"
    try:
        unsubscribe(p.db, public_id, origin="one-click" if one_click else "page", now=now)
        with p.db.read() as tx:
            subscriber = store.by_public_id(tx, public_id)
    except NotFoundError:
        return render_template("web/unsubscribed.html")
    if one_click:
        return Response("unsubscribed\n", mimetype="text/plain")
    return _render_left(token, subscriber)


@bp.post("/unsubscribe/<token>/undo", endpoint="unsubscribe_undo")
def unsubscribe_undo(token: str) -> str:
    """Undo an unsubscribing."""
    p = parts()
    public_id = p.links.verify("unsubscribe", token, p.clock())
    lifecycle.return_after_leaving(p.db, public_id, origin=request.remote_addr or "", now=p.clock())
    return render_template("web/returned.html")


@bp.post("/unsubscribe/<token>/fewer", endpoint="unsubscribe_fewer")
def unsubscribe_fewer(token: str) -> str:
    """Send less in place of nothing: once a week, five stories, or nothing until a day.

    The link that may unsubscribe may do this too, as it takes less away.
    """
    p, choice = parts(), request.form.get("fewer", "")
    subscriber = _load(token)
    if choice in {day.isoformat(): day for day in _pause_ends(subscriber)}:
        until = local_moment(date.fromisoformat(choice), 0, zone_or_utc(subscriber.zone))
        lifecycle.pause(p.db, subscriber.public_id, until, p.clock())
        text = _("Paused. No digest is sent until that day.")
    elif choice in ("weekly", "brief") and subscriber.state in SUBSCRIBED_STATES:
        current = store.subscription_of(subscriber)
        fewer = (
            replace(current, cadence=Cadence.WEEKLY)
            if choice == "weekly"
            else replace(current, size=DigestSize.BRIEF)
        )
        lifecycle.change_subscription(p.db, subscriber.public_id, fewer, now=p.clock())
        text = _("Saved. The change applies from your next digest.")
    else:
        abort(400)
    return render_template("web/fewer.html", text=text)


@bp.post("/unsubscribe/<token>/reason", endpoint="unsubscribe_reason")
def unsubscribe_reason(token: str) -> str:
    """Record why somebody left, once."""
    p, subscriber = parts(), _load(token)
    if not lifecycle.can_return(subscriber, p.clock()):
        abort(400)
    reason = request.form.get("reason", "")
    words = clean_line(request.form.get("words", ""))[:MAX_WORDS]
    if reason in REASONS or words:
        lifecycle.record_reason(
            p.db, subscriber.public_id, reason if reason in REASONS else "", words, p.clock()
        )
    return _render_left(token, subscriber, thanks=True)


def _load(token: str) -> Subscriber:
    p = parts()
    public_id = p.links.verify("unsubscribe", token, p.clock())
    with p.db.read() as tx:
        return store.by_public_id(tx, public_id)


def _render_left(token: str, subscriber: Subscriber, *, thanks: bool = False) -> str:
    # No link to the preferences: whoever holds a forwarded unsubscribe link may do nothing but unsubscribe and undo it.
    can_return = lifecycle.can_return(subscriber, parts().clock())
    return render_template(
        "web/unsubscribed.html",
        token=token if can_return else "",
        thanks=thanks,
        regions=subscriber.preferences.regions,
    )


def _pause_ends(subscriber: Subscriber) -> Sequence[date]:
    """The days until which a pause is offered, in the subscriber's zone."""
    today = parts().clock().astimezone(zone_or_utc(subscriber.zone)).date()
    return [today + timedelta(weeks=weeks) for weeks in PAUSE_WEEKS]
