"""Whether a subscriber has moved to another address: what comes back from the old one is not about the new one."""

from datetime import datetime

from sqlalchemy import select

from digest.database import Tx
from digest.subscribers.models import Consent, Subscriber
from digest.subscribers.states import ConsentAction


def has_moved_since(tx: Tx, subscriber: Subscriber, moment: datetime) -> bool:
    """Whether a subscriber moved to another address at `moment` or later."""
    moved = select(Consent.id).where(
        Consent.subscriber_id == subscriber.id, Consent.action == ConsentAction.MOVED, Consent.at >= moment
    )
    return tx.scalar(moved.limit(1)) is not None
