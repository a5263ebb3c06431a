"""Queries over subscribers, their letters and the suppressed addresses."""

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, delete, func, select, update
from sqlalchemy.orm import joinedload

from digest.database import Tx, insert_missing
from digest.errors import NotFoundError, Sentence
from digest.subscribers.models import Consent, Preferences, Subscriber, Suppression
from digest.subscribers.pure.email_address import Address
from digest.subscribers.pure.subscription import Wishes

PAGE = 50  # rows of a page in the admin


def by_address(tx: Tx, address: Address) -> Subscriber | None:
    """The subscriber with this address, in any state."""
    return tx.scalar(
        select(Subscriber)
        .options(joinedload(Subscriber.preferences))
        .where(Subscriber.email_key == address.key)
    )


def by_public_id(tx: Tx, public_id: str) -> Subscriber:
    """The subscriber that a signed link names; raises NotFoundError (erased since, say)."""
    found = tx.scalar(
        select(Subscriber)
        .options(joinedload(Subscriber.preferences))
        .where(Subscriber.public_id == public_id)
    )
    if found is None:
        raise NotFoundError(Sentence("There is no subscription behind this link any more."))
    return found


def by_id(tx: Tx, subscriber_id: int) -> Subscriber:
    """A subscriber by row id; raises NotFoundError."""
    found = tx.get(Subscriber, subscriber_id, options=[joinedload(Subscriber.preferences)])
    if found is None:
        raise NotFoundError(f"There is no subscriber {subscriber_id}.")
    return found


def add(tx: Tx, address: Address, wishes: Wishes, now: datetime) -> Subscriber:
    """A new, pending subscriber."""
    subscriber = Subscriber(
        public_id=secrets.token_urlsafe(12), email=address.email, email_key=address.key, created_at=now
    )
    apply(tx, subscriber, wishes)
    tx.add(subscriber)
    tx.flush()
    return subscriber


def apply(tx: Tx, subscriber: Subscriber, wishes: Wishes) -> None:
    """Write what a reader asked for into their row; the next planning computes when they are due."""
    keep_preferences(tx, wishes)
    subscriber.preferences_key = wishes.preferences_key
    subscriber.cadence, subscriber.weekday = wishes.cadence, wishes.weekday
    subscriber.send_minute, subscriber.zone = wishes.send_minute, wishes.zone
    subscriber.next_due_at = None


def wishes_of(subscriber: Subscriber) -> Wishes:
    """What a reader's row says they asked for."""
    return Wishes(
        regions=tuple(subscriber.preferences.regions),
        language=subscriber.preferences.language,
        cadence=subscriber.cadence,
        weekday=subscriber.weekday,
        send_minute=subscriber.send_minute,
        zone=subscriber.zone,
        size=subscriber.preferences.size,
    )


def keep_preferences(tx: Tx, wishes: Wishes) -> None:
    """See to it that the shared row of these preferences exists."""
    row = {
        "key": wishes.preferences_key,
        "regions": list(wishes.regions),
        "language": wishes.language,
        "size": wishes.size,
    }
    insert_missing(tx, Preferences, [row], keys=["key"])


def preferences(tx: Tx, keys: Sequence[str]) -> dict[str, Preferences]:
    """The preferences with these keys."""
    return {row.key: row for row in tx.scalars(select(Preferences).where(Preferences.key.in_(keys)))}


def consent(tx: Tx, subscriber: Subscriber, action: str, origin: str, *, wording: str, now: datetime) -> None:
    """Keep a row of what was agreed to."""
    tx.add(Consent(subscriber_id=subscriber.id, at=now, action=action, origin=origin, wording=wording))


def suppress(tx: Tx, address_hash: str, reason: str, now: datetime) -> None:
    """Never write to this address again."""
    row = {"address_hash": address_hash, "reason": reason, "at": now}
    insert_missing(tx, Suppression, [row], keys=["address_hash"])


def suppressed(tx: Tx, address_hash: str) -> Suppression | None:
    """The suppression of an address, if there is one."""
    return tx.get(Suppression, address_hash)


def lift_suppression(tx: Tx, address_hash: str) -> bool:
    """Allow an address again; false when it was not suppressed."""
    gone = tx.execute(
        delete(Suppression).where(Suppression.address_hash == address_hash).returning(Suppression.reason)
    )
    return gone.first() is not None


def remove(tx: Tx, subscriber: Subscriber) -> None:
    """Delete a subscriber and, by cascade, all that hangs on them."""
    tx.execute(delete(Subscriber).where(Subscriber.id == subscriber.id))


def remove_unconfirmed(tx: Tx, before: datetime) -> int:
    """Forget those who never confirmed; returns how many."""
    gone = tx.execute(
        delete(Subscriber)
        .where(
            Subscriber.state == "pending", Subscriber.confirmed_at.is_(None), Subscriber.created_at < before
        )
        .returning(Subscriber.id)
    )
    return len(gone.all())


def search(tx: Tx, text: str, state: str, *, page: int = 1) -> tuple[Sequence[Subscriber], int]:
    """A page of subscribers whose address contains `text`, newest first, and how many there are in all."""
    where: list[ColumnElement[bool]] = []
    if text:
        where.append(Subscriber.email_key.contains(text.casefold(), autoescape=True))
    if state:
        where.append(Subscriber.state == state)
    rows = (
        select(Subscriber)
        .options(joinedload(Subscriber.preferences))
        .where(*where)
        .order_by(Subscriber.id.desc())
    )
    total = tx.scalar(select(func.count()).select_from(Subscriber).where(*where)) or 0
    return tx.scalars(rows.limit(PAGE).offset((page - 1) * PAGE)).all(), total


def count_by_state(tx: Tx) -> dict[str, int]:
    """How many subscribers are in each state."""
    return {
        row[0]: row[1]
        for row in tx.execute(select(Subscriber.state, func.count()).group_by(Subscriber.state))
    }


def wake_paused(tx: Tx, now: datetime) -> int:
    """Make those active again whose pause is over; returns how many."""
    woken = tx.execute(
        update(Subscriber)
        .where(Subscriber.state == "paused", Subscriber.paused_until <= now)
        .values(state="active", paused_until=None, next_due_at=None)
        .returning(Subscriber.id)
    )
    return len(woken.all())


def all_preferences(tx: Tx) -> Sequence[Preferences]:
    """Every distinct set of preferences that somebody active has."""
    used = select(Subscriber.preferences_key).where(Subscriber.state == "active")
    return tx.scalars(select(Preferences).where(Preferences.key.in_(used))).all()


def readers_by_region(tx: Tx) -> Counter[str]:
    """How many subscribers who get or may again get digests have chosen each region by itself."""
    query = (
        select(Preferences.regions, func.count())
        .join(Subscriber, Subscriber.preferences_key == Preferences.key)
        .where(Subscriber.state.in_(("pending", "active", "paused")))
        .group_by(Preferences.key)
    )
    readers: Counter[str] = Counter()
    for regions, count in tx.execute(query):
        readers.update(dict.fromkeys(regions, count))
    return readers


def forecast(tx: Tx, until: datetime) -> Sequence[tuple[datetime, str, int]]:
    """When how many are due, by preferences, up to a moment."""
    query = (
        select(Subscriber.next_due_at, Subscriber.preferences_key, func.count())
        .where(Subscriber.state == "active", Subscriber.next_due_at <= until)
        .group_by(Subscriber.next_due_at, Subscriber.preferences_key)
        .order_by(Subscriber.next_due_at)
    )
    return [(row[0], row[1], row[2]) for row in tx.execute(query) if row[0] is not None]


@dataclass(frozen=True, slots=True)
class ScheduledGroup:
    """Readers who are due at the same times and get the same, and how many they are."""

    cadence: str
    weekday: int
    send_minute: int
    zone: str
    preferences_key: str
    next_due_at: datetime | None
    last_slot_at: datetime | None
    paused_until: datetime | None
    readers: int


def schedules(tx: Tx) -> Sequence[ScheduledGroup]:
    """All who are active or paused, grouped by when they are due and what they get."""
    # what is left of a schedule from before a pause is computed anew at its end
    due = case((Subscriber.state == "active", Subscriber.next_due_at), else_=None)
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
    query = select(*columns, func.count()).where(Subscriber.state.in_(("active", "paused")))
    return [ScheduledGroup(*row) for row in tx.execute(query.group_by(*columns))]


def everyone(tx: Tx) -> Iterator[Subscriber]:
    """All subscribers, one after the other, without holding them all in memory."""
    query = select(Subscriber).options(joinedload(Subscriber.preferences)).order_by(Subscriber.id)
    yield from tx.scalars(query.execution_options(yield_per=1000))


def consents(tx: Tx, subscriber: Subscriber) -> Sequence[Consent]:
    """What a subscriber agreed to, oldest first."""
    return tx.scalars(
        select(Consent).where(Consent.subscriber_id == subscriber.id).order_by(Consent.id)
    ).all()


def most_wanted(tx: Tx, *, limit: int = 5) -> Sequence[tuple[Preferences, int]]:
    """The preferences that most active subscribers share, and how many those are."""
    readers = func.count().label("readers")
    query = (
        select(Preferences, readers)
        .join(Subscriber, Subscriber.preferences_key == Preferences.key)
        .where(Subscriber.state == "active")
        .group_by(Preferences.key)
        .order_by(readers.desc(), Preferences.key)
    )
    return [(row[0], row[1]) for row in tx.execute(query.limit(limit))]
