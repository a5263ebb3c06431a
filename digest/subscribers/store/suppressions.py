"""Queries over the suppressed addresses as a list: whose they are, and why."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from digest.database import Tx, insert_missing
from digest.subscribers.models import Subscriber, Suppression

PAGE = 50  # rows of a page in the admin


def keep(
    tx: Tx, address_hash: str, reason: str, detail: str, *, subscriber_id: int | None, now: datetime
) -> None:
    """Never write to this address again, and say whose it is and why; what was known of it before stays.

    But a complaint is more than a bounce: nobody may take it for a mistake.
    """
    row = {
        "address_hash": address_hash,
        "reason": reason,
        "detail": detail,
        "at": now,
        "subscriber_id": subscriber_id,
    }
    insert_missing(tx, Suppression, [row], keys=["address_hash"])
    mine = update(Suppression).where(Suppression.address_hash == address_hash)
    tx.execute(mine.where(Suppression.subscriber_id.is_(None)).values(subscriber_id=subscriber_id))
    if reason == "complained":
        tx.execute(mine.where(Suppression.reason == "bounced").values(reason=reason, detail=detail))


def everyone(tx: Tx) -> Iterator[tuple[Suppression, str | None]]:
    """All suppressions with their readers' addresses, oldest first; None where only the hash is left."""
    query = select(Suppression, Subscriber.email).outerjoin(
        Subscriber, Subscriber.id == Suppression.subscriber_id
    )
    rows = tx.execute(
        query.order_by(Suppression.at, Suppression.address_hash).execution_options(yield_per=1000)
    )
    for row in rows:
        yield row[0], row[1]


def listing(
    tx: Tx, reason: str, *, page: int = 1
) -> tuple[Sequence[tuple[Suppression, Subscriber | None]], int]:
    """A page of the suppressed addresses, newest first, and how many there are in all."""
    where = [Suppression.reason == reason] if reason else []
    query = select(Suppression, Subscriber).outerjoin(Subscriber, Subscriber.id == Suppression.subscriber_id)
    newest = query.where(*where).order_by(Suppression.at.desc(), Suppression.address_hash)
    total = tx.scalar(select(func.count()).select_from(Suppression).where(*where)) or 0
    return [(row[0], row[1]) for row in tx.execute(newest.limit(PAGE).offset((page - 1) * PAGE))], total


def count_by_reason(tx: Tx) -> dict[str, int]:
    """How many addresses are suppressed for which reason."""
    query = select(Suppression.reason, func.count()).group_by(Suppression.reason)
    return {row[0]: row[1] for row in tx.execute(query.order_by(Suppression.reason))}
