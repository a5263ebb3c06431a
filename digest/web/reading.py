"""The web edition of a digest: all of its stories, at an address that only its readers know."""

from flask import Response, url_for

from digest.articles import store as articles
from digest.editions import store as editions
from digest.editions.calendar import zone_or_utc
from digest.editions.composing import gathered
from digest.editions.press import Copy, printed
from digest.parts import parts
from digest.subscribers import store as subscribers
from digest.subscribers.wording import date_line, regions_line
from digest.web.blueprint import bp
from digest.web.pages import mail_page


@bp.get("/read/<public_id>")
def read(public_id: str) -> Response:
    """A digest as a page. It carries nobody's own links: those lead to the page where one asks for them."""
    p = parts()
    with p.db.read() as tx:
        digest = editions.digest_by_public_id(tx, public_id)
        edition = editions.by_id(tx, digest.edition_id)
        sections = gathered(editions.stories_of(digest))
        shown = articles.shown_stories(tx, [story for _, stories in sections for story, _ in stories])
        wanted = subscribers.preferences(tx, [digest.preferences_key])[digest.preferences_key]
    web_url = url_for("web.read", public_id=public_id, _external=True)
    copy = Copy(digest.subject, wanted.language, edition.note, sections, web_url)
    link = url_for("web.link", _external=True)
    values = {
        "date_line": date_line(edition.cutoff, zone_or_utc("UTC"), "UTC", wanted.language),
        "why_line": regions_line(p.tree, wanted.regions, wanted.language),
        "preferences_url": link,
        "pause_url": link,
        "unsubscribe_url": link,
    }
    return mail_page(printed(copy, shown, p.fragments, whole=True).html.text(values))
