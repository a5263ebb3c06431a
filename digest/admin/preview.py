"""The preview page: the mail that subscribers of some regions, or one subscriber, would get now."""

import re
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Response, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Redirect

from digest.admin import form_choices, params, preview_query, typed_forms
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.common_choices import common_choices
from digest.admin.preview_query import DEFAULT_WINDOW, MAX_WINDOW, PreviewQuery
from digest.admin.subscriber_search import find_subscribers
from digest.admin.texts import translated
from digest.deliveries.planning import manual_editions
from digest.deliveries.previews.digest_preview import Preview
from digest.deliveries.pure.audience import Audience
from digest.editions.pure.day_notes import MAX_NOTE_LENGTH
from digest.errors import InvalidInputError, NotFoundError
from digest.i18n.locales import language_name
from digest.parts import parts
from digest.sources.store import sources
from digest.subscribers.preference_fields import read_language_choices, ticked_content
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.states import OptionalKind
from digest.task_names import TaskName
from digest.tasks import enqueue

PREVIEW_FORMATS = ("desktop", "phone", "text")
# The styles of a mail are inline. A mail shown as a page may load pictures, and nothing else.
MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox"
)
# In a preview, the rules for dark mode apply always or never, whatever the browser prefers.
DARK_MEDIA = "@media (prefers-color-scheme: dark)"
BODY_TAG = re.compile(r"<body[^>]*>")
FRAME_HEAD = Markup(
    "<style>.inbox-line{{padding:12px 16px;border-bottom:1px solid #868d93;font:14px/21px Arial,sans-serif;"
    "overflow-wrap:anywhere;background:#fff;color:#1b1f23}}"
    "@media (prefers-color-scheme: dark){{.inbox-line{{background:#16191c;color:#e9e8e4}}}}</style>"
    '<div class="inbox-line" dir="auto"><strong>{}</strong><br>{}</div>'
)
EMPTY_FRAME = Markup(
    '<!DOCTYPE html><meta name="color-scheme" content="light dark"><title>—</title>'
    '<body><p style="font:16px/25px Georgia,serif">{}</p>'
)
SCHEME_MEDIA = {"light": "@media not all", "dark": "@media all"}


@bp.get("/preview")
def preview() -> str:
    """The form to choose regions or a subscriber, and the mail that they would get."""
    values = typed_forms.page_values()
    query = _parse_query(values)
    address_query = values.get("address", "").strip()
    if address_query:
        query = replace(query, subscriber_id=None)
    is_complete = query.has_target and "find" not in values and "wrong_query" not in g
    result = preview_query.make_preview(query) if is_complete else None
    with parts().db.read() as tx:
        matches = find_subscribers(tx, address_query)
    formats = {name: url_for("admin.preview", **query.url_values(), size=name) for name in PREVIEW_FORMATS}
    return render_template(
        "admin/preview.html",
        preview_query=query,
        result=result,
        size=requested_format(),
        sizes=formats,
        regions=form_choices.region_choice(query.regions, values.get("query", "")),
        **_content_fields(query, values),
        address_query=address_query,
        matches=matches,
        most_shared=common_choices(),
        max_note_length=MAX_NOTE_LENGTH,
        slot=secrets.token_urlsafe(16),
        me=current_user.email,
    )


@bp.get("/preview/mail.html")
def preview_html() -> Response:
    """The HTML part of the previewed mail, as a page, in the colours of `scheme`: "light", "dark", or the browser's.

    With `frame`, the subject stands above it, and it is never an error that there are no stories.
    """
    is_frame = "frame" in request.args
    preview = _find_preview() if is_frame else _requested_preview()
    html = preview.html if preview else EMPTY_FRAME.format(_("There are no new stories."))
    if preview and is_frame:
        html = BODY_TAG.sub(
            lambda tag: f"{tag[0]}{FRAME_HEAD.format(preview.subject, preview.preheader)}", html, count=1
        )
    if (scheme := request.args.get("scheme")) in SCHEME_MEDIA:
        html = html.replace(DARK_MEDIA, SCHEME_MEDIA[scheme])
    return html_response(html)


@bp.get("/preview/mail.txt")
def preview_text() -> Response:
    """The text part of the previewed mail."""
    return Response(_requested_preview().text, mimetype="text/plain")


@bp.get("/preview/mail.eml")
def preview_message() -> Response:
    """The previewed mail as a message file."""
    return message_response(_requested_preview())


@bp.post("/preview/test")
def send_test() -> Redirect:
    """Send the preview to one address. A second click on the same page sends nothing more."""
    p, values = parts(), request.form
    query, audience = preview_query.parse_preview_query(values), _test_audience(values)
    edition_id = manual_editions.send_test(
        p.db,
        p.planner(),
        audience,
        note=query.note,
        now=p.clock(),
        idempotency_key=params.form_idempotency_key(values),
    )
    record_action("test sent", f"edition {edition_id} to {audience.address}")
    enqueue(TaskName.SEND_DELIVERIES)
    return redirect(url_for("admin.edition", edition_id=edition_id))


def requested_format() -> str:
    """The requested format of a preview: one of PREVIEW_FORMATS, the first by default."""
    name = request.args.get("size", "")
    return name if name in PREVIEW_FORMATS else PREVIEW_FORMATS[0]


def html_response(html: str) -> Response:
    """A mail as a page without scripts, forms and pop-up windows."""
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_CSP
    return response


def message_response(rendered: Preview) -> Response:
    """A mail as a file to download."""
    response = Response(rendered.message, mimetype="message/rfc822")
    response.headers["Content-Disposition"] = 'attachment; filename="preview.eml"'
    return response


def _parse_query(values: "MultiDict[str, str]") -> PreviewQuery:
    """The query; one with a wrong number of hours is shown with its error, and everything else that it has."""
    try:
        return preview_query.parse_preview_query(values)
    except InvalidInputError as error:
        if "hours" not in values:
            raise
        rest = MultiDict(item for item in values.items(multi=True) if item[0] != "hours")
        query = preview_query.parse_preview_query(rest)
        typed_forms.fail("preview", "hours", translated(error))
        g.wrong_query = True
        return query


def _content_fields(query: PreviewQuery, values: "MultiDict[str, str]") -> dict[str, Any]:
    """The template values of the fields for content."""
    p = parts()
    with p.db.read() as tx:
        codes = [*p.languages, *sources.languages(tx), *query.content.languages_read]
    return {
        "optional_kinds": tuple(OptionalKind),
        "readable": read_language_choices(codes),
        "languages": [(code, language_name(code)) for code in p.languages],
        "ticked": ticked_content(values, query.content, p.default_kinds),
    }


def _find_preview() -> Preview | None:
    query = preview_query.parse_preview_query(request.args)
    return preview_query.make_preview(query).preview if query.has_target else None


def _requested_preview() -> Preview:
    rendered = _find_preview()
    if rendered is None:
        raise NotFoundError(_("There are no new stories."))
    return rendered


def _test_audience(values: "MultiDict[str, str]") -> Audience:
    """The address of a test mail, and the regions, language and window of its digest."""
    minutes = params.parse_int(values, "minutes", minimum=0)
    if minutes is None:
        minutes = DEFAULT_WINDOW // timedelta(minutes=1)
    query = preview_query.parse_preview_query(values)
    return Audience(
        "address",
        query.regions,
        parse_address(values.get("to", "")).email,
        query.language,
        min(max(minutes, 1), MAX_WINDOW // timedelta(minutes=1)),
        query.content,
    )
