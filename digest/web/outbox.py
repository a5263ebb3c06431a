"""The pages of the local outbox. They answer only while no mail server is set, and only to this machine."""

from flask import Response, abort, render_template, request

from digest.local_requests import is_local
from digest.mail import outbox as mail_outbox
from digest.parts import parts
from digest.web.blueprint import bp
from digest.web.security_headers import as_mail


def is_outbox_open() -> bool:
    """Whether this request may read all mail: the site is a local trial, and the request comes from this machine."""
    settings = parts().settings
    is_local_trial = settings.local and not settings.smtp_url
    return is_local_trial and is_local(request.remote_addr, request.host, dict(request.headers))


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
    return as_mail(Response(mail_outbox.find_message(parts().settings.outbox, key).html))


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
