"""Queries over refusals: record them with the results of their deliveries, count them, and settle them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, exists, func, insert, literal, or_, select, update

from digest.database import CoreTx, Tx, chunked, is_one_of
from digest.deliveries.models import Delivery, DeliveryRange, Refusal
from digest.deliveries.pure.refusal_rules import RefusalCounts
from digest.deliveries.states import DeliveryState, RefusalKind
from digest.deliveries.store import oversight
from digest.editions.models import Edition
from digest.editions.states import EditionState
from digest.subscribers.models import Subscriber


class UnsettledRefusal(NamedTuple):
    """A refusal that nobody has acted on, with its delivery and subscriber."""

    refusal: Refusal
    delivery: Delivery
    subscriber: Subscriber


def record(tx: CoreTx, kinds: Mapping[int, RefusalKind], now: datetime) -> None:
    """Record the refusals of deliveries, by id, whose results were written in this transaction.

    One that a result did not make refused, because it had ended already, is left out.
    """
    by_kind: dict[RefusalKind, list[int]] = {}
    for delivery_id, kind in kinds.items():
        by_kind.setdefault(kind, []).append(delivery_id)
    columns = ["delivery_id", "edition_id", "kind", "at"]
    for kind, ids in by_kind.items():
        for chunk in chunked(ids):
            values = (
                Delivery.id,
                Delivery.edition_id,
                literal(kind, Refusal.__table__.c.kind.type),
                literal(now, Refusal.__table__.c.at.type),
            )
            is_new = ~exists().where(Refusal.delivery_id == Delivery.id)
            refused = select(*values).where(
                is_one_of(tx, Delivery.id, chunk), Delivery.state == DeliveryState.REFUSED, is_new
            )
            tx.execute(insert(Refusal).from_select(columns, refused))


def count_by_kind(tx: Tx, edition_id: int) -> Mapping[RefusalKind, int]:
    """How many refusals of each kind an edition has."""
    query = select(Refusal.kind, func.count()).where(Refusal.edition_id == edition_id)
    return {row[0]: row[1] for row in tx.execute(query.group_by(Refusal.kind))}


def example(tx: Tx, edition_id: int, kind: RefusalKind) -> str:
    """An answer of the mail server for a kind of refusal of an edition; "" when there is none."""
    query = select(Delivery.answer).join(Refusal, Refusal.delivery_id == Delivery.id)
    of_kind = (Refusal.edition_id == edition_id, Refusal.kind == kind)
    return tx.scalar(query.where(*of_kind).limit(1)) or ""


def unsettled_editions(tx: Tx) -> Sequence[int]:
    """The editions that have unsettled refusals."""
    return tx.scalars(select(Refusal.edition_id).where(Refusal.settled_at.is_(None)).distinct()).all()


def count_since_unsettled(tx: Tx, edition_id: int, kind: RefusalKind) -> RefusalCounts | None:
    """The answers for an edition since its oldest unsettled refusal of a kind; None when it has none.

    Only this kind is counted, without those that are settled.
    """
    unsettled = (Refusal.edition_id == edition_id, Refusal.settled_at.is_(None), Refusal.kind == kind)
    count, since = tx.execute(select(func.count(), func.min(Refusal.at)).where(*unsettled)).one()
    if since is None:
        return None
    refused = select(func.count()).where(Refusal.edition_id == edition_id, Refusal.at >= since)
    accepted = oversight.count_accepted_since(tx, edition_id, since)
    return RefusalCounts(accepted + (tx.scalar(refused) or 0), {kind: count})


def is_resting(tx: Tx, edition_id: int, now: datetime) -> bool:
    """Whether no delivery of an edition is being sent or waits for a sender, so that no answer comes soon."""
    query = select(DeliveryRange.id).join(Edition, Edition.id == DeliveryRange.edition_id)
    waits = and_(Edition.state == EditionState.SENDING, DeliveryRange.due_at <= now)
    busy = query.where(DeliveryRange.edition_id == edition_id, or_(DeliveryRange.holder != "", waits))
    return tx.scalar(busy.limit(1)) is None


def lock_unsettled(tx: Tx, edition_id: int, kind: RefusalKind, *, limit: int) -> Sequence[UnsettledRefusal]:
    """Unsettled refusals of a kind; locked until the end of `tx`, so that only one process settles them."""
    query = (
        select(Refusal, Delivery, Subscriber)
        .join(Delivery, Delivery.id == Refusal.delivery_id)
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(Refusal.edition_id == edition_id, Refusal.settled_at.is_(None), Refusal.kind == kind)
        .order_by(Refusal.delivery_id)
        .limit(limit)
        .with_for_update(of=Refusal, skip_locked=True)
    )
    return [UnsettledRefusal(*row) for row in tx.execute(query)]


def settle(tx: Tx, delivery_ids: Sequence[int], now: datetime) -> None:
    """Note that refusals were acted on."""
    for chunk in chunked(delivery_ids):
        tx.execute(
            update(Refusal)
            .where(is_one_of(tx, Refusal.delivery_id, chunk))
            .values(settled_at=now)
            .execution_options(synchronize_session=False)
        )
