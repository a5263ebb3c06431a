"""Lifts a suppression and records that as feedback. The transition itself is in `digest/subscribers/lifecycle.py`."""

from datetime import datetime

from digest.database import Database
from digest.feedback.states import FeedbackChannel, FeedbackKind
from digest.feedback.store import feedback as store
from digest.subscribers import lifecycle
from digest.subscribers.pure.email_address import EmailAddress
from digest.subscribers.states import SubscriberState


def lift(
    db: Database, address: EmailAddress, *, secret: str, mistaken: bool, now: datetime
) -> SubscriberState | None:
    """Lift the suppression of an address; returns its subscriber's state now, None for no subscriber.

    `mistaken`: the bounce was not the fault of the address; see `lifecycle.lift`. Raises NotFoundError. Earlier
    soft bounces no longer count.
    """
    with db.begin() as tx:
        subscriber = lifecycle.lift(tx, address, secret=secret, mistaken=mistaken, now=now)
        if subscriber is None:
            return None
        store.add(tx, subscriber, FeedbackKind.LIFTED, FeedbackChannel.EDITOR, now=now)
        return subscriber.state
