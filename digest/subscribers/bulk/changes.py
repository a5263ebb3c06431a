"""What managers do with many subscribers at once. All but an erasure can be undone for an hour."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from digest.database import Database
from digest.errors import ConflictError, InvalidInputError, NewsroomText, NotFoundError
from digest.subscribers import lifecycle
from digest.subscribers.bulk import store
from digest.subscribers.lifecycle import LONGEST_PAUSE
from digest.subscribers.states import SUBSCRIBED_STATES, BulkAction
from digest.subscribers.store import listing
from digest.webhooks.recording import record_many
from digest.webhooks.states import EventType

MAX_CHANGED = 10_000  # subscribers of one change: some seconds of work
MAX_ERASED = 500  # each is erased with their deliveries, in a transaction of its own
# What is missed meanwhile is in the next digests; later, too much has happened.
UNDO_TIME = timedelta(hours=1)


class Changed(NamedTuple):
    """A change of many subscribers: what undoes it, and how many it changed."""

    change_id: int
    subscribers: int


class Undone(NamedTuple):
    """What undoing did: the action, how many got their earlier state back, and how many were left as they are."""

    action: BulkAction
    restored: int
    left: int


def pause(db: Database, subscriber_ids: Sequence[int], *, until: datetime, now: datetime) -> Changed:
    """Send nothing until `until` to those who get digests. Raises InvalidInputError."""
    if not now < until <= now + LONGEST_PAUSE:
        raise InvalidInputError(
            NewsroomText(
                "%(until)s is not a day within the next year; a pause needs one to end on.",
                until=until.date(),
            )
        )
    return _change(db, BulkAction.PAUSE, subscriber_ids, now, until=until)


def resume(db: Database, subscriber_ids: Sequence[int], now: datetime) -> Changed:
    """End the pauses of those who are paused. Their next digests have the news of the pause."""
    return _change(db, BulkAction.RESUME, subscriber_ids, now)


def unsubscribe(db: Database, subscriber_ids: Sequence[int], now: datetime) -> Changed:
    """Unsubscribe those who have not left before."""
    return _change(db, BulkAction.UNSUBSCRIBE, subscriber_ids, now)


def undo(db: Database, change_id: int, now: datetime) -> Undone:
    """Give back the earlier state to those whom nobody has changed since, neither themselves nor feedback.

    Raises NotFoundError if it is too late, and ConflictError if it was done before.
    """
    with db.begin() as tx:
        row = store.by_id(tx, change_id)
        if row.undone_at is not None:
            raise ConflictError(NewsroomText("This has been undone already."))
        if now - row.at > UNDO_TIME:
            raise NotFoundError(NewsroomText("It is too late to undo this."))
        row.undone_at = now
        restored = store.undo(tx, row)
        if row.action is BulkAction.UNSUBSCRIBE:
            back = [subscriber_id for subscriber_id, state in restored.items() if state in SUBSCRIBED_STATES]
            event = EventType.SUBSCRIBER_JOINED
        else:
            back, event = list(restored), EventType.SUBSCRIBER_CHANGED
        record_many(tx, event, now, ({"id": subscriber_id} for subscriber_id in back))
        return Undone(row.action, len(restored), store.count(tx, change_id) - len(restored))


def forget(db: Database, now: datetime) -> int:
    """Delete the changes that can't be undone any more; returns how many."""
    with db.begin() as tx:
        return store.forget(tx, now - UNDO_TIME)


def erase(db: Database, subscriber_ids: Sequence[int], *, secret: str, now: datetime) -> int:
    """Erase their data. Returns how many there were; those who were erased in the meantime do not count."""
    with db.read() as tx:
        public_ids = listing.public_ids(tx, subscriber_ids)
    erased = 0
    for public_id in public_ids:
        try:
            lifecycle.erase(db, public_id, secret=secret, now=now)
        except NotFoundError:
            continue
        erased += 1
    return erased


def _change(
    db: Database,
    action: BulkAction,
    subscriber_ids: Sequence[int],
    now: datetime,
    *,
    until: datetime | None = None,
) -> Changed:
    event = EventType.SUBSCRIBER_LEFT if action is BulkAction.UNSUBSCRIBE else EventType.SUBSCRIBER_CHANGED
    with db.begin() as tx:
        change_id, changed = store.change(tx, action, subscriber_ids, now, until=until)
        record_many(tx, event, now, ({"id": subscriber_id} for subscriber_id in changed))
    return Changed(change_id, len(changed))
