"""The suppressed addresses, which are never written to: listing, adding and removing them."""

from typing import NamedTuple

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from digest.accounts.audit import NO_DETAILS, Change
from digest.admin import typed_forms
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.template_filters import make_pager, page_number
from digest.admin.texts import translated
from digest.errors import InvalidInputError, NotFoundError
from digest.feedback import suppression, suppression_csv
from digest.parts import parts
from digest.subscribers import lifecycle
from digest.subscribers.models import Subscriber, Suppression
from digest.subscribers.pure.email_address import EmailAddress, address_hash, parse_address
from digest.subscribers.states import SUBSCRIBED_STATES, SubscriberState, SuppressionReason
from digest.subscribers.store import subscribers as store
from digest.subscribers.store import suppressions as suppression_store
from digest.subscribers.store.suppressions import SuppressionCause


class SuppressedAddress(NamedTuple):
    """A suppression and the subscriber with its address; either may be None, but not both."""

    suppression: Suppression | None
    subscriber: Subscriber | None


@bp.get("/suppressions")
def suppressions() -> str:
    """The suppressions, newest first. A search needs the exact address, because most are known only by hash."""
    reason, text = request.args.get("reason", ""), request.args.get("q", "").strip()
    match = None
    try:
        match = _find_suppression(parse_address(text)) if text else None
    except InvalidInputError as error:
        typed_forms.fail("search", "q", translated(error))
    with parts().db.read() as tx:
        rows, total = suppression_store.search(tx, reason, page=page_number())
        counts = suppression_store.count_by_reason(tx)
    return render_template(
        "admin/suppressions.html",
        rows=[match] if match else [] if text else rows,
        text=text,
        reason=reason,
        reasons=tuple(SuppressionReason),
        counts=counts,
        pages=make_pager(total, suppression_store.PAGE_SIZE, rows),
    )


@bp.get("/suppressions.csv")
def export_suppressions() -> Response:
    """The suppressions whose address is known, as CSV. The audit trail says who took them."""
    record_action("suppressions exported")
    headers = {"Content-Disposition": "attachment; filename=suppressed.csv"}
    lines = suppression_csv.export_csv(parts().db)
    return Response(lines, mimetype="text/csv", headers=headers)


@bp.post("/suppressions")
def suppress_one() -> Redirect:
    """Suppress one address."""
    p, address = parts(), parse_address(request.form.get("email", ""))
    secret, now = p.settings.secret_key, p.clock()
    cause = SuppressionCause(SuppressionReason.EDITOR)
    if lifecycle.suppress_address(p.db, address, cause, secret=secret, now=now):
        record_action("address suppressed")
        flash(_("%(email)s is suppressed.", email=address.email), "success")
    else:
        flash(_("%(email)s is already suppressed.", email=address.email), "info")
    return redirect(url_for("admin.suppressions"))


@bp.post("/suppressions/import")
def import_suppressions() -> Redirect:
    """Suppress the addresses of a CSV file."""
    file, p = request.files.get("file"), parts()
    if file is None or not file.filename:
        raise InvalidInputError(_("Choose a CSV file first."))
    secret, now = p.settings.secret_key, p.clock()
    result = suppression_csv.suppress_file(p.db, file.read(), secret=secret, now=now)
    record_action("addresses suppressed", str(result.added))
    counts = {"added": result.added, "known": result.known, "rejected": len(result.rejected)}
    flash(_("Added: %(added)s; already suppressed: %(known)s; rejected: %(rejected)s.", **counts), "success")
    for number, reason in result.rejected[:5]:
        flash(_("Line %(number)s: %(reason)s", number=number, reason=reason), "error")
    return redirect(url_for("admin.suppressions"))


@bp.get("/suppressions/lift")
def confirm_lift() -> str:
    """Explain what removing a suppression does before it is done."""
    address = parse_address(request.args.get("email", ""))
    row, subscriber = _load_suppressed_address(address)
    return render_template("admin/lift.html", email=address.email, row=row, subscriber=subscriber)


@bp.post("/suppressions/lift")
def lift() -> Redirect:
    """Remove the suppression of an address."""
    p, address = parts(), parse_address(request.form.get("email", ""))
    mistaken = request.form.get("mistaken") == "yes"
    secret, now = p.settings.secret_key, p.clock()
    subscriber = _load_suppressed_address(address).subscriber
    state = suppression.lift(p.db, address, secret=secret, mistaken=mistaken, now=now)
    change = Change(before={"state": subscriber.state}, after={"state": state}) if subscriber else NO_DETAILS
    record_action("suppression removed", f"subscriber {subscriber.id}" if subscriber else "", change)
    if state in SUBSCRIBED_STATES:
        flash(_("%(email)s gets the digest again.", email=address.email), "success")
    else:
        flash(_("%(email)s may subscribe again on the public site.", email=address.email), "success")
    if subscriber is not None:
        return redirect(url_for("admin.subscriber", subscriber_id=subscriber.id))
    return redirect(url_for("admin.suppressions"))


def _find_suppression(address: EmailAddress) -> SuppressedAddress | None:
    with parts().db.read() as tx:
        row = suppression_store.find_by_hash(tx, address_hash(parts().settings.secret_key, address.key))
        return SuppressedAddress(row, store.find_by_address(tx, address)) if row else None


def _load_suppressed_address(address: EmailAddress) -> SuppressedAddress:
    """The suppression of an address, or the subscriber who is suppressed without one. Raises NotFoundError."""
    match = _find_suppression(address)
    if match is not None:
        return match
    with parts().db.read() as tx:
        subscriber = store.find_by_address(tx, address)
    if subscriber is None or subscriber.state != SubscriberState.SUPPRESSED:
        raise NotFoundError(_("%(email)s is not suppressed.", email=address.email))
    return SuppressedAddress(None, subscriber)
