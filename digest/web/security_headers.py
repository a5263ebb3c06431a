"""The security headers of all responses, and of the mails that we show as pages."""

from typing import TypeVar

from flask import Flask, Response, request
from werkzeug.wrappers import Response as BaseResponse

from digest.parts import parts

ResponseType = TypeVar("ResponseType", bound=BaseResponse)
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# The styles of a mail are inline. It may load pictures and open links, and nothing else.
MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


def register(app: Flask) -> None:
    """Add the headers to every response of the application."""
    app.after_request(_add_headers)


def as_mail(response: ResponseType) -> ResponseType:
    """Let a response that is a mail, or the web edition of a digest, have no scripts and no forms."""
    response.headers["Content-Security-Policy"] = MAIL_CSP
    return response


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    # The links in mails authorise whoever has them; no other site may learn such a link.
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if request.path.startswith("/api/"):  # a browser that is led there saves the answer and never renders it
        headers.setdefault("Content-Disposition", 'attachment; filename="api.json"')
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    if parts().settings.base_url.startswith("https:"):
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
