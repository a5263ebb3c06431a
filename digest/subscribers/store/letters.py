"""Queries over letters: owe, claim, answer."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import joinedload

from digest.database import Tx
from digest.errors import NotFoundError, Sentence
from digest.subscribers.models import Letter, Subscriber
from digest.subscribers.pure.subscription import Wishes


def count_since(tx: Tx, subscriber: Subscriber, since: datetime) -> int:
    """How many letters a subscriber was owed since a moment; name+a@ and name+b@ are one inbox, so count together."""
    query = select(func.count()).select_from(Letter).where(Letter.created_at > since)
    name, plus, rest = subscriber.email_key.partition("+")
    if not plus or "@" in name:
        return tx.scalar(query.where(Letter.subscriber_id == subscriber.id)) or 0
    domain = "@" + rest.rpartition("@")[2]
    tagged = Subscriber.email_key.startswith(name + "+", autoescape=True)
    family = or_(
        Subscriber.email_key == name + domain, tagged & Subscriber.email_key.endswith(domain, autoescape=True)
    )
    return tx.scalar(query.join(Subscriber, Subscriber.id == Letter.subscriber_id).where(family)) or 0


def owe(tx: Tx, subscriber: Subscriber, kind: str, wishes: Wishes, *, now: datetime) -> int:
    """Put a letter on the list of those to be sent; it tells of these wishes."""
    letter = Letter(
        public_id=secrets.token_urlsafe(12),
        subscriber_id=subscriber.id,
        kind=kind,
        wishes=wishes.as_json(),
        created_at=now,
        not_before=now,
    )
    tx.add(letter)
    tx.flush()
    return letter.id


def to_confirm(tx: Tx, public_id: str) -> tuple[Letter, Subscriber]:
    """The letter that a link to confirm came in, and who it went to; raises NotFoundError (erased since, say)."""
    query = select(Letter, Subscriber).join(Subscriber, Subscriber.id == Letter.subscriber_id)
    found = tx.execute(
        query.options(joinedload(Subscriber.preferences)).where(
            Letter.public_id == public_id, Letter.kind == "confirm"
        )
    ).first()
    if found is None:
        raise NotFoundError(Sentence("There is no subscription behind this link any more."))
    return found[0], found[1]


def any_due(tx: Tx, now: datetime) -> bool:
    """Whether there is a letter to be claimed; asked often, and takes no lock."""
    due = select(Letter.id).where(Letter.state.in_(("planned", "claimed")), Letter.not_before <= now)
    return tx.scalar(due.limit(1)) is not None


def claim(tx: Tx, now: datetime, *, lease: timedelta, limit: int) -> Sequence[tuple[Letter, Subscriber]]:
    """Take letters that are due, and those whose taker's lease has run out, for `lease`."""
    due = (
        select(Letter.id)
        .where(Letter.state.in_(("planned", "claimed")), Letter.not_before <= now)
        .order_by(Letter.not_before)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")  # runs once; a plain subquery PostgreSQL may run for each row, and so pass the limit
    )
    taken = tx.scalars(
        update(Letter)
        .where(Letter.id.in_(select(due.c.id)), Letter.not_before <= now)
        .values(state="claimed", not_before=now + lease, attempts=Letter.attempts + 1)
        .returning(Letter.id)
    ).all()
    query = select(Letter, Subscriber).join(Subscriber, Subscriber.id == Letter.subscriber_id)
    return [
        (row[0], row[1])
        for row in tx.execute(query.options(joinedload(Subscriber.preferences)).where(Letter.id.in_(taken)))
    ]


@dataclass(frozen=True, slots=True)
class LetterAnswer:
    """What became of a letter that was claimed; `attempts` is what it is to count from now on."""

    state: str
    answer: str
    not_before: datetime
    attempts: int


def answered(tx: Tx, letter: Letter, told: LetterAnswer) -> None:
    """Keep what became of a letter. Each claim counts its attempts up: one that was lost since changes nothing."""
    mine = (Letter.id == letter.id, Letter.state == "claimed", Letter.attempts == letter.attempts)
    tx.execute(
        update(Letter)
        .where(*mine)
        .values(
            state=told.state,
            answer=told.answer[:500],
            not_before=told.not_before,
            attempts=told.attempts,
        )
        .execution_options(synchronize_session=False)
    )


def of_subscriber(tx: Tx, subscriber: Subscriber) -> Sequence[Letter]:
    """The letters a subscriber was owed, newest first."""
    return tx.scalars(
        select(Letter).where(Letter.subscriber_id == subscriber.id).order_by(Letter.id.desc())
    ).all()
