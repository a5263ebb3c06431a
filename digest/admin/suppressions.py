"""The suppressed addresses: who is never written to and why, adding to them, and taking one off again."""

from flask import Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from digest.admin.auth import note
from digest.admin.blueprint import bp
from digest.admin.template_filters import page_number, pages
from digest.errors import InvalidInputError, NotFoundError
from digest.feedback import suppression, suppression_csv
from digest.parts import parts
from digest.subscribers.csv_cells import rows_of
from digest.subscribers.models import Subscriber, Suppression
from digest.subscribers.pure.email_address import Address, address_hash, read_address
from digest.subscribers.store import subscribers as store
from digest.subscribers.store import suppressions as listed

REASONS = ("bounced", "complained", "editor", "imported", "erased")


@bp.get("/suppressions")
def suppressions() -> str:
    """All of them, newest first; one is found by its whole address, for most are known by a hash alone."""
    reason, text = request.args.get("reason", ""), request.args.get("q", "").strip()
    found = _found(read_address(text)) if text else None
    with parts().db.read() as tx:
        rows, total = listed.listing(tx, reason, page=page_number())
        counts = listed.count_by_reason(tx)
    return render_template(
        "admin/suppressions.html",
        rows=[found] if found else [] if text else rows,
        text=text,
        reason=reason,
        reasons=REASONS,
        counts=counts,
        pages=pages(total, listed.PAGE, rows),
    )


@bp.get("/suppressions.csv")
def export_suppressions() -> Response:
    """Those whose addresses we know, as CSV."""
    headers = {"Content-Disposition": "attachment; filename=suppressed.csv"}
    lines = stream_with_context(suppression_csv.export(parts().db))
    return Response(lines, mimetype="text/csv", headers=headers)


@bp.post("/suppressions")
def suppress_one() -> Redirect:
    """Suppress one address, because somebody asked for it."""
    p, address = parts(), read_address(request.form.get("email", ""))
    secret, now = p.settings.secret_key, p.reader.clock()
    if suppression.suppress_address(p.db, address, "editor", secret=secret, detail="", now=now):
        note("address suppressed")
        flash(_("Nothing is sent to %(email)s any more.", email=address.email), "success")
    else:
        flash(_("%(email)s is on the list already.", email=address.email), "info")
    return redirect(url_for("admin.suppressions"))


@bp.post("/suppressions/import")
def import_suppressions() -> Redirect:
    """Suppress the addresses of a CSV file."""
    file, p = request.files.get("file"), parts()
    if file is None or not file.filename:
        raise InvalidInputError(_("Choose a CSV file first."))
    secret, now = p.settings.secret_key, p.reader.clock()
    done = suppression_csv.suppress_rows(p.db, rows_of(file.read()), secret=secret, now=now)
    note("addresses suppressed", str(done.added))
    told = {"added": done.added, "known": done.known, "rejected": len(done.rejected)}
    flash(_("Suppressed: %(added)s; known already: %(known)s; not used: %(rejected)s.", **told), "success")
    for number, reason in done.rejected[:5]:
        flash(_("Line %(number)s: %(reason)s", number=number, reason=reason), "error")
    return redirect(url_for("admin.suppressions"))


@bp.get("/suppressions/lift")
def confirm_lift() -> str:
    """Say what lifting means before it is done."""
    address = read_address(request.args.get("email", ""))
    row, reader = _required(address)
    return render_template("admin/lift.html", email=address.email, row=row, reader=reader)


@bp.post("/suppressions/lift")
def lift() -> Redirect:
    """Take an address off the list."""
    p, address = parts(), read_address(request.form.get("email", ""))
    mistaken = request.form.get("mistaken") == "yes"
    secret, now = p.settings.secret_key, p.reader.clock()
    _row, reader = _required(address)
    state = suppression.lift(p.db, address, secret=secret, mistaken=mistaken, now=now)
    note("suppression lifted", f"subscriber {reader.id}" if reader else "")
    if state in ("active", "paused"):
        flash(_("%(email)s gets the digest again.", email=address.email), "success")
    else:
        flash(_("%(email)s may subscribe again, on the page for readers.", email=address.email), "success")
    if reader is not None:
        return redirect(url_for("admin.subscriber", subscriber_id=reader.id))
    return redirect(url_for("admin.suppressions"))


def _found(address: Address) -> tuple[Suppression, Subscriber | None] | None:
    with parts().db.read() as tx:
        row = store.suppressed(tx, address_hash(parts().settings.secret_key, address.key))
        return (row, store.by_address(tx, address)) if row else None


def _required(address: Address) -> tuple[Suppression | None, Subscriber | None]:
    """The suppression of an address and its reader; a reader may be suppressed without a row of the list."""
    found = _found(address)
    if found is not None:
        return found
    with parts().db.read() as tx:
        reader = store.by_address(tx, address)
    if reader is None or reader.state != "suppressed":
        raise NotFoundError(f"{address.email} is not suppressed.")
    return None, reader
