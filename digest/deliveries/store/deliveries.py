"""Queries that count and list deliveries, cancel them, and finish editions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, func, or_, select, update

from digest.database import Tx
from digest.deliveries.models import ArchivedDeliveryCount, Delivery
from digest.deliveries.states import OPEN_STATES, DeliveryState
from digest.editions.models import Edition
from digest.editions.states import EditionState
from digest.subscribers.models import Subscriber

PAGE_SIZE = 50  # deliveries of a page in the admin


class ListedDelivery(NamedTuple):
    """A delivery and the address of its subscriber; None for a test."""

    delivery: Delivery
    email: str | None


def insert_test_delivery(tx: Tx, edition_id: int, digest_id: int, address: str, now: datetime) -> None:
    """Write the only delivery of a test edition."""
    tx.add(
        Delivery(
            edition_id=edition_id, digest_id=digest_id, test_address=address, planned_at=now, not_before=now
        )
    )


def count_by_state(tx: Tx, edition_ids: Sequence[int]) -> dict[int, dict[DeliveryState, int]]:
    """How many deliveries of each edition are in each state, archived ones included."""
    current = (
        select(Delivery.edition_id, Delivery.state, func.count())
        .where(Delivery.edition_id.in_(edition_ids))
        .group_by(Delivery.edition_id, Delivery.state)
    )
    archived = select(
        ArchivedDeliveryCount.edition_id, ArchivedDeliveryCount.state, ArchivedDeliveryCount.count
    ).where(ArchivedDeliveryCount.edition_id.in_(edition_ids))
    counts: dict[int, dict[DeliveryState, int]] = {edition_id: {} for edition_id in edition_ids}
    for query in (current, archived):
        for edition_id, state, count in tx.execute(query):
            counts[edition_id][state] = counts[edition_id].get(state, 0) + count
    return counts


def count_by_digest(tx: Tx, digest_ids: Sequence[int]) -> dict[int, int]:
    """How many deliveries each of these digests has."""
    query = select(Delivery.digest_id, func.count()).where(Delivery.digest_id.in_(digest_ids))
    return {row[0]: row[1] for row in tx.execute(query.group_by(Delivery.digest_id))}


def edition_deliveries(
    tx: Tx, edition_id: int, state: str, *, page: int = 1
) -> tuple[Sequence[ListedDelivery], int]:
    """A page of an edition's deliveries, and how many there are in all. `state` "" lists those in any state."""
    conditions = [Delivery.edition_id == edition_id] + ([Delivery.state == state] if state else [])
    query = (
        select(Delivery, Subscriber.email)
        .outerjoin(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(*conditions)
    )
    rows = tx.execute(query.order_by(Delivery.id).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    total = tx.scalar(select(func.count()).select_from(Delivery).where(*conditions)) or 0
    return [ListedDelivery(row[0], row[1]) for row in rows], total


def finish_editions(tx: Tx, now: datetime) -> Sequence[int]:
    """Finish the editions that are being sent and have no open delivery left; returns their ids."""
    is_open = exists().where(Delivery.edition_id == Edition.id, Delivery.state.in_(OPEN_STATES))
    statement = (
        update(Edition)
        .where(Edition.state == EditionState.SENDING, ~is_open)
        .values(state=EditionState.SENT, finished_at=now)
    )
    return tx.scalars(statement.returning(Edition.id), execution_options={"synchronize_session": False}).all()


def cancel_unsent(tx: Tx, now: datetime, *, edition_id: int | None = None) -> Sequence[int]:
    """Cancel those deliveries of cancelled editions, or of only one, that no sender is working on; returns their ids.

    These are the planned ones, and the claimed ones whose lease has run out.
    """
    cancelled = select(Edition.id).where(Edition.state == EditionState.CANCELLED)
    if edition_id is not None:
        cancelled = cancelled.where(Edition.id == edition_id)
    idle = or_(
        Delivery.state == DeliveryState.PLANNED,
        (Delivery.state == DeliveryState.CLAIMED) & (Delivery.not_before <= now),
    )
    statement = (
        update(Delivery)
        .where(idle, Delivery.edition_id.in_(cancelled))
        .values(state=DeliveryState.CANCELLED, finished_at=now)
    )
    return tx.scalars(
        statement.returning(Delivery.id), execution_options={"synchronize_session": False}
    ).all()


def count_due(tx: Tx, now: datetime) -> int:
    """How many deliveries could be sent now."""
    edition_ids = tx.scalars(select(Edition.id).where(Edition.state == EditionState.SENDING)).all()
    due = (Delivery.edition_id.in_(edition_ids), Delivery.state.in_(OPEN_STATES), Delivery.not_before <= now)
    return tx.scalar(select(func.count()).select_from(Delivery).where(*due)) or 0


def count_final_since(tx: Tx, since: datetime) -> Mapping[DeliveryState, int]:
    """How many deliveries of the editions created since a moment are in each final state."""
    edition_ids = tx.scalars(select(Edition.id).where(Edition.created_at >= since)).all()
    query = select(Delivery.state, func.count()).where(Delivery.edition_id.in_(edition_ids))
    final = query.where(Delivery.state.not_in(OPEN_STATES)).group_by(Delivery.state)
    return {row[0]: row[1] for row in tx.execute(final)}
