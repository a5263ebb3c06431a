"""Queries about first digests: those that are due, and the editions that hold them."""

from datetime import datetime

from sqlalchemy import exists, or_, select, update

from digest.database import Tx, insert_missing
from digest.deliveries.models import Delivery
from digest.deliveries.store.plans import execute_rowcount
from digest.deliveries.store.subscriber_scope import SubscriberScope
from digest.editions.models import Edition
from digest.editions.states import EditionKind, EditionState
from digest.editions.store.scheduled import slot_name
from digest.look.store import newest_version
from digest.subscribers.models import Subscriber

DUE = Subscriber.first_digest_since.is_not(None)


def get_or_create_edition(tx: Tx, slot: datetime, *, cutoff: datetime, now: datetime, note: str) -> Edition:
    """The edition with the first digests of those who confirm within a slot, created by the first planner."""
    name = f"first:{slot_name(slot)}"
    row = {
        "kind": EditionKind.FIRST,
        "slot": name,
        "state": EditionState.SENDING,
        "cutoff": cutoff,
        "look": newest_version(tx),
        "created_at": now,
        "audience": {"kind": "first"},
        "note": note,
    }
    insert_missing(tx, Edition, [row], keys=["slot"])
    return tx.scalars(select(Edition).where(Edition.slot == name)).one()


def any_due(tx: Tx) -> bool:
    """Whether the first digest of anybody is due."""
    return tx.scalar(select(Subscriber.id).where(DUE).limit(1)) is not None


def drop(tx: Tx, *, next_due_by: datetime, since_before: datetime) -> int:
    """Send no first digest to those whose next one is due by `next_due_by`, or whose first is due since before then.

    Returns how many they are.
    """
    is_superseded = or_(Subscriber.next_due_at <= next_due_by, Subscriber.first_digest_since < since_before)
    return execute_rowcount(tx, update(Subscriber).where(DUE, is_superseded).values(first_digest_since=None))


def end(tx: Tx, scope: SubscriberScope, edition: Edition) -> None:
    """Record that the first digests of these subscribers are planned.

    Whoever confirmed after the edition's cutoff and got nothing waits for the next one: it may have news of that time.
    """
    gets_it = exists().where(Delivery.edition_id == edition.id, Delivery.subscriber_id == Subscriber.id)
    is_done = or_(gets_it, Subscriber.first_digest_since <= edition.cutoff)
    execute_rowcount(
        tx, update(Subscriber).where(*scope.conditions(), is_done).values(first_digest_since=None)
    )
