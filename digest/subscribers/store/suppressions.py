"""Queries over suppressed addresses. `digest/subscribers/lifecycle.py` decides when to add or remove one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select, update

from digest.database import Tx, chunked, insert_missing, is_one_of
from digest.subscribers.models import Subscriber, Suppression
from digest.subscribers.states import SuppressionReason

PAGE_SIZE = 50  # rows of a page in the admin


@dataclass(frozen=True, slots=True)
class SuppressionCause:
    """Why an address is suppressed, and the words of the mail server or editor."""

    reason: SuppressionReason
    detail: str = ""


class ListedSuppression(NamedTuple):
    """A suppression, and the subscriber with this address if we know them."""

    suppression: Suppression
    subscriber: Subscriber | None


class ExportedSuppression(NamedTuple):
    """A suppression, and the address; None where only the hash is left."""

    suppression: Suppression
    email: str | None


def add(
    tx: Tx, address_hash: str, cause: SuppressionCause, *, subscriber_id: int | None, now: datetime
) -> None:
    """Suppress an address. An earlier suppression keeps its reason and detail; without a subscriber, it gets this one.

    A complaint replaces a bounce as the reason, because a bounce may be lifted as a mistake.
    """
    row = {
        "address_hash": address_hash,
        "reason": cause.reason,
        "detail": cause.detail,
        "at": now,
        "subscriber_id": subscriber_id,
    }
    insert_missing(tx, Suppression, [row], keys=["address_hash"])
    update_query = update(Suppression).where(Suppression.address_hash == address_hash)
    if subscriber_id is not None:
        tx.execute(
            update_query.where(Suppression.subscriber_id.is_(None)).values(subscriber_id=subscriber_id)
        )
    if cause.reason == SuppressionReason.COMPLAINED:
        bounced = Suppression.reason == SuppressionReason.BOUNCED
        tx.execute(update_query.where(bounced).values(reason=cause.reason, detail=cause.detail))


def find_by_hash(tx: Tx, address_hash: str) -> Suppression | None:
    """The suppression of an address, if there is one."""
    return tx.get(Suppression, address_hash)


def suppressed_hashes(tx: Tx, hashes: Iterable[str]) -> set[str]:
    """Those of the hashes whose address is suppressed."""
    return {
        row
        for chunk in chunked(hashes)
        for row in tx.scalars(
            select(Suppression.address_hash).where(is_one_of(tx, Suppression.address_hash, chunk))
        )
    }


def remove(tx: Tx, address_hash: str) -> None:
    """Delete the suppression of an address, if there is one."""
    tx.execute(delete(Suppression).where(Suppression.address_hash == address_hash))


def iterate_all(tx: Tx) -> Iterator[ExportedSuppression]:
    """All suppressions, oldest first."""
    query = select(Suppression, Subscriber.email).outerjoin(
        Subscriber, Subscriber.id == Suppression.subscriber_id
    )
    rows = tx.execute(
        query.order_by(Suppression.at, Suppression.address_hash).execution_options(yield_per=1000)
    )
    for suppression, email in rows:
        yield ExportedSuppression(suppression, email)


def search(tx: Tx, reason: str, *, page: int = 1) -> tuple[Sequence[ListedSuppression], int]:
    """A page of suppressions for a reason ("": for any), newest first, and how many there are in all."""
    where = [Suppression.reason == reason] if reason else []
    query = select(Suppression, Subscriber).outerjoin(Subscriber, Subscriber.id == Suppression.subscriber_id)
    newest = query.where(*where).order_by(Suppression.at.desc(), Suppression.address_hash)
    total = tx.scalar(select(func.count()).select_from(Suppression).where(*where)) or 0
    rows = tx.execute(newest.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    return [ListedSuppression(suppression, subscriber) for suppression, subscriber in rows], total


def count_by_reason(tx: Tx) -> dict[str, int]:
    """How many addresses are suppressed for each reason."""
    query = select(Suppression.reason, func.count()).group_by(Suppression.reason)
    return {row[0]: row[1] for row in tx.execute(query.order_by(Suppression.reason))}
