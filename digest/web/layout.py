"""What all pages share: language, masthead, security headers, and what is shown when something is wrong."""

from datetime import UTC
from typing import Any

from babel.support import NullTranslations
from flask import Flask, Response, current_app, jsonify, render_template, request
from flask_babel import Domain, get_locale
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from digest.errors import (
    ConflictError,
    DatelineError,
    InvalidInputError,
    NotFoundError,
    Sentence,
    UnavailableError,
)
from digest.i18n.catalogs import PAGE_LANGUAGES, catalog
from digest.i18n.locales import direction
from digest.parts import parts
from digest.subscribers.descriptions import date_line
from digest.subscribers.pure.links import OldLinkError

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# For the mails that we show as pages: their styles are inline, and nothing else of theirs may do anything.
MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
Problem = tuple[str | Response, int]
STATUS: dict[type[DatelineError], int] = {  # the first that fits
    OldLinkError: 410,
    NotFoundError: 404,
    InvalidInputError: 400,
    ConflictError: 409,
    UnavailableError: 503,
}


class Pages(Domain):  # type: ignore[misc]  # flask_babel has no types
    """The pages' translations, straight from their .po files."""

    def get_translations(self) -> NullTranslations:
        """Those of the page's language."""
        locale = get_locale()
        return catalog("pages", locale.language if locale else PAGE_LANGUAGES[0])


def register(app: Flask) -> None:
    """Hook all of this into the application."""
    app.context_processor(_context)
    app.after_request(_secured)
    app.register_error_handler(DatelineError, _dateline_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _surprise)


def language() -> str:
    """The language of this page: of those we have, the one the browser likes best."""
    if newsroom():  # the editors' pages are in English
        return PAGE_LANGUAGES[0]
    return request.accept_languages.best_match(PAGE_LANGUAGES) or PAGE_LANGUAGES[0]


def newsroom() -> bool:
    """Whether the request is for the editors' pages; also at an address of theirs at which nothing is."""
    return request.blueprint == "admin" or request.path.startswith("/admin/")


def digest_language() -> str:
    """The language to offer for a digest: of its frame's, the one the browser likes best."""
    offered = parts().languages
    return request.accept_languages.best_match(offered) or offered[0]


def said(text: object) -> str:
    """A sentence (or the one that an error carries) in this page's language."""
    sentence = text.args[0] if isinstance(text, DatelineError) and text.args else text
    return _(sentence.text, **sentence.values) if isinstance(sentence, Sentence) else str(sentence)


def mail_page(html: str) -> Response:
    """A mail, or a digest's web edition, as a page of its own that can do nothing."""
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_CSP
    return response


def _context() -> dict[str, Any]:
    lang = str(get_locale() or "en").replace("_", "-")
    return {
        "lang": lang,
        "dir": direction(lang),
        "dateline_line": date_line(parts().reader.clock(), UTC, "UTC", lang),
        "site_name": parts().settings.site_name,
    }


def _secured(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    # Links in mails carry what they allow; no other site may learn one.
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    if parts().settings.base_url.startswith("https:"):
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def problem(title: str, text: str, status: int) -> Problem:
    """What is wrong and where to go on: a page with the face of those who asked, JSON for a program."""
    if request.path.startswith("/api/"):
        return jsonify(error=text), status
    page = "admin/problem.html" if newsroom() else "web/problem.html"
    # Only a link from a mail can be had anew; whoever came without one is led to the start.
    return render_template(page, title=title, text=text, by_link="token" in (request.view_args or {})), status


def _dateline_error(error: Exception) -> Problem:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    if status >= 500:
        current_app.logger.warning("%s", error)
        text = _(
            "A part of the site does not answer just now. Nothing is lost; please try again in a few minutes."
        )
        return problem(_("Not just now"), text, status)
    titles = {404: _("Not found"), 409: _("Not possible now"), 410: _("This link is too old")}
    return problem(titles.get(status, _("That did not work")), said(error), status)


def _csrf_error(_error: Exception) -> Problem:
    text = _(
        "The form was open for too long, or cookies are blocked. Go back, reload the page and send it again."
    )
    return problem(_("Please send the form again"), text, 400)


def _http_error(error: Exception) -> Problem | HTTPException | Response:
    if not isinstance(error, HTTPException) or error.code is None or error.code < 400:
        return error  # type: ignore[return-value]  # a redirect is its own answer
    if (
        request.url_rule is None and error.code == 400
    ):  # a foreign Host: there is no address of ours to build links on
        return Response("This site does not answer to that name.\n", 400, mimetype="text/plain")
    unreadable = _("What was sent can't be read. Go back, and try once more.")
    title, text = {
        403: (_("Not for this account"), _("Your account may not do this. Ask an admin.")),
        404: (_("Not found"), _("There is no page at this address. It may be mistyped, or cut short.")),
        405: (_("Not in this way"), _("This page can't be opened by its address: it answers a button.")),
        413: (_("Too large"), _("What you sent is too large: 2 MB is the most.")),
        429: (_("Too often"), _("That was too often in a short time. Please wait a few minutes.")),
    }.get(error.code, (_("That did not work"), unreadable))
    return problem(title, text, error.code)


def _surprise(error: Exception) -> Problem:
    current_app.logger.error("%s %s failed", request.method, request.endpoint, exc_info=error)
    text = _("Something went wrong on our side, and it has been noted. Please try again in a few minutes.")
    return problem(_("Something went wrong"), text, 500)
