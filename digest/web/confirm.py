"""The page of the confirmation link. Opening it changes nothing, because mail scanners open every link."""

from flask import render_template, request
from flask_babel import gettext as _

from digest.editions.pure.calendar import zone_or_utc
from digest.parts import parts
from digest.subscribers import lifecycle
from digest.subscribers.descriptions import city_of_zone, describe_regions, describe_schedule, format_dateline
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import UNCONFIRMED_STATES
from digest.subscribers.store import letters
from digest.subscribers.store import subscribers as store
from digest.task_names import TaskName
from digest.tasks import enqueue
from digest.web.blueprint import bp
from digest.web.layout import page_language


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
    url = p.links.url("owner", subscriber.public_id, now)
    return render_template(
        "web/confirmed.html", preferences_url=url, **describe_subscription(store.subscription_of(subscriber))
    )


def describe_subscription(subscription: Subscription) -> dict[str, str]:
    """A subscription described in the page's language, and the masthead's date in the subscription's time zone."""
    p, lang = parts(), page_language()
    city = city_of_zone(subscription.zone, lang)
    schedule = describe_schedule(
        subscription.cadence,
        subscription.weekday,
        subscription.send_minute,
        zone=subscription.zone,
        language=lang,
    )
    return {
        "regions": describe_regions(p.tree, subscription.regions, lang),
        "schedule": schedule,
        "dateline_line": format_dateline(p.clock(), zone_or_utc(subscription.zone), city, lang),
    }
