"""The preview: what readers of any regions, or one reader, would get now, made by the code that sends."""

import secrets

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as Redirect

from digest.admin import form_choices, params, preview_query
from digest.admin.auth import note
from digest.admin.blueprint import bp
from digest.admin.preview_query import Asked
from digest.deliveries.planning import manual_editions
from digest.deliveries.previews.digest_preview import Preview
from digest.deliveries.pure.audience import Audience
from digest.errors import InvalidInputError, NotFoundError
from digest.parts import parts
from digest.subscribers.pure.email_address import read_address
from digest.subscribers.store import subscribers
from digest.tasks import say

SIZES = ("desktop", "phone", "text")
# A mail shown on a page: its styles are inline, and it may load pictures and do nothing else.
MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src https:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox"
)


@bp.get("/preview")
def preview() -> str:
    """Choose regions or a reader, and see the mail."""
    asked = preview_query.read(request.args)
    sought = request.args.get("address", "").strip()
    if sought:
        asked = Asked(asked.regions, None, asked.hours, asked.note)
    shown = preview_query.make(asked) if asked.anything and "find" not in request.args else None
    return render_template(
        "admin/preview.html",
        asked=asked,
        shown=shown,
        minutes=preview_query.minutes(shown[0]) if shown else 0,
        size=size(),
        sizes={name: url_for("admin.preview", **asked.query(), size=name) for name in SIZES},
        regions=form_choices.regions(asked.regions, request.args.get("query", "")),
        sought=sought,
        slot=secrets.token_urlsafe(16),
        **_readers(sought),
    )


@bp.get("/preview/mail.html")
def preview_html() -> Response:
    """The HTML part, as a page of its own."""
    return html_page(_made().html)


@bp.get("/preview/mail.txt")
def preview_text() -> Response:
    """The text part."""
    return Response(_made().text, mimetype="text/plain")


@bp.get("/preview/mail.eml")
def preview_message() -> Response:
    """The whole message, as it would go over the wire."""
    return message_file(_made())


@bp.post("/preview/test")
def send_test() -> Redirect:
    """Send what is shown to one address. A second click on the same page sends nothing more."""
    p = parts()
    asked, values = preview_query.read(request.form), request.form
    minutes = params.whole(values, "minutes", least=0)
    audience = Audience(
        "address",
        asked.regions,
        read_address(values.get("to", "")).email,
        _language(values.get("language", p.languages[0])),
        min(max(preview_query.A_DAY * 60 if minutes is None else minutes, 1), preview_query.A_WEEK * 60),
    )
    now, slot = p.reader.clock(), params.slot(values)
    edition_id = manual_editions.send_test(p.db, p.planner(), audience, note=asked.note, now=now, slot=slot)
    note("test sent", f"edition {edition_id} to {audience.address}")
    say("deliveries.send")
    return redirect(url_for("admin.edition", edition_id=edition_id))


def size() -> str:
    """Which of the widths is asked for."""
    asked = request.args.get("size", "")
    return asked if asked in SIZES else SIZES[0]


def html_page(html: str) -> Response:
    """A mail as a page that can do nothing."""
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_CSP
    return response


def message_file(shown: Preview) -> Response:
    """A mail as a file to download."""
    response = Response(shown.message, mimetype="message/rfc822")
    response.headers["Content-Disposition"] = 'attachment; filename="preview.eml"'
    return response


def _made() -> Preview:
    asked = preview_query.read(request.args)
    shown = preview_query.make(asked)[1] if asked.anything else None
    if shown is None:
        raise NotFoundError(_("There is nothing new to show."))
    return shown


def _language(named: str) -> str:
    known = parts().languages
    if named not in known:
        raise InvalidInputError(
            _(
                'There is no digest in "%(named)s"; there is %(known)s.',
                named=named[:20],
                known=", ".join(known),
            )
        )
    return named


def _readers(sought: str) -> dict[str, object]:
    """Readers whose address holds the text; and for quick picks, what most readers asked for."""
    with parts().db.read() as tx:
        found = subscribers.search(tx, sought, "")[0][:10] if sought else []
        return {"readers": found, "most_wanted": subscribers.most_wanted(tx), "me": current_user.email}
