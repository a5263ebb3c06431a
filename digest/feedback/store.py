"""Queries over feedback."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from digest.database import Tx
from digest.feedback.models import Feedback


def add(tx: Tx, subscriber_id: int, kind: str, origin: str, *, now: datetime) -> None:
    """Keep a piece of feedback."""
    tx.add(Feedback(at=now, kind=kind, origin=origin, subscriber_id=subscriber_id))


def of_subscriber(tx: Tx, subscriber_id: int) -> Sequence[Feedback]:
    """What came back from a subscriber, newest first."""
    query = select(Feedback).where(Feedback.subscriber_id == subscriber_id)
    return tx.scalars(query.order_by(Feedback.id.desc())).all()


def count_since(tx: Tx, since: datetime) -> int:
    """How much came back since a moment."""
    return tx.scalar(select(func.count()).select_from(Feedback).where(Feedback.at >= since)) or 0
