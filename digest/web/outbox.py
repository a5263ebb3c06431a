"""The local outbox as pages: only while no mail server is set, only on this machine."""

from ipaddress import ip_address

from flask import Response, abort, render_template, request

from digest.mail import outbox as box
from digest.parts import parts
from digest.web.blueprint import bp
from digest.web.layout import mail_page

# What proxies, tunnels and content networks say of themselves; beside these, all that begins with X-Forwarded.
OF_PROXIES = frozenset(("forwarded", "via", "x-real-ip", "cf-connecting-ip", "true-client-ip"))


def outbox_open() -> bool:
    """Whether this request may read everybody's mail: a trial on one machine, asked from that machine directly.

    A proxy in front shows itself by a header; then the request may come from anywhere.
    """
    settings = parts().settings
    local_site = settings.local and not settings.smtp_url
    names = [name.lower() for name in request.headers.keys()]  # noqa: SIM118 -- iterating gives pairs
    forwarded = any(name in OF_PROXIES or name.startswith("x-forwarded") for name in names)
    return local_site and not forwarded and ip_address(request.remote_addr or "192.0.2.1").is_loopback


@bp.get("/outbox")
def outbox() -> str:
    """All mails, newest first."""
    _require_open()
    return render_template("web/outbox.html", mails=box.listing(parts().settings.outbox))


@bp.get("/outbox/<key>")
def outbox_mail(key: str) -> str:
    """One mail, as the reader sees it, as text, and raw."""
    _require_open()
    return render_template("web/outbox_mail.html", mail=box.find(parts().settings.outbox, key))


@bp.get("/outbox/<key>/html")
def outbox_html(key: str) -> Response:
    """The HTML part alone, for the frame."""
    _require_open()
    return mail_page(box.find(parts().settings.outbox, key).html)


@bp.get("/outbox/<key>/raw")
def outbox_raw(key: str) -> Response:
    """The message as it would go over the wire."""
    _require_open()
    response = Response(box.find(parts().settings.outbox, key).raw, mimetype="message/rfc822")
    response.headers["Content-Disposition"] = "attachment; filename=mail.eml"
    return response


def _require_open() -> None:
    if not outbox_open():
        abort(404)
