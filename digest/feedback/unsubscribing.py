"""Unsubscribing by the one click of RFC 8058 or on the page, recorded as feedback."""

from datetime import datetime
from typing import Literal

from digest.database import Database
from digest.feedback.states import FeedbackKind
from digest.feedback.store import feedback as store
from digest.subscribers import lifecycle
from digest.subscribers.store import subscribers


def unsubscribe(db: Database, public_id: str, *, origin: Literal["one-click", "page"], now: datetime) -> bool:
    """Unsubscribe a subscriber; false when they had left already. Raises NotFoundError when they were erased."""
    with db.begin() as tx:
        subscriber = subscribers.by_public_id(tx, public_id)
        if not lifecycle.leave(tx, subscriber, now):
            return False
        store.add(tx, subscriber, FeedbackKind.UNSUBSCRIBE, origin, now=now)
        return True
