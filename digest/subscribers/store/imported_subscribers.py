"""Queries of imports: many subscribers in a few statements."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert as sql_insert
from sqlalchemy import select

from digest.database import Tx, chunked, dialect_insert, is_one_of
from digest.subscribers.models import Consent, Subscriber
from digest.subscribers.pure.email_address import EmailAddress
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import ConsentAction, SubscriberState
from digest.subscribers.store import subscribers


@dataclass(frozen=True, slots=True)
class ImportedPerson:
    """A subscriber to add, and how they agreed: their `origin` (a network address, or "import") and the wording.

    Moments that are not known are those of the import. With `left_at` they have left, with
    `paused_until` they are paused.
    """

    address: EmailAddress
    subscription: Subscription
    wording: str
    origin: str = "import"
    joined_at: datetime | None = None
    confirmed_at: datetime | None = None
    left_at: datetime | None = None
    paused_until: datetime | None = None

    @property
    def state(self) -> SubscriberState:
        """The state in which they are added."""
        if self.left_at:
            return SubscriberState.UNSUBSCRIBED
        return SubscriberState.PAUSED if self.paused_until else SubscriberState.ACTIVE

    @property
    def agreed_at(self) -> datetime | None:
        """When they agreed, as far as it is known."""
        return self.confirmed_at or self.joined_at


def known_keys(tx: Tx, keys: Iterable[str]) -> set[str]:
    """Those of the address keys that a subscriber has, in any state."""
    return {
        row
        for chunk in chunked(keys)
        for row in tx.scalars(select(Subscriber.email_key).where(is_one_of(tx, Subscriber.email_key, chunk)))
    }


def add(tx: Tx, people: Iterable[ImportedPerson], now: datetime) -> Sequence[int]:
    """Add subscribers with the consents that were imported with them, in a few statements; returns the ids of all.

    Addresses that have a subscriber are left out, also those that come at the same time.
    """
    by_key = {person.address.key: person for person in people}
    if not by_key:
        return []
    subscribers.ensure_preferences(tx, *(person.subscription for person in by_key.values()))
    rows = [_row(person, now) for person in by_key.values()]
    insert = dialect_insert(tx, Subscriber).on_conflict_do_nothing(index_elements=["email_key"])
    added = tx.execute(insert.returning(Subscriber.id, Subscriber.email_key), rows).all()
    consents = [
        {
            "subscriber_id": subscriber_id,
            "at": by_key[key].agreed_at or now,
            "action": ConsentAction.IMPORTED,
            "origin": by_key[key].origin,
            "wording": by_key[key].wording,
        }
        for subscriber_id, key in added
    ]
    if consents:
        tx.execute(sql_insert(Consent), consents)
    return [row[0] for row in added]


def _row(person: ImportedPerson, now: datetime) -> dict[str, Any]:
    return {
        "public_id": secrets.token_urlsafe(12),
        "email": person.address.email,
        "email_key": person.address.key,
        "state": person.state,
        "preferences_key": person.subscription.preferences_key,
        "cadence": person.subscription.cadence,
        "weekday": person.subscription.weekday,
        "send_minute": person.subscription.send_minute,
        "zone": person.subscription.zone,
        "created_at": person.joined_at or person.confirmed_at or now,
        "confirmed_at": person.agreed_at or now,
        "left_at": person.left_at,
        "paused_until": person.paused_until,
    }
