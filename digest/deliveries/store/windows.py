"""Queries over the windows of subscribers and the digests that they received before.

A subscriber's window is the time whose news the next digest has. It begins at `last_cutoff`.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select, update

from digest.database import CoreTx, Tx, chunked, is_one_of
from digest.deliveries.models import Delivery
from digest.deliveries.states import NOT_RECEIVED_STATES, DeliveryState
from digest.deliveries.store.plans import (
    ROWS_PER_STATEMENT,
    GroupKey,
    edition_spec,
    has_group_digest,
    window_start,
)
from digest.deliveries.store.subscriber_scope import SubscriberScope
from digest.editions.models import Digest, Edition
from digest.editions.pure.edition_spec import EditionSpec
from digest.subscribers.models import Subscriber
from digest.subscribers.states import SubscriberState


class ReceivedDigest(NamedTuple):
    """A digest that a subscriber may have received, and the group that the subscriber is in now."""

    subscriber_id: int
    group: GroupKey
    digest_id: int


def restore_windows_of_edition(tx: Tx, edition_id: int) -> int:
    """Restore the windows of the subscribers whose deliveries of a cancelled edition are still planned.

    Their next digest has the news again. A window that another edition has moved since then is left as it is. Returns
    how many windows were restored.
    """
    return _restore(tx, Delivery.edition_id == edition_id, Delivery.state == DeliveryState.PLANNED)


def restore_windows(tx: Tx | CoreTx, delivery_ids: Iterable[int]) -> int:
    """Restore the windows of the subscribers who did not receive these deliveries; returns how many.

    Their next digest has the news again. A window that another edition has moved since then is left as it is.
    """
    # A sender calls this after each round of answers, nearly always without a delivery, and then no SQL is built.
    chunks = chunked(delivery_ids, ROWS_PER_STATEMENT)
    return sum(
        _restore(tx, is_one_of(tx, Delivery.id, chunk), Delivery.state.in_(NOT_RECEIVED_STATES))
        for chunk in chunks
    )


def _restore(tx: Tx | CoreTx, *conditions: ColumnElement[bool]) -> int:
    not_received = (
        select(Delivery.subscriber_id, Digest.window_start, Edition.cutoff)
        .join(Digest, Digest.id == Delivery.digest_id)
        .join(Edition, Edition.id == Delivery.edition_id)
        .where(*conditions, Edition.hours == 0, Delivery.in_doubt.is_(False))
        .cte("not_received")
    )
    statement = (
        update(Subscriber)
        .where(Subscriber.id == not_received.c.subscriber_id, Subscriber.last_cutoff == not_received.c.cutoff)
        .values(last_cutoff=not_received.c.window_start)
        .returning(Subscriber.id)  # SQLite's driver counts no rows of a statement that begins with WITH
    )
    return len(tx.scalars(statement, execution_options={"synchronize_session": False}).all())


def find_received_digests(
    tx: Tx, scope: SubscriberScope, spec: EditionSpec, *, keys: Collection[str], since: datetime
) -> Sequence[ReceivedDigest]:
    """The digests of other editions that may have shown these subscribers stories of their current windows.

    `keys` are the preferences whose digests have late arrivals: for their subscribers, these are all digests planned
    since `since`. For all others, only editions with `hours` count, as these show news and do not move the window.
    """
    start = window_start(spec)
    query = (
        select(Subscriber.id, Subscriber.preferences_key, start, Delivery.digest_id)
        .join(Delivery, Delivery.subscriber_id == Subscriber.id)
        .where(*scope.conditions(), Delivery.edition_id != spec.id)
        .where(or_(Delivery.state.not_in(NOT_RECEIVED_STATES), Delivery.in_doubt))
    )
    queries = [
        query.where(is_one_of(tx, Subscriber.preferences_key, chunk), Delivery.planned_at >= since)
        for chunk in chunked(sorted(keys), ROWS_PER_STATEMENT)
    ]
    lookback_ids = list(tx.scalars(select(Edition.id).where(Edition.hours > 0, Edition.cutoff > since)))
    if lookback_ids:
        overlapping = query.join(Edition, Edition.id == Delivery.edition_id)
        queries.append(overlapping.where(Delivery.edition_id.in_(lookback_ids), Edition.cutoff > start))
    return [
        ReceivedDigest(row[0], GroupKey(row[1], row[2]), row[3])
        for statement in queries
        for row in tx.execute(statement)
    ]


def count_reachable(tx: Tx, edition_id: int) -> int:
    """How many subscribers a frozen edition would reach now: those whose group has a digest in it."""
    edition = tx.get_one(Edition, edition_id)
    query = select(func.count()).select_from(Subscriber).join(Digest, has_group_digest(edition_spec(edition)))
    return tx.scalar(query.where(Subscriber.state == SubscriberState.ACTIVE)) or 0
