"""Unsubscribing: RFC 8058's one click for mail programs, and a page with a button for people.

GET never unsubscribes: scanners follow every link.
"""

from flask import Response, render_template, request

from digest.errors import NotFoundError
from digest.feedback.unsubscribing import unsubscribe as stop
from digest.parts import parts
from digest.subscribers.store import subscribers as store
from digest.web.blueprint import bp


@bp.get("/unsubscribe/<token>")
def unsubscribe(token: str) -> str:
    """The page with the button. Whoever was erased since is told that they are gone, which is what they want."""
    p = parts()
    public_id = p.links.read("unsubscribe", token, p.reader.clock())
    try:
        with p.db.read() as tx:
            subscriber = store.by_public_id(tx, public_id)
    except NotFoundError:
        return render_template("web/unsubscribed.html")
    return render_template("web/unsubscribe.html", token=token, subscriber=subscriber)


@bp.post("/unsubscribe/<token>", endpoint="unsubscribe_post")
def unsubscribe_post(token: str) -> str | Response:
    """Stop. RFC 8058, 3.2: no cookies needed, no redirect, 200 also for those who are gone already."""
    p = parts()
    now = p.reader.clock()
    public_id = p.links.read("unsubscribe", token, now)
    one_click = request.form.get("List-Unsubscribe") == "One-Click"
    try:
        stop(p.db, public_id, origin="one-click" if one_click else "page", now=now)
    except NotFoundError:
        return render_template("web/unsubscribed.html")
    if one_click:
        return Response("unsubscribed\n", mimetype="text/plain")
    # No link to the preferences: whoever holds this one (forwarded, years old) may do no more than leave.
    return render_template("web/unsubscribed.html")
