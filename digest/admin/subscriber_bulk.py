"""Pausing, resuming, unsubscribing, exporting and erasing many subscribers.

What can be undone as if nothing had been is not asked before: a pause only for its end. The others are counted and
confirmed; after unsubscribing, which stops mails that are on their way, undoing is offered too.
"""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as Redirect

from digest.admin import large_mailings, params, subscriber_filters, typed_forms
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.numbers import ngettext, number
from digest.admin.redirects import redirect_back
from digest.admin.texts import translated
from digest.admin.undo import flash_with_undo
from digest.database import Database
from digest.errors import InvalidInputError
from digest.parts import parts
from digest.subscribers.bulk import changes
from digest.subscribers.bulk.changes import Changed, Undone
from digest.subscribers.csv_cells import escape_cell
from digest.subscribers.states import BulkAction
from digest.subscribers.store import listing
from digest.subscribers.store.listing import SubscriberFilter

ACTIONS = (*BulkAction, "export", "erase")
NUMBERED = (BulkAction.UNSUBSCRIBE, "export", "erase")  # of many, these want their number typed
MAX_IDS = 200  # that a form may name; a page has far fewer
MAX_COUNT_DIGITS = 12
PAUSE_TIME = timedelta(days=14)  # preset
EXPORTED = ("email", "state", "regions", "language", "cadence", "zone", "signed_up", "confirmed")


class BulkRequest(NamedTuple):
    """What is to be done, with whom, and how many they are."""

    action: str
    chosen: SubscriberFilter
    total: int


@bp.post("/subscribers/choose")
def choose_bulk_change() -> str | Redirect:
    """Show how many subscribers a change is about before it is done. Pauses end at once, because that can be undone."""
    change = _parse_change()
    if change.action != BulkAction.RESUME:
        return _render_confirmation(change)
    _check_shown(change)
    return _answer(*_change(change))


@bp.post("/subscribers/change")
def change_many() -> Redirect | Response | tuple[str, int]:
    """Do it."""
    change = _parse_change()
    try:
        _check_shown(change)
        if change.action in NUMBERED:
            large_mailings.check_number(request.form, change.total)
        if change.action == "export":
            return _export(change)
        return _answer(*_change(change))
    except InvalidInputError as error:
        field = "until" if change.action == "pause" and "next year" in str(error) else "typed_count"
        typed_forms.fail("send", field, translated(error), request.form)
        return _render_confirmation(change), 400


@bp.post("/subscribers/changes/<int:change_id>/undo")
def undo_bulk_change(change_id: int) -> Redirect:
    """Give back the states from before a change to those whom nobody has changed since."""
    undone = changes.undo(parts().db, change_id, parts().clock())
    number_of_all = undone.restored + undone.later + undone.left
    record_action(f"subscribers changed: undo {undone.action}", f"{undone.restored} of {number_of_all}")
    flash(_describe_undone(undone), "success")
    return redirect_back("admin.subscribers")


def _describe_undone(undone: Undone) -> str:
    """What undoing did, in words."""
    sentences = [
        ngettext("%(num)s subscriber is as before.", "%(num)s subscribers are as before.", undone.restored)
    ]
    if undone.later:
        sentences.append(
            ngettext(
                "%(num)s was changed again by a later change of many, and is as before once that is undone too.",
                "%(num)s were changed again by a later change of many, and are as before once that is undone too.",
                undone.later,
            )
        )
    if undone.left:
        sentences.append(
            ngettext(
                "%(num)s has been changed since and stays so.",
                "%(num)s have been changed since and stay so.",
                undone.left,
            )
        )
    return " ".join(sentences)


def _answer(message: str, change_id: int | None) -> Redirect:
    """The page that the change came from, with a button that undoes the change if that is possible."""
    if change_id is None:
        flash(message, "success")
    else:
        flash_with_undo(message, "admin.undo_bulk_change", change_id=change_id)
    return redirect(_origin())


def _origin() -> str:
    """The address of the page with the button: the subscriber's, or the list as it was filtered."""
    if subscriber_id := params.parse_int(request.form, "page_of"):
        return url_for("admin.subscriber", subscriber_id=subscriber_id)
    return url_for("admin.subscribers", **subscriber_filters.filter_values(request.form))  # type: ignore[arg-type]  # fields of the form


def _check_shown(change: BulkRequest) -> None:
    """Raise InvalidInputError if more subscribers match now than the page before has shown."""
    shown = request.form.get("shown_count", "")
    if shown.isascii() and shown.isdigit() and change.total > int(shown[:MAX_COUNT_DIGITS]):
        raise InvalidInputError(
            _("More subscribers match now: %(count)s. Nothing is changed yet.", count=number(change.total))
        )


def _change(change: BulkRequest) -> tuple[str, int | None]:
    """Pause, resume, unsubscribe or erase. Returns the message for the page, and the change if it can be undone."""
    p, now, email = parts(), parts().clock(), current_user.email
    with p.db.read() as tx:
        ids = listing.ids(tx, change.chosen, limit=changes.MAX_CHANGED)
    if change.action == "erase":
        done = Changed(0, changes.erase(p.db, ids, secret=p.settings.secret_key, now=now))
    elif change.action == BulkAction.PAUSE:
        done = changes.pause(p.db, ids, until=_until(), now=now, by=email)
    elif change.action == BulkAction.RESUME:
        done = changes.resume(p.db, ids, now, by=email)
    else:
        done = changes.unsubscribe(p.db, ids, now, by=email)
    record_action(f"subscribers changed: {change.action}", f"{done.subscribers} of {len(ids)}")
    can_be_undone = change.action in frozenset(BulkAction) and done.subscribers > 0
    return _message(change.action, done.subscribers), done.change_id if can_be_undone else None


def _message(action: str, count: int) -> str:
    """What was done, in words."""
    match action:
        case BulkAction.PAUSE:
            return ngettext("%(num)s subscriber is paused.", "%(num)s subscribers are paused.", count)
        case BulkAction.RESUME:
            return ngettext(
                "%(num)s subscriber gets digests again.", "%(num)s subscribers get digests again.", count
            )
        case BulkAction.UNSUBSCRIBE:
            return ngettext(
                "%(num)s subscriber is unsubscribed.", "%(num)s subscribers are unsubscribed.", count
            )
        case _:
            return ngettext(
                "The data of %(num)s subscriber is erased.",
                "The data of %(num)s subscribers is erased.",
                count,
            )


def _export(change: BulkRequest) -> Response:
    record_action("subscribers exported", f"{change.total}")
    headers = {"Content-Disposition": "attachment; filename=subscribers.csv"}
    return Response(_csv_lines(parts().db, change.chosen), mimetype="text/csv", headers=headers)


def _csv_lines(db: Database, chosen: SubscriberFilter) -> Iterator[str]:
    yield _csv_line(EXPORTED)
    with db.read(time_limit=False) as tx:
        for row in listing.export(tx, chosen):
            shared = row.preferences
            confirmed = row.confirmed_at.isoformat() if row.confirmed_at else ""
            yield _csv_line(
                (row.email, row.state, " ".join(shared.regions), shared.language, row.cadence, row.zone,
                 row.created_at.isoformat(), confirmed)
            )  # fmt: skip


def _csv_line(cells: tuple[str, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([escape_cell(cell) for cell in cells])
    return buffer.getvalue()


def _parse_change() -> BulkRequest:
    """The change in the form. Raises InvalidInputError if it is about nobody, or about too many."""
    form = request.form
    action = form.get("action", "")
    if action not in ACTIONS:
        raise InvalidInputError(_('"%(action)s" is no action for subscribers.', action=action[:20]))
    if form.get("scope") == "all":
        chosen = subscriber_filters.parse_filter(form)
    else:
        ids = tuple(params.parse_int({"ids": text}, "ids") or 0 for text in form.getlist("ids")[:MAX_IDS])
        if not ids:
            raise InvalidInputError(_("Tick subscribers first, or choose all that match."))
        chosen = SubscriberFilter(ids=ids)
    limit = changes.MAX_ERASED if action == "erase" else changes.MAX_CHANGED
    with parts().db.read() as tx:
        count = listing.count(tx, chosen, at_most=limit)
    if count > limit and action != "export":
        raise InvalidInputError(
            _("At most %(limit)s subscribers at once. Narrow the list by filters.", limit=number(limit))
        )
    return BulkRequest(action, chosen, count)


def _render_confirmation(change: BulkRequest) -> str:
    form, tomorrow = request.form, parts().clock() + timedelta(days=1)
    with parts().db.read() as tx:
        sample = listing.page(tx, change.chosen, listing.Order.NEWEST).rows[:5]
    return render_template(
        "admin/subscriber_bulk.html",
        change=change,
        sample=sample,
        limit=changes.MAX_CHANGED,
        scope=form.get("scope", ""),
        ids=change.chosen.ids,
        filters=subscriber_filters.filter_values(form),
        page_of=params.parse_int(form, "page_of"),
        origin=_origin(),
        needs_number=change.action in NUMBERED and large_mailings.needs_number(change.total),
        first_day=tomorrow.date(),
        until=form.get("until") or (parts().clock() + PAUSE_TIME).date(),
    )


def _until() -> datetime:
    """The end of the pause in the form: the beginning of a day in UTC. Raises InvalidInputError."""
    text = request.form.get("until", "")
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInputError(
            _('"%(text)s" is not a day within the next year (example: 2027-01-31).', text=text[:20])
        ) from None
