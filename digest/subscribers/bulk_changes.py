"""What managers do with many subscribers at once."""

from collections.abc import Sequence
from datetime import datetime

from digest.database import Database
from digest.errors import InvalidInputError, NewsroomText, NotFoundError
from digest.subscribers import lifecycle
from digest.subscribers.lifecycle import LONGEST_PAUSE
from digest.subscribers.store import listing
from digest.webhooks.recording import record_many
from digest.webhooks.states import EventType

MAX_CHANGED = 10_000  # subscribers of one change: some seconds of work
MAX_ERASED = 500  # each is erased with their deliveries, in a transaction of its own


def pause(db: Database, subscriber_ids: Sequence[int], *, until: datetime, now: datetime) -> int:
    """Send them nothing until `until`. Returns how many get digests and so are paused now. Raises InvalidInputError."""
    if not now < until <= now + LONGEST_PAUSE:
        raise InvalidInputError(
            NewsroomText(
                "%(until)s is not a day within the next year; a pause needs one to end on.",
                until=until.date(),
            )
        )
    with db.begin() as tx:
        paused = listing.pause(tx, subscriber_ids, until)
        record_many(
            tx, EventType.SUBSCRIBER_CHANGED, now, ({"id": subscriber_id} for subscriber_id in paused)
        )
    return len(paused)


def resume(db: Database, subscriber_ids: Sequence[int], now: datetime) -> int:
    """End their pauses. Returns how many were paused. Their next digests have the news of the pause."""
    with db.begin() as tx:
        resumed = listing.resume(tx, subscriber_ids)
        record_many(
            tx, EventType.SUBSCRIBER_CHANGED, now, ({"id": subscriber_id} for subscriber_id in resumed)
        )
    return len(resumed)


def unsubscribe(db: Database, subscriber_ids: Sequence[int], now: datetime) -> int:
    """Unsubscribe them. Returns how many had not left before."""
    with db.begin() as tx:
        left = listing.unsubscribe(tx, subscriber_ids, now)
        record_many(tx, EventType.SUBSCRIBER_LEFT, now, ({"id": subscriber_id} for subscriber_id in left))
    return len(left)


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
