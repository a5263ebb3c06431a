"""The editions: their progress, digests and deliveries, and pausing, slowing or cancelling them."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from digest.accounts.audit import Change
from digest.admin import edit_conflicts, edition_digests, edition_draft
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.edit_conflicts import EditedThing
from digest.admin.numbers import ngettext
from digest.admin.preview import PREVIEW_FORMATS, html_response, message_response, requested_format
from digest.admin.redirects import redirect_back
from digest.admin.template_filters import Pager, make_pager, page_number
from digest.database import lock_row
from digest.deliveries.oversight import sending_rate
from digest.deliveries.planning import manual_editions
from digest.deliveries.previews import digest_preview
from digest.deliveries.previews.digest_preview import Preview
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import deliveries, edition_list, oversight
from digest.deliveries.store.edition_list import EditionOrder
from digest.editions.states import IN_PROGRESS_STATES, EditionKind, EditionState
from digest.editions.store import editions as store
from digest.editions.store import scheduled
from digest.errors import ConflictError, InvalidInputError
from digest.feedback.store import counts as feedback_counts
from digest.opens import store as opens
from digest.opens.states import Subject
from digest.parts import parts
from digest.task_names import TaskName
from digest.tasks import enqueue

MAX_RATE_DIGITS = 5  # a limit of 100,000 mails a second or more is a typing error


@bp.get("/editions")
def editions() -> str:
    """All editions or those of a kind, in one of the orders."""
    name, sort = request.args.get("kind", ""), request.args.get("sort", "")
    kind = EditionKind(name) if name in frozenset(EditionKind) else None
    order = EditionOrder(sort) if sort in frozenset(EditionOrder) else EditionOrder.NEWEST
    after, before = request.args.get("after", "")[:40], request.args.get("before", "")[:40]
    with parts().db.read() as tx:
        bounces = feedback_counts.bounces_by_edition()
        page = edition_list.page(tx, kind, order, bounces=bounces, after=after, before=before)
        total = edition_list.count(tx, kind)
        ids = [edition.id for edition in page.rows]
        counts, feedback = deliveries.count_by_state(tx, ids), feedback_counts.count_by_edition(tx, ids)
    sort = "" if order is EditionOrder.NEWEST else order.value
    here = {name: value for name, value in (("kind", kind), ("sort", sort)) if value}
    pager = Pager(
        _list_url(here | {"before": page.newer}) if page.newer else "",
        _list_url(here | {"after": page.older}) if page.older else "",
        ngettext("%(num)s edition", "%(num)s editions", total),
    )
    return render_template(
        "admin/editions.html",
        editions=page.rows,
        counts=counts,
        feedback=feedback,
        pages=pager,
        kind=kind or "",
        kinds=_kind_names(),
        order=order,
        orders=_order_names(),
    )


def _kind_names() -> dict[str, str]:
    return {
        "": _("All"),
        EditionKind.SCHEDULED: _("Scheduled"),
        EditionKind.MANUAL: _("Manual"),
        EditionKind.FIRST: _("First digests"),
        EditionKind.TEST: _("Tests"),
    }


def _order_names() -> dict[EditionOrder, str]:
    return {
        EditionOrder.NEWEST: _("Newest first"),
        EditionOrder.OLDEST: _("Oldest first"),
        EditionOrder.MAILS: _("Most mails first"),
        EditionOrder.REFUSED: _("Most refused first"),
        EditionOrder.BOUNCED: _("Most bounced first"),
    }


def _list_url(arguments: dict[str, str]) -> str:
    return url_for("admin.editions", **arguments)  # type: ignore[arg-type]  # none is special


@bp.get("/editions/<int:edition_id>")
def edition(edition_id: int) -> str:
    """One edition: its progress, its digests and its deliveries."""
    state = request.args.get("state", "")
    with parts().db.read() as tx:
        row = store.by_id(tx, edition_id)
        page, total = deliveries.edition_deliveries(tx, edition_id, state, page=page_number())
        details = {
            "counts": deliveries.count_by_state(tx, [edition_id])[edition_id],
            "feedback": feedback_counts.count_by_edition(tx, [edition_id])[edition_id],
            "digests": edition_digests.load_page(tx, row),
            "opens": opens.totals(tx, Subject.EDITION, [str(edition_id)]).get(str(edition_id)),
            **edition_draft.load_state_details(tx, row),
        }
    return render_template(
        "admin/edition.html",
        edition=row,
        **details,
        rows=page,
        selected_state=state,
        states=tuple(DeliveryState),
        pages=make_pager(total, deliveries.PAGE_SIZE, page),
        max_lateness=parts().settings.max_lateness_hours,
        changing_states=IN_PROGRESS_STATES,
        current_rate=_current_rate(edition_id),
    )


@bp.get("/editions/<int:edition_id>/progress")
def edition_progress(edition_id: int) -> Response:
    """The progress part of an edition's page. If the state has changed, a header makes the browser reload the page."""
    with parts().db.read() as tx:
        row = store.by_id(tx, edition_id)
        counts = deliveries.count_by_state(tx, [edition_id])[edition_id]
    html = render_template(
        "admin/_progress.html",
        edition=row,
        counts=counts,
        current_rate=_current_rate(edition_id),
        changing_states=IN_PROGRESS_STATES,
    )
    response = make_response(html)
    if request.args.get("shown") != row.state:
        response.headers["HX-Refresh"] = "true"
    return response


@bp.post("/editions/<int:edition_id>/<any(pause, resume):step>")
def hold_edition(edition_id: int, step: str) -> Redirect:
    """Pause or resume an edition; before its slot, put it on hold or release it."""
    change: Callable[..., None] = manual_editions.pause if step == "pause" else manual_editions.resume
    before = _state_of(edition_id)
    change(parts().db, edition_id)
    state = _state_of(edition_id)
    action = "edition paused" if step == "pause" else "edition resumed"
    record_action(action, f"edition {edition_id}", Change(before={"state": before}, after={"state": state}))
    if step == "resume":
        enqueue(TaskName.SEND_DELIVERIES)
    flash(_describe_change(step, state), "success")
    return redirect(url_for("admin.edition", edition_id=edition_id))


@bp.post("/slots/<name>/hold")
def hold_slot(name: str) -> Redirect:
    """Put the edition of a slot that has not begun on hold; the slot has the name of `scheduled.slot_name`."""
    try:
        slot = datetime.strptime(name, scheduled.SLOT_NAME).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInputError(_('"%(name)s" is no slot of the desk.', name=name[:20])) from None
    edition_id = manual_editions.hold_slot(parts().db, slot, parts().clock())
    record_action("edition paused", f"edition {edition_id}", Change(after={"state": EditionState.ON_HOLD}))
    flash(_("The edition is on hold. Release it here when it may be sent."), "success")
    return redirect_back("admin.today")


@bp.post("/editions/<int:edition_id>/rate")
def set_edition_rate(edition_id: int) -> Redirect:
    """Limit how many mails of an edition are sent per second; 0 or an empty field removes the limit."""
    text = request.form.get("rate", "").strip() or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_RATE_DIGITS):
        raise InvalidInputError(_("“%(text)s” is not a number of mails a second, from 0 up.", text=text[:20]))
    rate = int(text)
    with parts().db.begin() as tx:
        row = store.by_id(tx, edition_id)
        lock_row(tx, row)
        before = row.rate
        thing = EditedThing("rate", f"/admin/editions/{edition_id}", {"rate": _("Maximum mails a second")})
        edit_conflicts.require_unchanged(tx, thing, "rate", before or 0, rate)
        oversight.set_rate(tx, edition_id, rate)
    change = Change(before={"rate": before}, after={"rate": rate})
    record_action("edition rate limited", f"edition {edition_id}: {rate} a second", change)
    message = ngettext("At most %(num)s mail a second.", "At most %(num)s mails a second.", rate)
    flash(message if rate else _("Rate limit removed."), "success")
    return redirect(url_for("admin.edition", edition_id=edition_id))


@bp.get("/editions/<int:edition_id>/cancel")
def confirm_cancel(edition_id: int) -> str:
    """Explain what cancelling does before it is done."""
    with parts().db.read() as tx:
        row = store.by_id(tx, edition_id)
        counts = deliveries.count_by_state(tx, [edition_id])[edition_id]
    return render_template("admin/cancel.html", edition=row, counts=counts)


@bp.post("/editions/<int:edition_id>/cancel")
def cancel_edition(edition_id: int) -> Redirect:
    """Cancel an edition."""
    p = parts()
    before = _state_of(edition_id)
    count = manual_editions.cancel(p.db, edition_id, p.clock())
    change = Change(before={"state": before}, after={"state": _state_of(edition_id)})
    record_action("edition cancelled", f"edition {edition_id}: {count} deliveries", change)
    unsent = ngettext("%(num)s mail will not be sent.", "%(num)s mails will not be sent.", count)
    flash(_("The edition is cancelled.") + " " + unsent, "success")
    return redirect(url_for("admin.edition", edition_id=edition_id))


@bp.get("/digests/<int:digest_id>")
def digest(digest_id: int) -> str:
    """One digest of an edition, as it is sent."""
    with parts().db.read() as tx:
        row = store.digest_by_id(tx, digest_id)
    formats = {name: url_for("admin.digest", digest_id=digest_id, size=name) for name in PREVIEW_FORMATS}
    preview = digest_preview.preview_digest(parts().db, parts().sending, digest_id)
    return render_template(
        "admin/digest.html", digest=row, shown=preview, size=requested_format(), sizes=formats
    )


@bp.get("/digests/<int:digest_id>/mail.html")
def digest_html(digest_id: int) -> Response:
    """The HTML part of a digest's mail, as a page."""
    return html_response(_preview_digest(digest_id).html)


@bp.get("/digests/<int:digest_id>/mail.eml")
def digest_message(digest_id: int) -> Response:
    """A digest's mail as a message file."""
    return message_response(_preview_digest(digest_id))


def _describe_change(step: str, state: EditionState) -> str:
    """The message after pausing or resuming an edition, which is now in `state`."""
    messages = {
        ("pause", EditionState.ON_HOLD): _("The edition is on hold."),
        ("pause", EditionState.PAUSED): _("The edition is paused."),
        ("resume", EditionState.REVIEW): _("The edition is released."),
    }
    return str(messages.get((step, state), _("The edition is resumed.")))


def _current_rate(edition_id: int) -> float:
    """How many mails of an edition were accepted per second, over the last ten seconds."""
    p = parts()
    with p.db.read() as tx:
        return sending_rate.current_rate(tx, edition_id, p.clock())


def _preview_digest(digest_id: int) -> Preview:
    preview = digest_preview.preview_digest(parts().db, parts().sending, digest_id)
    if preview is None:
        raise ConflictError(_("All stories of this digest are hidden now."))
    return preview


def _state_of(edition_id: int) -> EditionState:
    with parts().db.read() as tx:
        return store.by_id(tx, edition_id).state
