"""The pages of the local outbox. They answer only while no mail server is set, and only to this machine."""

from ipaddress import ip_address

from flask import Response, abort, render_template, request

from digest.mail import outbox as mail_outbox
from digest.parts import parts
from digest.web.blueprint import bp
from digest.web.security_headers import mail_response

# Headers that proxies, tunnels and content delivery networks add, besides those that begin with X-Forwarded.
PROXY_HEADERS = frozenset(("forwarded", "via", "x-real-ip", "cf-connecting-ip", "true-client-ip"))


def is_outbox_open() -> bool:
    """Whether this request may read all mail: the site is a local trial, and the request comes from this machine.

    A header of a proxy means that the request may come from anywhere.
    """
    settings = parts().settings
    is_local_trial = settings.local and not settings.smtp_url
    header_names = [name.lower() for name in request.headers.keys()]  # noqa: SIM118 -- iterating gives pairs
    is_forwarded = any(name in PROXY_HEADERS or name.startswith("x-forwarded") for name in header_names)
    return is_local_trial and not is_forwarded and ip_address(request.remote_addr or "192.0.2.1").is_loopback


@bp.get("/outbox")
def outbox() -> str:
    """All mails, newest first."""
    _require_open()
    return render_template("web/outbox.html", mails=mail_outbox.listing(parts().settings.outbox))


@bp.get("/outbox/<key>")
def outbox_mail(key: str) -> str:
    """One mail: its HTML part, its text part, and a link to the raw message."""
    _require_open()
    return render_template(
        "web/outbox_mail.html", mail=mail_outbox.find_message(parts().settings.outbox, key)
    )


@bp.get("/outbox/<key>/html")
def outbox_html(key: str) -> Response:
    """The HTML part of a mail, for the frame on the mail's page."""
    _require_open()
    return mail_response(mail_outbox.find_message(parts().settings.outbox, key).html)


@bp.get("/outbox/<key>/raw")
def outbox_raw(key: str) -> Response:
    """The raw message of a mail, as it would be sent."""
    _require_open()
    response = Response(mail_outbox.find_message(parts().settings.outbox, key).raw, mimetype="message/rfc822")
    response.headers["Content-Disposition"] = "attachment; filename=mail.eml"
    return response


def _require_open() -> None:
    if not is_outbox_open():
        abort(404)
