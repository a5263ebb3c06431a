"""The web edition of a digest: all of its stories, at an address that only its readers know.

The address carries 96 random bits and nothing that a signature could add to: it can't be guessed, and stays as it is.
"""

from flask import Response, url_for
from markupsafe import escape

from digest.articles.store import articles
from digest.editions.composer import gathered
from digest.editions.pure.calendar import zone_or_utc
from digest.editions.rendering import Copy, printed
from digest.editions.store import editions
from digest.i18n.locales import translations
from digest.parts import parts
from digest.subscribers.descriptions import date_line, regions_line
from digest.subscribers.store import subscribers
from digest.web.blueprint import bp
from digest.web.layout import mail_page


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
        "why_line": translations(wanted.language).gettext("The web edition of a digest about %(regions)s.")
        % {"regions": regions_line(p.tree, wanted.regions, wanted.language)},
        "preferences_url": link,
        "pause_url": link,
        "unsubscribe_url": link,
    }
    page = printed(copy, shown, p.fragments, whole=True)
    response = mail_page(page.html.text({name: str(escape(value)) for name, value in values.items()}))
    response.headers["X-Robots-Tag"] = "noindex"  # found by whoever was given the address, and by nobody else
    return response
