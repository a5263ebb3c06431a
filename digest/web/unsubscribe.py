"""Unsubscribing: with one click in a mail program (RFC 8058), or with a button on a page.

A GET request never unsubscribes, because mail scanners follow every link.
"""

from flask import Response, render_template, request

from digest.errors import NotFoundError
from digest.feedback.unsubscribing import unsubscribe
from digest.parts import parts
from digest.subscribers import lifecycle
from digest.subscribers.store import subscribers as store
from digest.web.blueprint import bp


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
        return render_template("web/unsubscribed.html", token=token)
    return render_template("web/unsubscribe.html", token=token, subscriber=subscriber)


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
            can_return = lifecycle.can_return(store.by_public_id(tx, public_id), now)
    except NotFoundError:
        return render_template("web/unsubscribed.html")
    if one_click:
        return Response("unsubscribed\n", mimetype="text/plain")
    # No link to the preferences: whoever holds a forwarded unsubscribe link may do nothing but unsubscribe and undo it.
    return render_template("web/unsubscribed.html", token=token if can_return else "")


@bp.post("/unsubscribe/<token>/undo", endpoint="unsubscribe_undo")
def unsubscribe_undo(token: str) -> str:
    """Undo an unsubscribing."""
    p = parts()
    public_id = p.links.verify("unsubscribe", token, p.clock())
    lifecycle.return_after_leaving(p.db, public_id, origin=request.remote_addr or "", now=p.clock())
    return render_template("web/returned.html")
