"""Pages of subscribers and suppressions, for programs that read all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from digest.database import Tx, page_after
from digest.subscribers.models import Subscriber, Suppression
from digest.subscribers.states import SubscriberState, SuppressionReason


@dataclass(frozen=True, slots=True)
class SubscriberSelection:
    """Which subscribers are listed. Empty fields do not filter."""

    state: SubscriberState | None = None
    email_key: str = ""


def subscribers_after(
    tx: Tx, selection: SubscriberSelection, *, after: int | None, limit: int
) -> Sequence[Subscriber]:
    """The subscribers with larger ids than `after`, by id; one more than `limit` if there are more."""
    query = select(Subscriber).options(joinedload(Subscriber.preferences))
    if selection.state is not None:
        query = query.where(Subscriber.state == selection.state)
    if selection.email_key:
        query = query.where(Subscriber.email_key == selection.email_key)
    return page_after(tx, query, Subscriber.id, after=after, limit=limit)


def suppressions_after(
    tx: Tx, reason: SuppressionReason | None, *, after: str | None, limit: int
) -> Sequence[Suppression]:
    """The suppressions with larger hashes than `after`, by hash; one more than `limit` if there are more."""
    query = select(Suppression)
    if reason is not None:
        query = query.where(Suppression.reason == reason)
    return page_after(tx, query, Suppression.address_hash, after=after, limit=limit)
