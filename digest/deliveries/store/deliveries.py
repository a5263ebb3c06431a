"""Queries that count and list deliveries, cancel them, and finish editions."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import desc, exists, func, select, union_all, update

from digest.database import Tx, chunked, is_one_of
from digest.deliveries.models import ArchivedDeliveryCount, Delivery, DeliveryRange
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import ranges
from digest.editions.models import Digest, Edition
from digest.editions.states import EditionState
from digest.subscribers.models import Subscriber

PAGE_SIZE = 50  # deliveries of a page in the admin
DIGESTS_ON_A_PAGE = 100
CONDITIONS_PER_STATEMENT = 100  # parts of one UNION; SQLite takes 500


CountedDigests = Sequence[tuple[Digest, int]]  # digests with their numbers of deliveries


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


def count_by_state(tx: Tx, edition_ids: Collection[int]) -> dict[int, dict[DeliveryState, int]]:
    """How many deliveries of each edition are in each state, archived ones included.

    Only the deliveries of claimed ranges are counted one by one, so this is quick for a million deliveries too.
    """
    counts: dict[int, dict[DeliveryState, int]] = {edition_id: {} for edition_id in edition_ids}
    for edition_id, state, count in _all_counts(tx, edition_ids):
        if count:
            counts[edition_id][state] = counts[edition_id].get(state, 0) + count
    return counts


def _all_counts(tx: Tx, edition_ids: Collection[int]) -> Iterator[tuple[int, DeliveryState, int]]:
    claimed = []
    for part in ranges.counted(tx, edition_ids):
        if part.claimed_id:
            claimed.append(ranges.in_range(part))
        else:
            yield from (
                (part.edition_id, DeliveryState(state), part.number * count)
                for state, count in json.loads(part.counts).items()
            )
    uncovered = ranges.not_fully_covered(tx, edition_ids)
    uncounted = [*claimed, *(ranges.not_in_a_range(tx, edition_id) for edition_id in uncovered)]
    columns = (Delivery.edition_id, Delivery.state, func.count())
    grouped = (Delivery.edition_id, Delivery.state)
    for chunk in chunked(uncounted, CONDITIONS_PER_STATEMENT):
        rows = tx.execute(union_all(*(select(*columns).where(*each).group_by(*grouped) for each in chunk)))
        yield from ((row[0], DeliveryState(row[1]), row[2]) for row in rows)
    archived = ArchivedDeliveryCount
    query = select(archived.edition_id, archived.state, archived.count)
    for row in tx.execute(query.where(is_one_of(tx, archived.edition_id, edition_ids))):
        yield row[0], row[1], row[2]


def digests_of_edition(tx: Tx, edition_id: int, *, most_read_first: bool, page: int = 1) -> CountedDigests:
    """A page of an edition's digests, each with its number of deliveries: by that number, or as they were planned."""
    readers = select(func.count()).where(Delivery.digest_id == Digest.id).scalar_subquery().label("readers")
    counted = select(Digest.id, readers).where(Digest.edition_id == edition_id)
    if most_read_first:
        counted = counted.order_by(desc("readers"))
    # The long columns of a digest are read only for the page.
    first = (page - 1) * DIGESTS_ON_A_PAGE
    ids = counted.order_by(Digest.id).limit(DIGESTS_ON_A_PAGE).offset(first).subquery()
    query = select(Digest, ids.c.readers).join(ids, ids.c.id == Digest.id)
    if most_read_first:
        query = query.order_by(ids.c.readers.desc())
    return [(row[0], row[1]) for row in tx.execute(query.order_by(Digest.id))]


def edition_deliveries(
    tx: Tx, edition_id: int, state: str, *, page: int = 1
) -> tuple[Sequence[ListedDelivery], int]:
    """A page of an edition's deliveries, and how many there are in all. `state` "" lists those in any state."""
    conditions = [Delivery.edition_id == edition_id] + ([Delivery.state == state] if state else [])
    query = (
        select(Delivery, Subscriber.email)
        .outerjoin(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(*conditions, *ranges.ids_of_edition(tx, edition_id))
    )
    rows = tx.execute(query.order_by(Delivery.id).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    total = tx.scalar(select(func.count()).select_from(Delivery).where(*conditions)) or 0
    return [ListedDelivery(row[0], row[1]) for row in rows], total


def finish_editions(tx: Tx, now: datetime) -> Sequence[int]:
    """Finish the editions that are being sent and have no open delivery left; returns their ids."""
    ranges.divide(tx)
    has_open_range = exists().where(DeliveryRange.edition_id == Edition.id, ranges.is_open())
    statement = (
        update(Edition)
        .where(Edition.state == EditionState.SENDING, ~has_open_range)
        .values(state=EditionState.SENT, finished_at=now)
    )
    return tx.scalars(statement.returning(Edition.id), execution_options={"synchronize_session": False}).all()


def cancel_unsent(tx: Tx, now: datetime, *, edition_id: int | None = None) -> Sequence[int]:
    """Cancel those deliveries of cancelled editions, or of only one, that no sender has claimed; returns their ids."""
    if edition_id is None:
        open_editions = select(DeliveryRange.edition_id).where(ranges.is_open())
        cancelled = Edition.state == EditionState.CANCELLED
        edition_ids = tx.scalars(select(Edition.id).where(cancelled, Edition.id.in_(open_editions))).all()
    else:
        edition_ids = [edition_id]
        ranges.divide(tx, edition_ids)
    ids: list[int] = []
    parts = ranges.unclaimed_open(tx, edition_ids)
    for part in parts:
        statement = (
            update(Delivery)
            .where(*ranges.in_range(part), Delivery.state == DeliveryState.PLANNED)
            .values(state=DeliveryState.CANCELLED, finished_at=now)
            .returning(Delivery.id)
        )
        ids += tx.scalars(statement, execution_options={"synchronize_session": False})
    ranges.recount(tx, parts)
    return ids


def any_due(tx: Tx, now: datetime) -> bool:
    """Whether there is a due delivery, claimed or not, in an edition that is being sent.

    Deliveries that are in no range yet are put into ranges first.
    """
    ranges.divide(tx)
    due = (Edition.state == EditionState.SENDING, DeliveryRange.due_at <= now)
    query = select(DeliveryRange.id).join(Edition, Edition.id == DeliveryRange.edition_id).where(*due)
    return tx.scalar(query.limit(1)) is not None


def count_final_since(tx: Tx, since: datetime) -> Mapping[DeliveryState, int]:
    """How many deliveries of the editions created since a moment are in each final state."""
    edition_ids = tx.scalars(select(Edition.id).where(Edition.created_at >= since)).all()
    totals: dict[DeliveryState, int] = {}
    for counts in count_by_state(tx, edition_ids).values():
        for state, count in counts.items():
            if state != DeliveryState.PLANNED:
                totals[state] = totals.get(state, 0) + count
    return totals
