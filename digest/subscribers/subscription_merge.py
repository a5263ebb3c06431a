"""Changes what a subscriber gets, depending on what is stored when the change is made."""

from collections.abc import Callable
from datetime import datetime

from digest.database import Database, Tx, lock_row
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.store import subscribers as store
from digest.webhooks.recording import record
from digest.webhooks.states import EventType


def merge_subscription(
    db: Database, subscriber_id: int, decide: Callable[[Tx, Subscription], Subscription], *, now: datetime
) -> tuple[Subscriber, Subscriber]:
    """Store what `decide` makes of the stored subscription, or nothing if it makes the same of it or raises.

    Returns the subscriber as they were and as they are. Nobody else changes them between the two.
    """
    with db.begin() as tx:
        row = store.by_id(tx, subscriber_id)
        lock_row(tx, row)
        with db.read() as other:
            before = store.by_id(other, subscriber_id)
        stored = store.subscription_of(row)
        wanted = decide(tx, stored)
        if wanted != stored:
            store.apply_subscription(tx, row, wanted)
            record(tx, EventType.SUBSCRIBER_CHANGED, now, id=row.id)
    with db.read() as tx:
        return before, store.by_id(tx, subscriber_id)
