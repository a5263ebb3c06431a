"""What a look makes of a page, a mail, a web edition and a letter, before it is saved: for the frame beside its form.

They show the newest stories of the world, or two examples where there are none, and their links lead nowhere special.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import Response, g, render_template, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict

from digest.articles.pure.shown_story import ShownArticle, ShownStory
from digest.deliveries.sending.letter_queue import render_letter
from digest.editions.pure.calendar import zone_or_utc
from digest.editions.pure.digest_input import DigestInput
from digest.editions.pure.edition_spec import PreferencesSpec
from digest.editions.pure.note_markup import render_note
from digest.editions.pure.sections import Section
from digest.editions.rendering import render_digest
from digest.errors import InvalidInputError
from digest.i18n.catalogs import PAGE_LANGUAGES
from digest.i18n.locales import language_name
from digest.look.pure.look import ALL_LANGUAGES, UNSAVED, Look
from digest.parts import parts
from digest.subscribers.descriptions import format_dateline
from digest.subscribers.models import Letter, Subscriber
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import DigestSize, LetterKind

WORLD = "world"
MAX_STORIES = 4  # what comes below them looks alike
SHOWN = ("page", "mail", "web", "letter")
SCHEMES = ("", "light", "dark")  # "": as the browser has it
STYLE_SHEET = re.compile(r'<link rel="stylesheet" href="[^"]*">')
DARK_MEDIA = "@media (prefers-color-scheme: dark)"
SCHEME_MEDIA = {"light": "@media not all", "dark": "@media all"}
# Frames of this site alone may show them. They run no script and send no form; the logo is our own file.
FRAME_CSP = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' https:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
PROBLEM = Markup('<!DOCTYPE html><title>—</title><body><p style="font:16px/25px Georgia,serif">{}</p>')


@dataclass(frozen=True, slots=True)
class LookPreview:
    """What is shown, in which language and colours."""

    shown: str
    language: str
    scheme: str


def parse_query(form: "MultiDict[str, str]", form_language: str) -> LookPreview:
    """What a form asks for; the preview of the form of one language is in that language. Raises InvalidInputError."""
    shown, scheme = form.get("show") or SHOWN[0], form.get("scheme", "")
    language = form.get("preview_language", "") if form_language == ALL_LANGUAGES else form_language
    language = language or PAGE_LANGUAGES[0]
    if shown not in SHOWN or scheme not in SCHEMES or language not in PAGE_LANGUAGES:
        raise InvalidInputError(_("There is no such preview."))
    return LookPreview(shown, language, scheme)


def choices() -> Mapping[str, Any]:
    """What the fields of the preview offer."""
    return {
        "shown": {"page": _("Page"), "mail": _("Mail"), "web": _("Web edition"), "letter": _("Letter")},
        "languages": [(code, language_name(code)) for code in PAGE_LANGUAGES],
        "schemes": {"": _("as here"), "light": _("light"), "dark": _("dark")},
        "sizes": {"phone": _("phone"), "desktop": _("desktop")},
    }


def render(look: Look, query: LookPreview) -> Response:
    """The page, mail, web edition or letter in a look."""
    unsaved = replace(look, version=UNSAVED)
    make = {"page": _page, "letter": _letter}.get(query.shown, _digest)
    return _frame(make(unsaved, query))


def problem(text: str) -> Response:
    """What the frame shows while the form has a value that a look can't have."""
    return _frame(PROBLEM.format(text))


def _frame(html: str) -> Response:
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = FRAME_CSP
    return response


def _page(look: Look, query: LookPreview) -> str:
    """The page after confirming: it has the welcome, and all that other pages have around their content."""
    p, shown = parts(), look.shown(query.language)
    g.previewed_look = shown
    tomorrow = p.clock() + timedelta(days=1)
    with force_locale(query.language):
        html = render_template(
            "web/confirmed.html",
            regions=p.tree.name(WORLD, query.language),
            schedule="07:00",
            welcome=render_note(shown.words.welcome).html,
            comes_first_digest=True,
            next_digest=format_dateline(tomorrow, zone_or_utc("UTC"), "07:00", query.language),
            place="UTC",
            preferences_url="#",
            sections=(),
        )
    if not query.scheme:
        return html
    light, dark = (colour.lstrip("#") for colour in (look.palette.accent, look.palette.dark_accent))
    url = url_for("web.look_styles", light=light, dark=dark, scheme=query.scheme)
    return STYLE_SHEET.sub("", html).replace(
        "</head>", Markup('<link rel="stylesheet" href="{}"></head>').format(url), 1
    )


def _letter(look: Look, query: LookPreview) -> str:
    """The letter that asks to confirm a subscription. Its link belongs to nobody."""
    p, shown = parts(), look.shown(query.language)
    subscription = Subscription((WORLD,), language=query.language)
    letter = Letter(
        kind=LetterKind.CONFIRM, public_id="preview", requested_subscription=subscription.as_json()
    )
    sender = p.sender.in_look(shown)
    content = render_letter(letter, Subscriber(), p.tree, p.links, sender=sender, look=shown, now=p.clock())
    return _in_scheme(content.html, query.scheme)


def _in_scheme(mail: str, scheme: str) -> str:
    return mail.replace(DARK_MEDIA, SCHEME_MEDIA[scheme]) if scheme else mail


def _digest(look: Look, query: LookPreview) -> str:
    """The mail, or the web edition, with the welcome that first digests have."""
    p, language = parts(), query.language
    sections, stories = _stories(language)
    link = url_for("web.link", _external=True)
    digest_input = DigestInput(
        "", language, look.shown(language).words.welcome, sections, p.settings.base_url
    )
    fragments = p.fragments.in_look(look)
    rendered = render_digest(digest_input, stories, fragments, web_edition=query.shown == "web")
    values = {
        "date_line": format_dateline(p.clock(), zone_or_utc("UTC"), "UTC", language),
        "why_line": "",
        "preferences_url": link,
        "pause_url": link,
        "unsubscribe_url": link,
        "page_links": Markup(),
    }
    html = rendered.html.render({name: str(escape(value)) for name, value in values.items()})
    return _in_scheme(html, query.scheme)


def _stories(language: str) -> tuple[list[Section], Mapping[int, ShownStory]]:
    p = parts()
    with p.db.read() as tx:
        found = p.samples.compose(tx, PreferencesSpec((WORLD,), language, DigestSize.BRIEF), p.clock())
    if found is not None:
        first = found.sections[0]
        return [Section(first.region, first.stories[:MAX_STORIES])], found.shown
    examples = {story.id: story for story in _examples()}
    return [Section(WORLD, tuple((story.id, story.version) for story in examples.values()))], examples


def _examples() -> list[ShownStory]:
    now = parts().clock()
    texts = (
        (
            _("An example of a headline that leads the digest"),
            _("What the first lines of the article say stands here."),
        ),
        (
            _("Another headline, of a story further down"),
            _("Each story has its source, its time and its regions."),
        ),
    )
    url = parts().settings.base_url
    return [
        ShownStory(
            id=-place,
            version=int(now.timestamp()),  # nothing of it is kept
            first_seen_at=now,
            hidden=False,
            lead=ShownArticle(-place, 0, _("A source"), title, url, excerpt, now, "en"),
            also_in=(),
            countries=("KZ", "UZ"),
        )
        for place, (title, excerpt) in enumerate(texts, 1)
    ]
