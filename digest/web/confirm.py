"""The page of the confirmation link. Opening it changes nothing, because mail scanners open every link."""

from datetime import datetime
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from digest.deliveries.planning.first_digests import comes_first_digest
from digest.editions.pure.calendar import Schedule, first_due, zone_or_utc
from digest.editions.pure.note_markup import render_note
from digest.i18n.dates import format_moment
from digest.i18n.zones import city_name
from digest.parts import parts
from digest.subscribers import lifecycle
from digest.subscribers.descriptions import describe_hour, describe_regions, format_dateline
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import UNCONFIRMED_STATES
from digest.subscribers.store import letters
from digest.subscribers.store import subscribers as store
from digest.task_names import TaskName
from digest.tasks import enqueue
from digest.web.blueprint import bp
from digest.web.layout import page_language
from digest.web.story_views import view_sections

SHOWN_STORIES = 12  # on the page after confirming


@bp.get("/confirm/<link:token>")
def confirm(token: str) -> str:
    """The requested subscription, with a button to confirm it."""
    p = parts()
    letter_id = p.links.verify("confirm", token, p.clock())
    with p.db.read() as tx:
        letter, subscriber = letters.confirmation_letter(tx, letter_id)
    can_confirm = subscriber.state in UNCONFIRMED_STATES and lifecycle.may_confirm(letter, subscriber)
    subscription = (
        Subscription.from_json(letter.requested_subscription)
        if can_confirm
        else store.subscription_of(subscriber)
    )
    return render_template(
        "web/confirm.html",
        token=token,
        subscriber=subscriber,
        can_confirm=can_confirm,
        **describe_subscription(subscription),
    )


@bp.post("/confirm/<link:token>", endpoint="confirm_post")
def confirm_post(token: str) -> str:
    """Confirm the subscription."""
    p = parts()
    now = p.clock()
    letter_id = p.links.verify("confirm", token, now)
    with p.db.read() as tx:
        subscriber = letters.confirmation_letter(tx, letter_id).subscriber
    if subscriber.state not in UNCONFIRMED_STATES:  # used: somebody else may have found the link meanwhile
        return confirm(token)
    wording = _("Yes, send me this digest")
    subscriber = lifecycle.confirm(
        p.db,
        letter_id,
        origin=request.remote_addr or "",
        wording=wording,
        secret=p.settings.secret_key,
        now=now,
    )
    enqueue(TaskName.PLAN_DUE)
    return render_template(
        "web/confirmed.html",
        preferences_url=p.links.url("owner", subscriber.public_id, now),
        welcome=render_note(p.look(page_language()).words.welcome).html,
        **_first_news(subscriber, now),
        **describe_subscription(store.subscription_of(subscriber)),
    )


def _first_news(subscriber: Subscriber, now: datetime) -> dict[str, Any]:
    """When the next digest comes, whether a first one comes before it, and the news of the last day."""
    p, lang, zone = parts(), page_language(), zone_or_utc(subscriber.zone)
    schedule = Schedule(subscriber.cadence, subscriber.weekday, subscriber.send_minute, subscriber.zone)
    next_due = first_due(schedule, now=now, last_slot=subscriber.last_slot_at)
    with p.db.read() as tx:
        sample = p.samples.compose(tx, subscriber.preferences, now)
    return {
        "next_digest": format_moment(next_due, zone, lang),
        "place": city_name(subscriber.zone, lang),
        "comes_first_digest": bool(sample) and p.sends_first_digests and comes_first_digest(next_due, now),
        "sections": sample
        and view_sections(sample.sections, sample.shown, p.tree, lang=lang, zone=zone, limit=SHOWN_STORIES),
    }


def describe_subscription(subscription: Subscription) -> dict[str, str]:
    """A subscription described in the page's language, and the masthead's date in the subscription's time zone."""
    p, lang = parts(), page_language()
    city = city_name(subscription.zone, lang)
    return {
        "regions": describe_regions(p.tree, subscription.regions, lang),
        "schedule": describe_hour(subscription, lang),
        "dateline_line": format_dateline(p.clock(), zone_or_utc(subscription.zone), city, lang),
    }
