"""Queries of imports: many subscribers in a few statements."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert as sql_insert
from sqlalchemy import select

from digest.database import Tx, chunked, dialect_insert
from digest.subscribers.models import Consent, Subscriber
from digest.subscribers.pure.email_address import EmailAddress
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import ConsentAction, SubscriberState
from digest.subscribers.store import subscribers


def known_keys(tx: Tx, keys: Iterable[str]) -> set[str]:
    """Those of the address keys that a subscriber has, in any state."""
    return {
        row
        for chunk in chunked(keys)
        for row in tx.scalars(select(Subscriber.email_key).where(Subscriber.email_key.in_(chunk)))
    }


def add_active(
    tx: Tx, newcomers: Mapping[EmailAddress, Subscription], *, wording: str, now: datetime
) -> Sequence[int]:
    """Add active subscribers with the consent that was imported with them, in a few statements; returns their ids.

    Addresses that have a subscriber are left out, also those that come at the same time.
    """
    subscribers.ensure_preferences(tx, *newcomers.values())
    rows = [
        {
            "public_id": secrets.token_urlsafe(12),
            "email": address.email,
            "email_key": address.key,
            "state": SubscriberState.ACTIVE,
            "preferences_key": subscription.preferences_key,
            "cadence": subscription.cadence,
            "weekday": subscription.weekday,
            "send_minute": subscription.send_minute,
            "zone": subscription.zone,
            "created_at": now,
            "confirmed_at": now,
        }
        for address, subscription in newcomers.items()
    ]
    insert = dialect_insert(tx, Subscriber).on_conflict_do_nothing(index_elements=["email_key"])
    added = tx.scalars(insert.returning(Subscriber.id), rows).all() if rows else []
    consent = {"at": now, "action": ConsentAction.IMPORTED, "origin": "import", "wording": wording}
    if added:
        tx.execute(sql_insert(Consent), [consent | {"subscriber_id": row_id} for row_id in added])
    return added
