"""Queries over ranges: divide an edition's deliveries, claim a range, count its deliveries, and release it.

A claim changes one row for hundreds of deliveries. The index of digest and id finds the deliveries of a range, so the
cost of a claim does not depend on how many deliveries there are.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Text, case, cast, func, or_, select, tuple_, update

from digest.database import CoreTx, Tx, is_one_of, lock_for_transaction
from digest.deliveries.models import Delivery, DeliveryRange
from digest.deliveries.states import DeliveryState
from digest.editions.models import Edition
from digest.editions.states import EditionState

MAX_RANGE_SIZE = 1000  # deliveries; a sender that is killed leaves that many to the next one to load again
MIN_RANGE_SIZE = 20
MAX_DIGEST_ID = 2**31 - 1  # the largest that its column takes
RANGES_PER_EDITION = 16  # at least, so that small editions too are shared by all senders


@dataclass(frozen=True, slots=True)
class RangeState:
    """What is left of a range: how many deliveries are in each state, and when the first planned one is due."""

    counts: dict[str, int]
    due_at: datetime | None


class CountedRanges(NamedTuple):
    """A claimed range, whose deliveries must be counted; or all ranges with equal counts that nobody has claimed."""

    edition_id: int
    claimed_id: int  # of the claimed range, else 0
    counts: str  # of each of the ranges, as JSON
    number: int  # of ranges
    after_id: int  # from here on: where the deliveries of a claimed range are
    up_to_id: int
    first_digest_id: int
    first_id: int
    last_digest_id: int
    last_id: int


def divide(tx: Tx, edition_ids: Collection[int] | None = None) -> int:
    """Make ranges of the deliveries that are in none yet, of these editions or of all that are being sent.

    Returns how many ranges were made.
    """
    lock_for_transaction(tx, "delivery ranges")
    if edition_ids is None:
        edition_ids = tx.scalars(select(Edition.id).where(Edition.state == EditionState.SENDING)).all()
    return sum(_divide_edition(tx, edition_id) for edition_id in edition_ids)


def not_in_a_range(tx: Tx, edition_id: int) -> tuple[ColumnElement[bool], ...]:
    """The conditions for the deliveries of an edition that are in no range yet."""
    after = tx.scalar(select(func.max(DeliveryRange.up_to_id)).where(DeliveryRange.edition_id == edition_id))
    return (Delivery.edition_id == edition_id, Delivery.id > (after or 0))


def not_fully_covered(tx: Tx, edition_ids: Collection[int]) -> Sequence[int]:
    """Those of the editions that may have deliveries in no range yet.

    An edition counts as sent only when all of its deliveries are in ranges. A look at the newest id spares the newest
    edition, once all its deliveries are in ranges, a search among them.
    """
    newest = tx.scalar(select(func.max(Delivery.id))) or 0
    covered = (
        select(Edition.id, func.max(DeliveryRange.up_to_id))
        .outerjoin(DeliveryRange, DeliveryRange.edition_id == Edition.id)
        .where(is_one_of(tx, Edition.id, edition_ids), Edition.state != EditionState.SENT)
        .group_by(Edition.id)
    )
    return [edition_id for edition_id, up_to in tx.execute(covered) if (up_to or 0) < newest]


def ids_of_edition(tx: Tx, edition_id: int) -> list[ColumnElement[bool]]:
    """Conditions on the ids of an edition's deliveries, for a list in the order of ids.

    Without them, PostgreSQL may look for the first ones from the oldest delivery of all editions on.
    """
    bounds = select(func.min(DeliveryRange.after_id), func.max(DeliveryRange.up_to_id))
    after_id, up_to_id = tx.execute(bounds.where(DeliveryRange.edition_id == edition_id)).one()
    if after_id is None:
        return []
    is_covered = not not_fully_covered(tx, [edition_id])
    return [Delivery.id > after_id] + ([Delivery.id <= up_to_id] if is_covered else [])


def in_range(part: DeliveryRange | CountedRanges) -> tuple[ColumnElement[bool], ...]:
    """The conditions for the deliveries of a range."""
    place = tuple_(Delivery.digest_id, Delivery.id)
    return (
        Delivery.edition_id == part.edition_id,
        Delivery.id > part.after_id,
        Delivery.id <= part.up_to_id,
        place >= (part.first_digest_id, part.first_id),
        place <= (part.last_digest_id, part.last_id),
    )


def claim(
    tx: Tx, holder: str, now: datetime, *, except_editions: Collection[int] = ()
) -> DeliveryRange | None:
    """Claim a range with a due delivery, of an edition that is being sent and not in `except_editions`."""
    due = (
        select(DeliveryRange.id)
        .join(Edition, Edition.id == DeliveryRange.edition_id)
        .where(
            Edition.state == EditionState.SENDING,
            DeliveryRange.due_at <= now,
            DeliveryRange.holder == "",
            DeliveryRange.edition_id.not_in(list(except_editions)),
        )
        .order_by(DeliveryRange.edition_id, DeliveryRange.due_at, DeliveryRange.id)
        .limit(1)
        .with_for_update(of=DeliveryRange, skip_locked=True)
    )
    range_id = tx.scalar(due)
    if range_id is None:
        return None
    return tx.scalar(
        update(DeliveryRange)
        .where(DeliveryRange.id == range_id, DeliveryRange.holder == "")
        .values(holder=holder)
        .returning(DeliveryRange)
    )


def release(
    tx: Tx | CoreTx,
    part: DeliveryRange,
    holder: str,
    now: datetime,
    *,
    not_before: datetime | None = None,
    reason: str = "",
) -> None:
    """Release a claimed range, and count its deliveries. No sender claims it before `not_before`."""
    state = _read_state(tx, part)
    due_at = state.due_at
    if due_at is not None and not_before is not None:
        due_at = max(due_at, not_before)
    values = {"holder": "", "counts": state.counts, "due_at": due_at, "reason": reason, "released_at": now}
    tx.execute(
        update(DeliveryRange)
        .where(DeliveryRange.id == part.id, DeliveryRange.holder == holder)
        .values(values),
        execution_options={"synchronize_session": False},
    )


def release_holder(tx: Tx, holder: str) -> None:
    """Release the ranges of a sender that has died.

    They are locked first: it may live after all, and release one, which another sender claims.
    """
    claimed = select(DeliveryRange).where(DeliveryRange.holder == holder)
    parts = tx.scalars(claimed.order_by(DeliveryRange.id).with_for_update()).all()
    recount(tx, parts)
    for part in parts:
        part.holder = ""
    tx.flush()


def recount(tx: Tx, parts: Iterable[DeliveryRange]) -> None:
    """Count the deliveries of ranges again, after they were changed without a claim."""
    for part in parts:
        state = _read_state(tx, part)
        part.counts, part.due_at = state.counts, state.due_at
    tx.flush()


def of_editions(tx: Tx, edition_ids: Collection[int]) -> Sequence[DeliveryRange]:
    """The ranges of editions."""
    return tx.scalars(select(DeliveryRange).where(is_one_of(tx, DeliveryRange.edition_id, edition_ids))).all()


def counted(tx: Tx, edition_ids: Collection[int]) -> Sequence[CountedRanges]:
    """The ranges of editions with their counts. An edition may have a thousand, most of them with equal counts.

    It is one statement, so that a range that is claimed or released meanwhile is in it once.
    """
    edition_id, counts = DeliveryRange.edition_id, cast(DeliveryRange.counts, Text)
    claimed_id = case((DeliveryRange.holder == "", 0), else_=DeliveryRange.id)
    places = (func.min(getattr(DeliveryRange, name)) for name in CountedRanges._fields[4:])
    query = select(edition_id, claimed_id, counts, func.count(), *places)
    query = query.where(is_one_of(tx, edition_id, edition_ids)).group_by(edition_id, claimed_id, counts)
    return [CountedRanges(*row) for row in tx.execute(query)]


def unclaimed_open(tx: Tx, edition_ids: Collection[int]) -> Sequence[DeliveryRange]:
    """The ranges of editions that have planned deliveries and are not claimed; locked until the end of `tx`."""
    return tx.scalars(
        select(DeliveryRange)
        .where(
            is_one_of(tx, DeliveryRange.edition_id, edition_ids),
            DeliveryRange.due_at.is_not(None),
            DeliveryRange.holder == "",
        )
        .order_by(DeliveryRange.id)
        .with_for_update(skip_locked=True)
    ).all()


def is_open() -> ColumnElement[bool]:
    """The condition that a range has planned deliveries or is claimed."""
    return or_(DeliveryRange.due_at.is_not(None), DeliveryRange.holder != "")


def _divide_edition(tx: Tx, edition_id: int) -> int:
    conditions = not_in_a_range(tx, edition_id)
    totals = select(func.count(), func.min(Delivery.id), func.max(Delivery.id)).where(*conditions)
    count, lowest_id, up_to_id = tx.execute(totals).one()
    if not count:
        return 0
    size = min(max(count // RANGES_PER_EDITION, MIN_RANGE_SIZE), MAX_RANGE_SIZE)
    parts = _parts(tx, (*conditions, Delivery.id <= up_to_id), size)
    starts = [part.start for part in parts]
    # A range ends just before the next one begins.
    ends = [(digest_id, first_id - 1) for digest_id, first_id in starts[1:]]
    for part, end in zip(parts, [*ends, (MAX_DIGEST_ID, up_to_id)], strict=True):
        tx.add(
            DeliveryRange(
                edition_id=edition_id, after_id=lowest_id - 1, up_to_id=up_to_id,
                first_digest_id=part.start[0], first_id=part.start[1], last_digest_id=end[0], last_id=end[1],
                due_at=part.state.due_at, holder="", counts=part.state.counts,
            )
        )  # fmt: skip
    tx.flush()
    return len(parts)


class _Part(NamedTuple):
    """Consecutive deliveries that become a range: the digest and id of the first, and the state of all."""

    start: tuple[int, int]
    state: RangeState


def _parts(tx: Tx, conditions: Sequence[ColumnElement[bool]], size: int) -> Sequence[_Part]:
    """The deliveries that meet `conditions`, in parts of `size`, ordered by digest and id.

    It is one statement, because deliveries of readers who are erased may vanish between two.
    """
    order = (Delivery.digest_id, Delivery.id)
    place = func.row_number().over(order_by=order).label("place")
    numbered = select(*order, Delivery.state, Delivery.not_before, place).where(*conditions).subquery().c
    number = (numbered.place - 1) // size
    is_first = (numbered.place - 1) % size == 0
    start = [func.max(case((is_first, column))) for column in (numbered.digest_id, numbered.id)]
    query = select(number, numbered.state, func.count(), func.min(numbered.not_before), *start)
    parts: dict[int, _Part] = {}
    for key, state, count, first_due, *first in tx.execute(query.group_by(number, numbered.state)):
        part = parts.get(key, _Part((0, 0), RangeState({}, None)))
        due_at = first_due if state == DeliveryState.PLANNED else part.state.due_at
        parts[key] = _Part(
            part.start if first[0] is None else (first[0], first[1]),
            RangeState(part.state.counts | {str(state): count}, due_at),
        )
    return [parts[key] for key in sorted(parts)]


def _read_state(tx: Tx | CoreTx, part: DeliveryRange) -> RangeState:
    query = select(Delivery.state, func.count(), func.min(Delivery.not_before)).where(*in_range(part))
    rows = tx.execute(query.group_by(Delivery.state)).all()
    due_at = next((row[2] for row in rows if row[0] == DeliveryState.PLANNED), None)
    return RangeState({str(row[0]): row[1] for row in rows}, due_at)
