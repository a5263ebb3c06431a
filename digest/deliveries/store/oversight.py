"""Queries about the progress of whole editions: rate, pause, stuck deliveries and the archive."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from digest.database import Tx, insert_missing, is_one_of
from digest.deliveries.models import ArchivedDeliveryCount, Delivery, DeliveryRange
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import ranges
from digest.editions.models import Edition
from digest.editions.states import EditionState


def count_accepted_since(tx: Tx, edition_id: int, since: datetime) -> int:
    """How many deliveries of an edition were accepted since a moment."""
    recent = or_(DeliveryRange.holder != "", DeliveryRange.released_at >= since)
    parts = tx.scalars(select(DeliveryRange).where(DeliveryRange.edition_id == edition_id, recent)).all()
    accepted = (Delivery.state == DeliveryState.ACCEPTED, Delivery.not_before >= since)
    counts = (
        tx.scalar(select(func.count()).select_from(Delivery).where(*ranges.in_range(part), *accepted))
        for part in parts
    )
    return sum(count or 0 for count in counts)


def pause_with_reason(tx: Tx, edition_id: int, reason: str) -> bool:
    """Pause an edition that is being sent, and store the reason; returns whether it did.

    An edition that already has a reason was paused before, so it is left alone.
    """
    statement = (
        update(Edition)
        .where(Edition.id == edition_id, Edition.state == EditionState.SENDING, Edition.reason == "")
        .values(state=EditionState.PAUSED, reason=reason)
    )
    return tx.scalars(statement.returning(Edition.id)).first() is not None


def set_rate(tx: Tx, edition_id: int, rate: int) -> bool:
    """Limit how fast an edition is sent, in mails a second (0: no limit); returns whether the edition exists."""
    statement = update(Edition).where(Edition.id == edition_id).values(rate=rate)
    return tx.scalars(statement.returning(Edition.id)).first() is not None


def archive_deliveries(tx: Tx, before: datetime, limit: int) -> int:
    """Replace up to `limit` deliveries of the oldest edition with counts, if it was created before a moment.

    Returns how many deliveries were replaced. A delivery that is still open counts as expired.
    """
    oldest = tx.get(Edition, tx.scalar(select(func.min(Delivery.edition_id))) or 0)
    if oldest is None or oldest.created_at >= before:
        return 0
    # From now on the rows are counted, because the counts of the ranges still have the rows that are deleted.
    tx.execute(
        delete(DeliveryRange).where(DeliveryRange.edition_id == oldest.id),
        execution_options={"synchronize_session": False},
    )
    ids = tx.scalars(select(Delivery.id).where(Delivery.edition_id == oldest.id).limit(limit)).all()
    statement = (
        delete(Delivery).where(is_one_of(tx, Delivery.id, ids)).returning(Delivery.edition_id, Delivery.state)
    )
    counts = Counter(
        (edition_id, DeliveryState.EXPIRED if state == DeliveryState.PLANNED else state)
        for edition_id, state in tx.execute(statement, execution_options={"synchronize_session": False})
    )
    for (edition_id, state), count in counts.items():
        insert_missing(
            tx,
            ArchivedDeliveryCount,
            [{"edition_id": edition_id, "state": state, "count": 0}],
            keys=["edition_id", "state"],
        )
        same_row = (ArchivedDeliveryCount.edition_id == edition_id, ArchivedDeliveryCount.state == state)
        tx.execute(
            update(ArchivedDeliveryCount).where(*same_row).values(count=ArchivedDeliveryCount.count + count)
        )
    return len(ids)


@dataclass(frozen=True, slots=True)
class StuckDeliveries:
    """Deliveries of one edition that are overdue."""

    edition_id: int
    edition_state: EditionState
    reason: str  # why the edition was paused, else why the last sender did not send them, or the mail server's answer
    claimed: bool  # whether a sender has claimed them
    count: int
    since: datetime


def find_stuck(tx: Tx, now: datetime, overdue_by: timedelta) -> Sequence[StuckDeliveries]:
    """Deliveries that have been due for longer than `overdue_by`, by edition and by whether they are claimed.

    No sender has claimed them, their edition is paused, or the sender that has claimed them is slow or dead.
    """
    unfinished = (EditionState.PLANNING, EditionState.SENDING, EditionState.PAUSED)
    stuck = []
    for edition in tx.scalars(select(Edition).where(Edition.state.in_(unfinished))).all():
        by_claimed: dict[bool, list[StuckDeliveries]] = {}
        for part in ranges.of_editions(tx, [edition.id]):
            if part.due_at is not None and part.due_at <= now - overdue_by:
                conditions = ranges.in_range(part)
                by_claimed.setdefault(bool(part.holder), []).append(
                    _overdue(tx, edition, conditions, now - overdue_by, part)
                )
        uncovered = _overdue(tx, edition, ranges.not_in_a_range(tx, edition.id), now - overdue_by, None)
        by_claimed.setdefault(False, []).append(uncovered)
        stuck += [merged for rows in by_claimed.values() if (merged := _merged(rows)) is not None]
    return stuck


def _overdue(
    tx: Tx,
    edition: Edition,
    conditions: Sequence[ColumnElement[bool]],
    before: datetime,
    part: DeliveryRange | None,
) -> StuckDeliveries:
    overdue = (*conditions, Delivery.state == DeliveryState.PLANNED, Delivery.not_before <= before)
    count, since = tx.execute(select(func.count(), func.min(Delivery.not_before)).where(*overdue)).one()
    answer = tx.scalar(select(Delivery.answer).where(*overdue).order_by(Delivery.not_before).limit(1))
    reason = edition.reason or (part.reason if part else "") or answer or ""
    claimed = bool(part and part.holder)
    return StuckDeliveries(edition.id, edition.state, reason, claimed, count, since or before)


def _merged(rows: Sequence[StuckDeliveries]) -> StuckDeliveries | None:
    rows = [row for row in rows if row.count]
    if not rows:
        return None
    rows.sort(key=lambda row: row.since)
    reason = next((row.reason for row in rows if row.reason), "")
    return replace(rows[0], reason=reason, count=sum(row.count for row in rows))
