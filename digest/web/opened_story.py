"""The links of counted stories: they lead on to the publisher at once, and note that a story was opened."""

from datetime import datetime, timedelta
from typing import NamedTuple, cast

from flask import Flask, abort, current_app, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.editions.bounded_cache import BoundedCache
from digest.editions.pure.display_text import safe_url
from digest.opens import store
from digest.opens.pure.machines import is_machine
from digest.opens.recorder import OpenRecorder
from digest.opens.store import LinkTarget
from digest.parts import Parts, parts
from digest.web.blueprint import bp
from digest.web.error_pages import ErrorResponse, error_response
from digest.web.page_cache import without_session

EXTENSION = "story_links"  # in Flask's `app.extensions`
MOST_TARGETS = 5_000  # addresses that a process keeps, of some 200 octets each
KEPT_FOR = timedelta(minutes=1)  # as kept pages: what an editor hides is hidden a minute later


class StoryLinks(NamedTuple):
    """What a process keeps for these links."""

    recorder: OpenRecorder
    targets: BoundedCache[tuple[datetime, LinkTarget | None]]


@bp.get("/s/<token>")
def open_story(token: str) -> Response | ErrorResponse:
    """Lead on to the article that a link is for, and only to the address that the database has for it."""
    without_session()
    p = parts()
    link = p.counted_links.read(token)
    if link is None:
        abort(404)
    target = _target(p, link.article_id)
    url = safe_url(target.url) if target else ""
    if target is None or not url:
        text = _("This story is no longer kept here. Your next digest has newer ones.")
        return error_response(_("No longer kept"), text, 410)
    if target.is_hidden:
        text = _("The editors have withdrawn this story.")
        return error_response(_("No longer kept"), text, 410)
    if p.settings.count_opens:
        _kept().recorder.note(
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


def register(app: Flask) -> None:
    """Give the application what it keeps for links."""
    app.extensions[EXTENSION] = StoryLinks(OpenRecorder(app.extensions["celery"]), BoundedCache(MOST_TARGETS))


def _kept() -> StoryLinks:
    return cast("StoryLinks", current_app.extensions[EXTENSION])


def _target(p: Parts, article_id: int) -> LinkTarget | None:
    """Where the link of an article leads, as the database said within the last minute."""
    targets, now = _kept().targets, p.clock()
    kept = targets.get(article_id)
    if kept is None or not timedelta(0) <= now - kept[0] < KEPT_FOR:
        with p.db.read() as tx:
            kept = (now, store.link_target(tx, article_id))
        targets.replace(article_id, kept)
    return kept[1]
