"""What managers do with many subscribers at once. All but an erasure can be undone for an hour."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from digest.database import Database
from digest.errors import ConflictError, InvalidInputError, NewsroomText, NotFoundError
from digest.subscribers import lifecycle
from digest.subscribers.bulk import store
from digest.subscribers.bulk.models import BulkChange
from digest.subscribers.lifecycle import LONGEST_PAUSE
from digest.subscribers.states import SUBSCRIBED_STATES, BulkAction
from digest.subscribers.store import listing
from digest.webhooks.recording import record_many
from digest.webhooks.states import EventType

MAX_CHANGED = 10_000  # subscribers of one change: some seconds of work
MAX_ERASED = 500  # each is erased with their deliveries, in a transaction of its own
# What is missed meanwhile is in the next digests; later, too much has happened.
UNDO_TIME = timedelta(hours=1)
MAX_OFFERED = 20  # changes to undo, in the list on the page


class Changed(NamedTuple):
    """A change of many subscribers: what undoes it, and how many it changed."""

    change_id: int
    subscribers: int


class Undone(NamedTuple):
    """What undoing did: the action, and how many subscribers got their earlier state back.

    `later` have been changed by a later change, and get it when that is undone; `left` stay as they are.
    """

    action: BulkAction
    restored: int
    later: int
    left: int


def pause(
    db: Database, subscriber_ids: Sequence[int], *, until: datetime, now: datetime, by: str = ""
) -> Changed:
    """Send nothing until `until` to those who get digests. `by` is who wants it. Raises InvalidInputError."""
    if not now < until <= now + LONGEST_PAUSE:
        raise InvalidInputError(
            NewsroomText(
                "%(until)s is not a day within the next year; a pause needs one to end on.",
                until=until.date(),
            )
        )
    return _change(db, BulkChange(action=BulkAction.PAUSE, at=now, until=until, account=by), subscriber_ids)


def resume(db: Database, subscriber_ids: Sequence[int], now: datetime, by: str = "") -> Changed:
    """End the pauses of those who are paused. Their next digests have the news of the pause."""
    return _change(db, BulkChange(action=BulkAction.RESUME, at=now, account=by), subscriber_ids)


def unsubscribe(db: Database, subscriber_ids: Sequence[int], now: datetime, by: str = "") -> Changed:
    """Unsubscribe those who have not left before."""
    return _change(db, BulkChange(action=BulkAction.UNSUBSCRIBE, at=now, account=by), subscriber_ids)


def undo(db: Database, change_id: int, now: datetime) -> Undone:
    """Give back the earlier state to those whom nobody has changed since, neither themselves nor feedback.

    Those whom a later change was about get it when that is undone: changes can be undone in any order.

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
        later = store.undo_below_later_changes(tx, row)
        if row.action is BulkAction.UNSUBSCRIBE:
            back = [subscriber_id for subscriber_id, state in restored.items() if state in SUBSCRIBED_STATES]
            event = EventType.SUBSCRIBER_JOINED
        else:
            back, event = list(restored), EventType.SUBSCRIBER_CHANGED
        record_many(tx, event, now, ({"id": subscriber_id} for subscriber_id in back))
        left = store.count(tx, change_id) - len(restored) - later
        return Undone(row.action, len(restored), later, left)


def undoable(db: Database, now: datetime) -> Sequence[tuple[BulkChange, int]]:
    """The changes that can be undone, the last one first, each with the number of its subscribers."""
    with db.read() as tx:
        return store.recent(tx, now - UNDO_TIME, MAX_OFFERED)


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


def _change(db: Database, row: BulkChange, subscriber_ids: Sequence[int]) -> Changed:
    is_leaving = row.action is BulkAction.UNSUBSCRIBE
    event = EventType.SUBSCRIBER_LEFT if is_leaving else EventType.SUBSCRIBER_CHANGED
    with db.begin() as tx:
        change_id, changed = store.change(tx, row, subscriber_ids)
        record_many(tx, event, row.at, ({"id": subscriber_id} for subscriber_id in changed))
    return Changed(change_id, len(changed))
