"""Queries over letters: add, claim, record the result."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from digest.database import CoreTx, Tx
from digest.errors import NotFoundError, TranslatableText
from digest.subscribers.models import Letter, Subscriber
from digest.subscribers.pure.email_address import EmailAddress
from digest.subscribers.pure.mailbox import mailbox_key
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import OPEN_LETTER_STATES, LetterKind, LetterState

MAX_ANSWER_LENGTH = 500  # characters of a mail server's reply


class AddressedLetter(NamedTuple):
    """A letter, and the subscriber it goes to, with their preferences loaded."""

    letter: Letter
    subscriber: Subscriber


@dataclass(frozen=True, slots=True)
class LetterResult:
    """What became of a claimed letter. `attempts` and `in_doubt` replace the letter's own."""

    state: LetterState
    answer: str
    not_before: datetime
    attempts: int
    in_doubt: bool = False


def count_since(tx: Tx, since: datetime, *, mailbox: str | None = None) -> int:
    """How many letters were planned since a moment, to a mailbox (`mailbox_key`) or to all."""
    query = select(func.count()).select_from(Letter).where(Letter.created_at > since)
    return tx.scalar(query if mailbox is None else query.where(Letter.mailbox_key == mailbox)) or 0


def add(
    tx: Tx,
    subscriber: Subscriber,
    kind: LetterKind,
    subscription: Subscription,
    *,
    now: datetime,
    address: EmailAddress | None = None,
) -> int:
    """Plan a letter that describes a subscription; returns its id. It goes to `address`, or to the subscriber's."""
    own = EmailAddress(subscriber.email, subscriber.email_key)
    letter = Letter(
        public_id=secrets.token_urlsafe(12),
        subscriber_id=subscriber.id,
        kind=kind,
        requested_subscription=subscription.as_json(),
        created_at=now,
        not_before=now,
        address=address.email if address else "",
        mailbox_key=mailbox_key(address or own),
    )
    tx.add(letter)
    tx.flush()
    return letter.id


def find_by_id(tx: Tx, letter_id: int) -> Letter | None:
    """A letter by its id, or None; also None for a number that is too large for the column."""
    return tx.get(Letter, letter_id) if letter_id < 2**63 else None


def confirmation_letter(tx: Tx, public_id: str) -> AddressedLetter:
    """The confirmation letter with this public id. Raises NotFoundError, for example when the subscriber was erased."""
    return by_public_id(tx, public_id, LetterKind.CONFIRM)


def by_public_id(tx: Tx, public_id: str, kind: LetterKind) -> AddressedLetter:
    """The letter of this kind with this public id; raises NotFoundError."""
    query = select(Letter, Subscriber).join(Subscriber, Subscriber.id == Letter.subscriber_id)
    row = tx.execute(
        query.options(joinedload(Subscriber.preferences)).where(
            Letter.public_id == public_id, Letter.kind == kind
        )
    ).first()
    if row is None:
        raise NotFoundError(TranslatableText("There is no subscription behind this link any more."))
    return AddressedLetter(*row)


def any_due(tx: Tx, now: datetime) -> bool:
    """Whether there is a letter to claim. It is called often, and takes no lock."""
    due = select(Letter.id).where(Letter.state.in_(OPEN_LETTER_STATES), Letter.not_before <= now)
    return tx.scalar(due.limit(1)) is not None


def claim(tx: Tx, now: datetime, *, lease: timedelta, limit: int) -> Sequence[AddressedLetter]:
    """Claim due letters, and claimed ones whose lease has ended, until `now + lease`."""
    due = (
        select(Letter.id)
        .where(Letter.state.in_(OPEN_LETTER_STATES), Letter.not_before <= now)
        .order_by(Letter.not_before)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")  # runs once; PostgreSQL may run a plain subquery for each row, and so exceed the limit
    )
    ids = tx.scalars(
        update(Letter)
        .where(Letter.id.in_(select(due.c.id)), Letter.not_before <= now)
        .values(state=LetterState.CLAIMED, not_before=now + lease, attempts=Letter.attempts + 1)
        .returning(Letter.id)
    ).all()
    query = select(Letter, Subscriber).join(Subscriber, Subscriber.id == Letter.subscriber_id)
    rows = tx.execute(query.options(joinedload(Subscriber.preferences)).where(Letter.id.in_(ids)))
    return [AddressedLetter(*row) for row in rows]


def release_claimed(tx: Tx) -> None:
    """Release all claimed letters, after the one sender of letters has died."""
    tx.execute(
        update(Letter)
        .where(Letter.state == LetterState.CLAIMED)
        .values(state=LetterState.PLANNED, not_before=Letter.created_at)
        .execution_options(synchronize_session=False)
    )


def record_result(tx: Tx | CoreTx, letter: Letter, result: LetterResult) -> None:
    """Write the result of a claimed letter. Changes nothing if another process has taken over the claim."""
    # Each claim adds one to the attempts, so their number identifies a claim.
    own_claim = (
        Letter.id == letter.id,
        Letter.state == LetterState.CLAIMED,
        Letter.attempts == letter.attempts,
    )
    tx.execute(
        update(Letter)
        .where(*own_claim)
        .values(
            state=result.state,
            answer=result.answer[:MAX_ANSWER_LENGTH],
            not_before=result.not_before,
            attempts=result.attempts,
            in_doubt=result.in_doubt,
        )
        .execution_options(synchronize_session=False)
    )


def of_subscriber(tx: Tx, subscriber: Subscriber) -> Sequence[Letter]:
    """The letters of a subscriber, newest first."""
    return tx.scalars(
        select(Letter).where(Letter.subscriber_id == subscriber.id).order_by(Letter.id.desc())
    ).all()
