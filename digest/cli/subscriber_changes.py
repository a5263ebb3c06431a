"""`dateline subscribers add`, `change`, `pause`, `resume` and `unsubscribe`: one subscriber at a time."""

from collections.abc import Callable
from typing import Any

import click
from flask.cli import with_appcontext

from digest.cli.moments import parse_moment
from digest.cli.reports import report
from digest.errors import ConflictError, InvalidInputError
from digest.parts import Parts, parts
from digest.subscribers import letter_requests, lifecycle
from digest.subscribers.letter_planning import SubscriptionRequest
from digest.subscribers.models import Subscriber
from digest.subscribers.preference_fields import subscription_values
from digest.subscribers.pure.email_address import address_hash, parse_address
from digest.subscribers.pure.subscription import Subscription, parse_subscription
from digest.subscribers.states import Cadence, DigestSize, SubscriberState
from digest.subscribers.store import subscribers as store
from digest.subscribers.store import suppressions
from digest.task_names import TaskName
from digest.tasks import enqueue

FIELDS = (
    click.option("--regions", default="", help="Slugs, ISO codes or names, in the order of the digest."),
    click.option("--cadence", type=click.Choice([each.value for each in Cadence])),
    click.option("--weekday", type=click.IntRange(0, 6), help="Of a weekly digest; Monday is 0."),
    click.option("--time", help="HH:MM, in steps of 15 minutes."),
    click.option("--zone", help="IANA: Asia/Tashkent."),
    click.option("--language", help="Of the digest: en."),
    click.option("--size", type=click.Choice([each.value for each in DigestSize])),
    click.option("--kinds", help='Of articles beside news, separated by commas; "none": news only.'),
)


def subscription_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for each field of a subscription."""
    for option in reversed(FIELDS):
        command = option(command)
    return command


@click.command("add")
@click.argument("email")
@click.option(
    "--consent", default="", help="Where and when they agreed; without it, a letter asks them to confirm."
)
@subscription_options
@with_appcontext
def add(email: str, consent: str, **fields: Any) -> None:
    """Add a subscriber. Without --consent a letter asks them first, as after the form of the site.

    \b
    Example: dateline subscribers add ann@example.org --regions central-asia,GE --time 06:45 --zone Asia/Tashkent
    """
    p = parts().refresh_regions()
    address, subscription = parse_address(email), _subscription(p, fields, None)
    if not consent.strip():
        request = SubscriptionRequest(address, subscription, "command line", "")
        letter_requests.record_subscription(p.db, request, p.clock())
        enqueue(TaskName.SEND_LETTERS)
        report("a letter asks them to confirm, unless they are subscribed or suppressed", state="asked")
        return
    with p.db.begin() as tx:
        if suppressions.find_by_hash(tx, address_hash(p.settings.secret_key, address.key)) is not None:
            raise ConflictError(f"{email} is suppressed; `dateline subscribers allow {email}` lifts that.")
        added = lifecycle.add_confirmed(tx, {address: subscription}, wording=consent, now=p.clock())
    if not added:
        raise ConflictError(f"{email} is a subscriber already; `dateline subscribers change` changes them.")
    report(f"{address.email} is subscribed", email=address.email, state=SubscriberState.ACTIVE)


@click.command("change")
@click.argument("email")
@subscription_options
@with_appcontext
def change(email: str, **fields: Any) -> None:
    """Change what a subscriber gets, and when. What is not named stays.

    \b
    Example: dateline subscribers change ann@example.org --time 08:00
    """
    if not any(value is not None and value != "" for value in fields.values()):
        raise InvalidInputError("Name what to change (example: --time 08:00).")
    p = parts().refresh_regions()
    row = _find(p, email)
    lifecycle.change_subscription(p.db, row.public_id, _subscription(p, fields, row), now=p.clock())
    report(f"{row.email} is changed", email=row.email)


@click.command("pause")
@click.argument("email")
@click.option("--until", required=True, help="The day or moment at which digests come again (ISO 8601).")
@with_appcontext
def pause(email: str, until: str) -> None:
    """Send nothing to a subscriber for a while; at most a year."""
    p = parts()
    row = _find(p, email)
    end = parse_moment(until, "--until")
    lifecycle.pause(p.db, row.public_id, end, p.clock())
    report(
        f"{row.email} is paused until {end:%Y-%m-%d %H:%M} UTC",
        email=row.email,
        state=SubscriberState.PAUSED,
        until=end.isoformat(),
    )


@click.command("resume")
@click.argument("email")
@with_appcontext
def resume(email: str) -> None:
    """End the pause of a subscriber. The next digest has the news of the pause."""
    p = parts()
    row = _find(p, email)
    if row.state != SubscriberState.PAUSED:
        raise ConflictError(f"{row.email} is {row.state}, not paused.")
    lifecycle.resume(p.db, row.public_id, now=p.clock())
    report(f"{row.email} gets the digest again", email=row.email, state=SubscriberState.ACTIVE)


@click.command("unsubscribe")
@click.argument("email")
@with_appcontext
def unsubscribe(email: str) -> None:
    """Unsubscribe somebody who asked for it. Only they can subscribe again."""
    p = parts()
    row = _find(p, email)
    with p.db.begin() as tx:
        has_left = lifecycle.leave(tx, store.by_id(tx, row.id), p.clock())
    if not has_left:
        raise ConflictError(f"{row.email} is {row.state} already.")
    report(f"{row.email} is unsubscribed", email=row.email, state=SubscriberState.UNSUBSCRIBED)


def _find(p: Parts, email: str) -> Subscriber:
    with p.db.read() as tx:
        return store.by_address(tx, parse_address(email))


def _subscription(p: Parts, fields: dict[str, Any], current: Subscriber | None) -> Subscription:
    """The subscription in the options of a command; what is not named is as in `current`, or the default."""
    given = {name: str(value) for name, value in fields.items() if value is not None and name != "regions"}
    names = [name for name in str(fields["regions"]).split(",") if name.strip()]
    slugs = [p.tree.resolve(name).slug for name in names] or (
        list(current.preferences.regions) if current else []
    )
    values = (subscription_values(current) if current else {}) | given
    return parse_subscription(slugs, values, p.tree, languages=p.languages, default_kinds=p.default_kinds)
