"""Queries over what the newsroom wrote down about subscribers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from digest.database import Tx
from digest.errors import NewsroomText, NotFoundError
from digest.subscribers.models import SubscriberNote


def add(tx: Tx, subscriber_id: int, text: str, *, author: str, now: datetime) -> SubscriberNote:
    """Store a note."""
    note = SubscriberNote(subscriber_id=subscriber_id, text=text, author=author, created_at=now)
    tx.add(note)
    tx.flush()
    return note


def of_subscriber(tx: Tx, subscriber_id: int) -> Sequence[SubscriberNote]:
    """The notes on a subscriber that are not deleted, newest first."""
    query = select(SubscriberNote).where(
        SubscriberNote.subscriber_id == subscriber_id, SubscriberNote.deleted_at.is_(None)
    )
    return tx.scalars(query.order_by(SubscriberNote.id.desc())).all()


def count(tx: Tx, subscriber_id: int) -> int:
    """How many notes a subscriber has, with those that were deleted lately and can be restored."""
    query = select(func.count()).where(SubscriberNote.subscriber_id == subscriber_id)
    return tx.scalar(query) or 0


def by_id(tx: Tx, subscriber_id: int, note_id: int) -> SubscriberNote:
    """A note on a subscriber, also one that was deleted lately. Raises NotFoundError."""
    note = tx.get(SubscriberNote, note_id)
    if note is None or note.subscriber_id != subscriber_id:
        raise NotFoundError(NewsroomText("There is no note %(note_id)s on this subscriber.", note_id=note_id))
    return note


def subscribers_with_notes() -> Any:
    """A query for the ids of the subscribers who have notes."""
    return select(SubscriberNote.subscriber_id).where(SubscriberNote.deleted_at.is_(None))


def remove_deleted(tx: Tx, before: datetime) -> int:
    """Remove the notes that were deleted before a moment; returns how many."""
    removed = delete(SubscriberNote).where(SubscriberNote.deleted_at < before).returning(SubscriberNote.id)
    return len(tx.scalars(removed, execution_options={"synchronize_session": False}).all())
