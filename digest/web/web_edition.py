"""The web edition of a digest: all of its stories, at an address that only its recipients know.

The address contains 96 random bits, so it can't be guessed and needs no signature.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from flask import redirect, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as BaseResponse

from digest.articles.pure.shown_story import ShownStory
from digest.articles.store import articles
from digest.editions.composer import merge_by_region
from digest.editions.edition_looks import edition_note
from digest.editions.pure.calendar import zone_or_utc
from digest.editions.pure.counted_editions import counted_edition
from digest.editions.pure.digest_input import DigestInput
from digest.editions.pure.public_ids import is_no_longer_kept
from digest.editions.pure.updates import shown_story_ids
from digest.editions.rendering import render_digest
from digest.editions.store import day_notes, editions
from digest.editions.store.neighbours import Neighbours, neighbours
from digest.errors import NotFoundError
from digest.i18n.locales import translations
from digest.look.pure.palette import Palette
from digest.mail import templates
from digest.parts import Parts, parts
from digest.subscribers.descriptions import describe_regions, format_dateline
from digest.subscribers.store import subscribers
from digest.web.blueprint import bp
from digest.web.error_pages import ErrorResponse, no_longer_kept
from digest.web.page_cache import kept_page
from digest.web.public_addresses import absolute_url
from digest.web.security_headers import ResponseType, as_mail

NO_LINKS = Markup()


@bp.get("/read/<public_id>")
def read(public_id: str) -> BaseResponse | ErrorResponse:
    """The web edition of a digest. Only this process keeps it: caches of others are not for private addresses."""
    p = parts()
    try:
        page = kept_page(("digest", public_id), lambda: _page(p.refresh_regions(), public_id), max_age=None)
        return for_its_readers(page)
    except NotFoundError:
        days = p.settings.archive_days
        if not is_no_longer_kept(public_id, before=p.clock() - timedelta(days=days)):
            raise
        return no_longer_kept(days)


def _page(p: Parts, public_id: str) -> str:
    with p.db.read() as tx:
        digest = editions.digest_by_public_id(tx, public_id)
        edition = editions.by_id(tx, digest.edition_id)
        sections = merge_by_region(digest.sections)
        shown = articles.current_stories(tx, shown_story_ids(digest))
        notes = day_notes.by_ids(tx, digest.day_note_ids)
        preferences = subscribers.preferences_by_key(tx, [digest.preferences_key])[digest.preferences_key]
        around = neighbours(tx, digest)
        note = edition_note(edition, p.looks.get(tx, edition.look), preferences.language)
    web_url = absolute_url("web.read", public_id=public_id)
    digest_input = DigestInput(
        digest.subject,
        preferences.language,
        note,
        sections,
        web_url,
        content=preferences.content,
        updates=digest.updates,
        day_notes=[notes[note_id] for note_id in digest.day_note_ids if note_id in notes],
        counted_in=counted_edition(edition.kind, edition.id),
    )
    look = p.looks.current(p.db)
    links = _page_links(digest_input, around, look.palette)
    return digest_html(
        digest_input, shown, regions=preferences.regions, cutoff=edition.cutoff, page_links=links
    )


@bp.get("/read/<public_id>/previous")
def previous_digest(public_id: str) -> BaseResponse:
    """Go to the digest before this one; to this one, which says so, if no earlier one is kept."""
    with parts().db.read() as tx:
        earlier = neighbours(tx, editions.digest_by_public_id(tx, public_id)).previous
    if earlier:
        return redirect(url_for("web.read", public_id=earlier))
    return redirect(url_for("web.read", public_id=public_id, _anchor="around"))


def _page_links(digest_input: DigestInput, around: Neighbours, palette: Palette) -> Markup:
    """The links to the digests around a digest, and those to share it, as HTML."""
    urls = [url_for("web.read", public_id=public_id) if public_id else "" for public_id in around]
    html = templates.render(
        "digest/page_links.html",
        digest_input.language,
        title=digest_input.subject,
        url=digest_input.web_url,
        previous_url=urls[0],
        next_url=urls[1],
    )
    return Markup(templates.inline_fragment_styles(html, palette))  # noqa: S704  (Jinja has escaped it)


def digest_html(
    digest_input: DigestInput,
    shown: Mapping[int, ShownStory],
    *,
    regions: Sequence[str],
    cutoff: datetime,
    page_links: Markup = NO_LINKS,
) -> str:
    """A digest as a page that belongs to nobody. Instead of personal links, it links to the page that sends these.

    It has the look that the site has now, as all pages do, whatever its mails had.
    """
    p, language = parts(), digest_input.language
    link = absolute_url("web.link")
    values = {
        "date_line": format_dateline(cutoff, zone_or_utc("UTC"), "UTC", language),
        "why_line": translations(language).gettext("The web edition of a digest about %(regions)s.")
        % {"regions": describe_regions(p.tree, regions, language)},
        "preferences_url": link,
        "pause_url": link,
        "unsubscribe_url": link,
        "page_links": page_links,
    }
    fragments = p.fragments.in_look(p.looks.current(p.db))
    page = render_digest(digest_input, shown, fragments, web_edition=True)
    return page.page({name: str(escape(value)) for name, value in values.items()})


def for_its_readers(response: ResponseType) -> ResponseType:
    """Let the response with a digest run nothing, and no search engine list it: few people were given its address."""
    response.headers["X-Robots-Tag"] = "noindex"
    return as_mail(response)
