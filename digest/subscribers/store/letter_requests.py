"""Queries over requests for letters."""

from collections.abc import Iterable

from sqlalchemy import delete, func, select

from digest.database import Tx
from digest.networks import wide_network
from digest.subscribers.models import LetterRequest


def add(tx: Tx, request: LetterRequest) -> None:
    """Insert a request."""
    add_all(tx, [request])


def add_all(tx: Tx, requests: Iterable[LetterRequest]) -> None:
    """Insert requests, in their order. Each takes its turn after those of its network that wait."""
    waiting: dict[str, int] = {}
    for request in requests:
        network = request.network = wide_network(request.origin)
        if network not in waiting:
            waiting[network] = _count_waiting_of(tx, network)
        request.turn = waiting[network]
        waiting[network] += 1
        tx.add(request)


def _count_waiting_of(tx: Tx, network: str) -> int:
    query = select(func.count()).select_from(LetterRequest).where(LetterRequest.network == network)
    with tx.no_autoflush:
        return tx.scalar(query) or 0


def any_waiting(tx: Tx) -> bool:
    """Whether a request waits. It is called often, and takes no lock."""
    return tx.scalar(select(LetterRequest.id).limit(1)) is not None


def count_waiting(tx: Tx) -> int:
    """How many requests wait."""
    return tx.scalar(select(func.count()).select_from(LetterRequest)) or 0


def take_next(tx: Tx) -> LetterRequest | None:
    """Delete the request whose turn it is, of those that no other transaction has taken, and return it.

    Networks take turns, so a network with hundreds of requests does not delay the only one of another.
    """
    first = (
        select(LetterRequest)
        .order_by(LetterRequest.turn, LetterRequest.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    request = tx.scalar(first)
    if request is not None:
        tx.execute(delete(LetterRequest).where(LetterRequest.id == request.id))
        tx.expunge(request)
    return request
