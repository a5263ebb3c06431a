"""Changes what a subscriber gets and when, for a reader who asks the newsroom to do it."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from digest.accounts.audit import differences
from digest.admin import choice_merging, edit_conflicts
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.edit_conflicts import SHOWN, SaveConflictError
from digest.admin.pure.three_way import MergedFields, write_shown
from digest.admin.subscription_form import only_rearranges, read_form, render_form
from digest.admin.undo import flash_with_undo
from digest.database import Tx
from digest.parts import parts
from digest.subscribers.models import Subscriber
from digest.subscribers.preference_fields import CONTENT_MARKER, subscription_values
from digest.subscribers.pure.content_choices import YES
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import SubscriberState
from digest.subscribers.store import subscribers as store
from digest.subscribers.subscription_form import form_values
from digest.subscribers.subscription_merge import merge_subscription

MAX_UNDO_REGIONS = 100  # more don't fit into the cookie that has the button's fields
TEMPLATE = "admin/subscriber_choices.html"


@bp.get("/subscribers/<int:subscriber_id>/choices")
def subscriber_choices(subscriber_id: int) -> str:
    """The form with all that a subscriber has chosen."""
    with parts().db.read() as tx:
        row = store.by_id(tx, subscriber_id)
    current = store.subscription_of(row)
    shown = choice_merging.values_of(current)
    return render_form(TEMPLATE, form_values(row), current, subscriber=row, shown=shown)


@bp.post("/subscribers/<int:subscriber_id>/choices")
def change_subscriber(subscriber_id: int) -> str | Response | tuple[str, int]:
    """Save the choices. The buttons "Search" and those that arrange the regions only change the form."""
    p, errors = parts(), dict[str, str]()
    with p.db.read() as tx:
        before = store.by_id(tx, subscriber_id)
    current = store.subscription_of(before)
    if only_rearranges():
        return _render(before)
    subscription = read_form(current, errors)
    if subscription is None:
        return _render(before, errors), 422
    try:
        before, after = _save(subscriber_id, subscription)
    except SaveConflictError as conflict:
        return _render(before, sent=choice_merging.form_again(conflict.merge)), 409
    page = url_for("admin.subscriber", subscriber_id=subscriber_id)
    if store.subscription_of(after) == store.subscription_of(before):
        flash(_("Nothing was changed."), "info")
        return redirect(page)
    change = differences(_recorded(before), _recorded(after))
    record_action("subscriber changed", f"subscriber {subscriber_id}", change)
    _flash_saved(before, after)
    return redirect(page)


def _save(subscriber_id: int, typed: Subscription) -> tuple[Subscriber, Subscriber]:
    """Save what was typed, with what somebody else has saved meanwhile. Returns the subscriber before and after."""
    merges: list[MergedFields] = []

    def decide(tx: Tx, stored: Subscription) -> Subscription:
        wanted, merged = choice_merging.merge(tx, subscriber_id, stored, typed)
        merges.append(merged)
        return wanted

    before, after = merge_subscription(parts().db, subscriber_id, decide, now=parts().clock())
    edit_conflicts.flash_kept(choice_merging.edited(subscriber_id), merges[0])
    return before, after


def _render(
    row: Subscriber, errors: dict[str, str] | None = None, sent: "MultiDict[str, str] | None" = None
) -> str:
    """The form with what was sent; after a conflict, with what somebody else has changed in it."""
    current = store.subscription_of(row)
    if sent is not None:
        with parts().db.read() as tx:
            current = store.subscription_of(store.by_id(tx, row.id))
    return render_form(
        TEMPLATE, {}, current, errors, sent=sent, subscriber=row, shown=choice_merging.values_of(current)
    )


def _flash_saved(before: Subscriber, after: Subscriber) -> None:
    if before.state == SubscriberState.PENDING:
        message = _("Saved. Send them the link again: the mail that they have names the choices before.")
    else:
        message = _("Saved. The change applies from the next digest.")
    if len(before.preferences.regions) > MAX_UNDO_REGIONS:
        flash(message, "success")
    else:
        shown = write_shown(choice_merging.values_of(store.subscription_of(after)))
        fields = [*_undo_fields(before), (SHOWN, shown)]
        flash_with_undo(message, "admin.change_subscriber", fields, subscriber_id=before.id)


def _undo_fields(before: Subscriber) -> list[tuple[str, str]]:
    """The fields of the form as they were."""
    content = before.preferences.content
    kinds = parts().default_kinds if content.kinds is None else content.kinds
    single = {
        name: value
        for name, value in subscription_values(before).items()
        if name not in ("kinds", "languages_read", "show_why")
    }
    return [
        (CONTENT_MARKER, "1"),
        *single.items(),
        *(("regions", slug) for slug in before.preferences.regions),
        *(("kinds", str(kind)) for kind in sorted(kinds)),
        *(("languages_read", code) for code in content.languages_read),
        *((("show_why", YES),) if content.show_why else ()),
    ]


def _recorded(row: Subscriber) -> dict[str, Any]:
    """The choices as the audit trail has them. It names nobody, so it may outlive an erasure."""
    return {"regions": list(row.preferences.regions), **subscription_values(row)}
