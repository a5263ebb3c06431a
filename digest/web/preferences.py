"""The preferences page: a subscriber changes regions and times, pauses, or deletes their data."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.editions.pure.calendar import local_moment, zone_or_utc
from digest.errors import InvalidInputError, TranslatableText
from digest.i18n.dates import format_day
from digest.parts import parts
from digest.subscribers import letter_requests, lifecycle, subscription_form
from digest.subscribers.letter_planning import SubscriptionRequest
from digest.subscribers.models import Subscriber
from digest.subscribers.preference_fields import chosen_regions
from digest.subscribers.pure.email_address import EmailAddress
from digest.subscribers.pure.subscription import InvalidSubscriptionError, Subscription
from digest.subscribers.store import subscribers as store
from digest.subscribers.subscription_form import REARRANGING_BUTTONS
from digest.task_names import TaskName
from digest.tasks import enqueue
from digest.web.blueprint import bp
from digest.web.confirm import describe_subscription
from digest.web.layout import page_language, translate_message
from digest.web.popular_regions import popular_regions
from digest.web.subscribe import PageResponse, subscription_fields


class OpenedLink(NamedTuple):
    """The subscriber whose preferences a link opens, and whether the link proves that its holder has the mailbox."""

    subscriber: Subscriber
    is_owner: bool  # the link is new and from a letter


def open_link(token: str) -> OpenedLink:
    """What a link to the preferences opens; raises ForgedLinkError, ExpiredLinkError or NotFoundError."""
    p = parts()
    link = p.links.verify_preferences(token, p.clock())
    with p.db.read() as tx:
        return OpenedLink(store.by_public_id(tx, link.public_id), link.is_owner)


@bp.get("/preferences/<link:token>")
def preferences(token: str) -> PageResponse:
    """The form with the current subscription."""
    opened = open_link(token)
    return _render_form(token, opened, opened.subscriber.preferences.regions)


@bp.post("/preferences/<link:token>", endpoint="preferences_post")
def preferences_post(token: str) -> PageResponse:
    """Save the changes. The buttons "Search" and those that arrange the regions only change the form.

    The link of a digest, which may have been forwarded, does not suffice: then a letter offers the changes.
    """
    p, opened, form = parts(), open_link(token), request.form
    chosen = chosen_regions(form)
    if any(button in form for button in REARRANGING_BUTTONS):
        return _render_form(token, opened, chosen, query=form.get("query", "").strip())
    try:
        subscription = subscription_form.read_subscription_form(
            form,
            p.tree,
            languages=p.languages,
            default_kinds=p.default_kinds,
            current=store.subscription_of(opened.subscriber),
        )
    except InvalidSubscriptionError as error:
        messages = {field: translate_message(text) for field, text in error.errors.items()}
        return _render_form(token, opened, chosen, errors=messages), 422
    if not opened.is_owner:
        return _offer_by_letter(opened.subscriber, subscription)
    lifecycle.change_subscription(p.db, opened.subscriber.public_id, subscription, now=p.clock())
    flash(_("Saved. The change applies from your next digest."), "success")
    return _redirect_to_form(token)


@bp.post("/preferences/<token>/pause", endpoint="pause_post")
def pause_post(token: str) -> PageResponse:
    """Pause until midnight of a day in the subscriber's time zone, or end the pause."""
    p, subscriber = parts(), open_link(token).subscriber
    if "resume" in request.form:
        lifecycle.resume(p.db, subscriber.public_id, now=p.clock())
        flash(_("Welcome back. You get your digest again at the usual time."), "success")
        return _redirect_to_form(token)
    until = _start_of_day(request.form.get("until", ""), subscriber)
    lifecycle.pause(p.db, subscriber.public_id, until, p.clock())
    flash(_("Paused. No digest is sent until that day."), "success")
    return _redirect_to_form(token)


@bp.post("/preferences/<token>/return", endpoint="return_post")
def return_post(token: str) -> PageResponse:
    """Undo an unsubscribing."""
    p, public_id = parts(), open_link(token).subscriber.public_id
    lifecycle.return_after_leaving(p.db, public_id, origin=request.remote_addr or "", now=p.clock())
    flash(_("Welcome back. You get your digest again at the usual time."), "success")
    return _redirect_to_form(token)


@bp.post("/preferences/<token>/owner", endpoint="owner_post")
def owner_post(token: str) -> PageResponse:
    """Send the subscriber a new link, which proves that the mailbox is theirs. The page does not show the address."""
    p, subscriber = parts(), open_link(token).subscriber
    address = EmailAddress(subscriber.email, subscriber.email_key)
    letter_requests.record_link(p.db, address, origin=request.remote_addr or "", now=p.clock())
    enqueue(TaskName.SEND_LETTERS)
    return redirect(url_for("web.sent"), 303)


@bp.get("/preferences/<token>/erase")
def erase(token: str) -> PageResponse:
    """Explain what is deleted, with a button to do it. Without a new link from the mailbox, a button that sends one."""
    subscriber, is_owner = open_link(token)
    return render_template("web/erase.html", token=token, subscriber=subscriber, is_owner=is_owner)


@bp.post("/preferences/<token>/erase", endpoint="erase_post")
def erase_post(token: str) -> PageResponse:
    """Delete the data of the subscriber."""
    p, (subscriber, is_owner) = parts(), open_link(token)
    if not is_owner:
        return redirect(url_for("web.erase", token=token), 303)
    lifecycle.erase(p.db, subscriber.public_id, secret=p.settings.secret_key, now=p.clock())
    return render_template("web/erased.html")


def _offer_by_letter(subscriber: Subscriber, subscription: Subscription) -> Response:
    p = parts()
    address = EmailAddress(subscriber.email, subscriber.email_key)
    offer = SubscriptionRequest(address, subscription, request.remote_addr or "", "")
    letter_requests.record_subscription(p.db, offer, p.clock())
    enqueue(TaskName.SEND_LETTERS)
    return redirect(url_for("web.sent"), 303)


def _render_form(
    token: str,
    opened: OpenedLink,
    chosen: Sequence[str],
    *,
    query: str = "",
    errors: dict[str, str] | None = None,
) -> str:
    p, (subscriber, is_owner) = parts(), opened
    now = p.clock()
    return render_template(
        "web/preferences.html",
        token=token,
        subscriber=subscriber,
        is_owner=is_owner,
        can_return=lifecycle.can_return(subscriber, now),
        unsubscribe_url=url_for(
            "web.unsubscribe", token=p.links.token("unsubscribe", subscriber.public_id, now)
        ),
        form=request.form if request.method == "POST" else subscription_form.form_values(subscriber),
        errors=errors or {},
        tomorrow=(now + timedelta(days=1)).date().isoformat(),
        paused_until=_local_date(subscriber.paused_until, subscriber),
        popular=popular_regions(p.tree, page_language()),
        **subscription_fields(chosen, query, subscriber.preferences.content),
        **describe_subscription(store.subscription_of(subscriber)),
    )


def _start_of_day(text: str, subscriber: Subscriber) -> datetime:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 -- a date has no zone
        return local_moment(day, 0, zone_or_utc(subscriber.zone))
    except (ValueError, OverflowError):  # in some zones the year 1 begins before the first datetime
        raise InvalidInputError(
            TranslatableText('"%(value)s" is not a date (example: 2027-01-31).', value=text[:20])
        ) from None


def _local_date(moment: datetime | None, subscriber: Subscriber) -> str:
    if moment is None:
        return ""
    return format_day(moment.astimezone(zone_or_utc(subscriber.zone)).date(), page_language())


def _redirect_to_form(token: str) -> Response:
    return redirect(url_for("web.preferences", token=token), 303)
