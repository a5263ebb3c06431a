"""Whether a subscriber has moved to another address: what comes back from the old one is not about the new one."""

from datetime import datetime, timedelta

from sqlalchemy import select

from digest.database import Tx
from digest.subscribers.models import Consent, Letter, Subscriber
from digest.subscribers.states import ConsentAction, LetterKind, LetterState

LOST_STATES = (LetterState.REFUSED, LetterState.EXPIRED)  # of letters that nobody got


def has_moved_since(tx: Tx, subscriber: Subscriber, moment: datetime) -> bool:
    """Whether a subscriber moved to another address at `moment` or later."""
    moved = select(Consent.id).where(
        Consent.subscriber_id == subscriber.id, Consent.action == ConsentAction.MOVED, Consent.at >= moment
    )
    return tx.scalar(moved.limit(1)) is not None


def pending_move(tx: Tx, subscriber: Subscriber, *, link_works: timedelta, now: datetime) -> Letter | None:
    """The newest letter whose link still moves a subscriber to another address, if there is one."""
    query = select(Letter).where(
        Letter.subscriber_id == subscriber.id,
        Letter.kind == LetterKind.ADDRESS,
        Letter.state.not_in(LOST_STATES),
        Letter.created_at > now - link_works,
    )
    letter = tx.scalars(query.order_by(Letter.id.desc()).limit(1)).first()
    return None if letter is None or has_moved_since(tx, subscriber, letter.created_at) else letter
