"""The links of counted stories: they lead on to the publisher at once, and note that a story was opened."""

from typing import cast

from flask import current_app, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.editions.pure.display_text import safe_url
from digest.errors import NotFoundError, TranslatableText
from digest.opens import store
from digest.opens.pure.machines import is_machine
from digest.opens.recorder import OpenRecorder
from digest.parts import parts
from digest.web.blueprint import bp
from digest.web.error_pages import ErrorResponse, error_response

EXTENSION = "open_recorder"  # in Flask's `app.extensions`


@bp.get("/s/<token>")
def open_story(token: str) -> Response | ErrorResponse:
    """Lead on to the article that a link is for, and only to the address that the database has for it."""
    p = parts()
    link = p.counted_links.read(token)
    if link is None:
        raise NotFoundError(
            TranslatableText("This link is not complete. Copy all of it from the mail, or ask for a new one.")
        )
    with p.db.read() as tx:
        target = store.link_target(tx, link.article_id)
    url = safe_url(target.url) if target else ""
    if target is None or not url:
        text = _("This story is no longer kept here. Newer ones are on the pages of the regions.")
        return error_response(_("No longer kept"), text, 410)
    if target.is_hidden:
        text = _("The editors have withdrawn this story. Newer ones are on the pages of the regions.")
        return error_response(_("No longer kept"), text, 410)
    if p.settings.count_opens:
        recorder = cast("OpenRecorder", current_app.extensions[EXTENSION])
        recorder.note(
            p.clock(),
            link,
            address=request.remote_addr or "",
            agent=request.headers.get("User-Agent", ""),
            is_machine=is_machine(request.method, dict(request.headers)),
        )
    response = redirect(url)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
