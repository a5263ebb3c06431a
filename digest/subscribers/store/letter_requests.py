"""Queries over requests for letters."""

from collections.abc import Iterable

from sqlalchemy import delete, func, select

from digest.database import Tx
from digest.subscribers.models import LetterRequest


def add(tx: Tx, request: LetterRequest) -> None:
    """Insert a request."""
    tx.add(request)


def add_all(tx: Tx, requests: Iterable[LetterRequest]) -> None:
    """Insert requests, in their order."""
    tx.add_all(requests)


def any_waiting(tx: Tx) -> bool:
    """Whether a request waits. It is called often, and takes no lock."""
    return tx.scalar(select(LetterRequest.id).limit(1)) is not None


def count_waiting(tx: Tx) -> int:
    """How many requests wait."""
    return tx.scalar(select(func.count()).select_from(LetterRequest)) or 0


def take_oldest(tx: Tx) -> LetterRequest | None:
    """Delete the oldest request that no other transaction has taken, and return it."""
    oldest = select(LetterRequest).order_by(LetterRequest.id).limit(1).with_for_update(skip_locked=True)
    request = tx.scalar(oldest)
    if request is not None:
        tx.execute(delete(LetterRequest).where(LetterRequest.id == request.id))
        tx.expunge(request)
    return request
