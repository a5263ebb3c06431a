"""Queries over subscribers, their preferences and consents."""

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.orm import joinedload

from digest.database import Tx, chunked, insert_missing, is_one_of
from digest.errors import NewsroomText, NotFoundError, TranslatableText
from digest.subscribers.models import Consent, Preferences, Subscriber
from digest.subscribers.pure.email_address import EmailAddress
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import (
    PRESENT_STATES,
    SUBSCRIBED_STATES,
    Cadence,
    ConsentAction,
    SubscriberState,
)


def find_by_address(tx: Tx, address: EmailAddress) -> Subscriber | None:
    """The subscriber with this address, in any state, if there is one."""
    return tx.scalar(
        select(Subscriber)
        .options(joinedload(Subscriber.preferences))
        .where(Subscriber.email_key == address.key)
    )


def by_address(tx: Tx, address: EmailAddress) -> Subscriber:
    """The subscriber with this address. Raises NotFoundError with the address when there is none."""
    subscriber = find_by_address(tx, address)
    if subscriber is None:
        raise NotFoundError(NewsroomText("There is no subscriber %(email)s.", email=address.email))
    return subscriber


def find_by_public_id(tx: Tx, public_id: str) -> Subscriber | None:
    """The subscriber with this public id (the id in signed links), or None."""
    return tx.scalar(
        select(Subscriber)
        .options(joinedload(Subscriber.preferences))
        .where(Subscriber.public_id == public_id)
    )


def by_public_id(tx: Tx, public_id: str) -> Subscriber:
    """The subscriber with this public id. Raises NotFoundError, for example when they were erased."""
    subscriber = find_by_public_id(tx, public_id)
    if subscriber is None:
        raise NotFoundError(TranslatableText("There is no subscription behind this link any more."))
    return subscriber


def find_by_id(tx: Tx, subscriber_id: int) -> Subscriber | None:
    """The subscriber with this row id, if there is one."""
    return tx.get(Subscriber, subscriber_id, options=[joinedload(Subscriber.preferences)])


def by_id(tx: Tx, subscriber_id: int) -> Subscriber:
    """The subscriber with this row id; raises NotFoundError."""
    subscriber = find_by_id(tx, subscriber_id)
    if subscriber is None:
        raise NotFoundError(
            NewsroomText("There is no subscriber %(subscriber_id)s.", subscriber_id=subscriber_id)
        )
    return subscriber


def add(tx: Tx, address: EmailAddress, subscription: Subscription, now: datetime) -> Subscriber:
    """Add a pending subscriber."""
    subscriber = Subscriber(
        public_id=secrets.token_urlsafe(12), email=address.email, email_key=address.key, created_at=now
    )
    apply_subscription(tx, subscriber, subscription)
    tx.add(subscriber)
    tx.flush()
    return subscriber


def apply_subscription(tx: Tx, subscriber: Subscriber, subscription: Subscription) -> None:
    """Write a subscription into a subscriber's row. The next planning computes when they are due."""
    ensure_preferences(tx, subscription)
    subscriber.preferences_key = subscription.preferences_key
    subscriber.cadence, subscriber.weekday = subscription.cadence, subscription.weekday
    subscriber.send_minute, subscriber.zone = subscription.send_minute, subscription.zone
    subscriber.next_due_at = None


def subscription_of(subscriber: Subscriber) -> Subscription:
    """The subscription in a subscriber's row."""
    return Subscription(
        regions=tuple(subscriber.preferences.regions),
        language=subscriber.preferences.language,
        cadence=subscriber.cadence,
        weekday=subscriber.weekday,
        send_minute=subscriber.send_minute,
        zone=subscriber.zone,
        size=subscriber.preferences.size,
        content=subscriber.preferences.content,
    )


def ensure_preferences(tx: Tx, *subscriptions: Subscription) -> None:
    """Insert the shared rows of these preferences that do not exist."""
    rows = {
        subscription.preferences_key: {
            "key": subscription.preferences_key,
            "regions": list(subscription.regions),
            "language": subscription.language,
            "size": subscription.size,
            "content": subscription.content,
        }
        for subscription in subscriptions
    }
    # In the order of their keys, so that two imports at once do not wait for each other.
    insert_missing(tx, Preferences, [rows[key] for key in sorted(rows)], keys=["key"])


def preferences_by_key(tx: Tx, keys: Sequence[str]) -> dict[str, Preferences]:
    """The preferences with these keys."""
    return {
        row.key: row
        for chunk in chunked(keys)
        for row in tx.scalars(select(Preferences).where(is_one_of(tx, Preferences.key, chunk)))
    }


def add_consent(
    tx: Tx, subscriber: Subscriber, action: ConsentAction, origin: str, *, wording: str, now: datetime
) -> None:
    """Record what a subscriber agreed to."""
    tx.add(Consent(subscriber_id=subscriber.id, at=now, action=action, origin=origin, wording=wording))


def remove_consents(tx: Tx, subscriber: Subscriber, action: ConsentAction) -> None:
    """Delete a subscriber's records of an action."""
    tx.execute(delete(Consent).where(Consent.subscriber_id == subscriber.id, Consent.action == action))


def remove(tx: Tx, subscriber: Subscriber) -> None:
    """Delete a subscriber. The database also deletes their consents, letters, deliveries and feedback."""
    tx.execute(delete(Subscriber).where(Subscriber.id == subscriber.id))


def remove_unconfirmed(tx: Tx, before: datetime) -> int:
    """Delete subscribers who signed up before `before` and never confirmed; returns how many."""
    removed = tx.execute(
        delete(Subscriber)
        .where(
            Subscriber.state == SubscriberState.PENDING,
            Subscriber.confirmed_at.is_(None),
            Subscriber.created_at < before,
        )
        .returning(Subscriber.id)
    )
    return len(removed.all())


def count_by_state(tx: Tx) -> dict[str, int]:
    """How many subscribers are in each state."""
    rows = tx.execute(select(Subscriber.state, func.count()).group_by(Subscriber.state))
    return {row[0]: row[1] for row in rows}


def resume_paused(tx: Tx, now: datetime) -> int:
    """Reactivate subscribers whose pause has ended; returns how many."""
    resumed = tx.execute(
        update(Subscriber)
        .where(Subscriber.state == SubscriberState.PAUSED, Subscriber.paused_until <= now)
        .values(state=SubscriberState.ACTIVE, paused_until=None, next_due_at=None)
        .returning(Subscriber.id)
    )
    return len(resumed.all())


def count_by_region(tx: Tx) -> Counter[str]:
    """How many subscribers chose each region itself, not one that contains it.

    Those who left or are suppressed do not count.
    """
    # They are counted before the join, which would be made for each subscriber.
    by_key = (
        select(Subscriber.preferences_key, func.count().label("count"))
        .where(Subscriber.state.in_(PRESENT_STATES))
        .group_by(Subscriber.preferences_key)
        .subquery()
    )
    query = select(Preferences.regions, by_key.c.count).join(
        by_key, by_key.c.preferences_key == Preferences.key
    )
    counts: Counter[str] = Counter()
    for regions, count in tx.execute(query):
        counts.update(dict.fromkeys(regions, count))
    return counts


def next_due_counts(tx: Tx, until: datetime, limit: int) -> Sequence[tuple[datetime, int]]:
    """The first moments up to `until`, at most `limit`, at which active subscribers are due, with their number."""
    query = (
        select(Subscriber.next_due_at, func.count())
        .where(Subscriber.state == SubscriberState.ACTIVE, Subscriber.next_due_at <= until)
        .group_by(Subscriber.next_due_at)
        .order_by(Subscriber.next_due_at)
    )
    return [(row[0], row[1]) for row in tx.execute(query.limit(limit)) if row[0] is not None]


@dataclass(frozen=True, slots=True)
class ScheduledGroup:
    """Subscribers who are due at the same times and get the same digest, and how many they are."""

    cadence: Cadence
    weekday: int
    send_minute: int
    zone: str
    preferences_key: str
    next_due_at: datetime | None
    last_slot_at: datetime | None
    paused_until: datetime | None
    subscribers: int


def scheduled_groups(tx: Tx) -> Sequence[ScheduledGroup]:
    """All active and paused subscribers, grouped by when they are due and what they get."""
    # A due time from before a pause does not count: it is computed again when the pause ends.
    due = case((Subscriber.state == SubscriberState.ACTIVE, Subscriber.next_due_at), else_=None)
    columns = (
        Subscriber.cadence,
        Subscriber.weekday,
        Subscriber.send_minute,
        Subscriber.zone,
        Subscriber.preferences_key,
        due,
        Subscriber.last_slot_at,
        Subscriber.paused_until,
    )
    query = select(*columns, func.count()).where(Subscriber.state.in_(SUBSCRIBED_STATES))
    return [ScheduledGroup(*row) for row in tx.execute(query.group_by(*columns))]


def iterate_all(tx: Tx) -> Iterator[Subscriber]:
    """All subscribers in the order of their ids, without loading all into memory."""
    query = select(Subscriber).options(joinedload(Subscriber.preferences)).order_by(Subscriber.id)
    yield from tx.scalars(query.execution_options(yield_per=1000))


def consents(tx: Tx, subscriber: Subscriber) -> Sequence[Consent]:
    """The consents of a subscriber, oldest first."""
    return tx.scalars(
        select(Consent).where(Consent.subscriber_id == subscriber.id).order_by(Consent.id)
    ).all()


def count_by_preferences(tx: Tx) -> Sequence[tuple[Sequence[str], int]]:
    """The regions of each set of preferences, and how many active subscribers have it."""
    query = (
        select(Preferences.regions, func.count())
        .join(Subscriber, Subscriber.preferences_key == Preferences.key)
        .where(Subscriber.state == SubscriberState.ACTIVE)
        .group_by(Preferences.key)
    )
    return [(row[0], row[1]) for row in tx.execute(query)]


class SharedPreferences(NamedTuple):
    """Preferences, and how many active subscribers have them."""

    preferences: Preferences
    subscribers: int


def most_common_preferences(tx: Tx, *, limit: int = 5) -> Sequence[SharedPreferences]:
    """The preferences that most active subscribers share, most shared first."""
    count = func.count().label("subscribers")
    query = (
        select(Preferences, count)
        .join(Subscriber, Subscriber.preferences_key == Preferences.key)
        .where(Subscriber.state == SubscriberState.ACTIVE)
        .group_by(Preferences.key)
        .order_by(count.desc(), Preferences.key)
    )
    return [SharedPreferences(*row) for row in tx.execute(query.limit(limit))]
