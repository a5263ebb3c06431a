"""Queries about the progress of whole editions: rate, pause, stuck deliveries and the archive."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from digest.database import Tx, insert_missing
from digest.deliveries.models import ArchivedDeliveryCount, Delivery
from digest.deliveries.states import OPEN_STATES, DeliveryState
from digest.editions.models import Edition
from digest.editions.states import EditionState


def count_accepted_since(tx: Tx, edition_id: int, since: datetime) -> int:
    """How many deliveries of an edition were accepted since a moment."""
    accepted = (
        Delivery.edition_id == edition_id,
        Delivery.state == DeliveryState.ACCEPTED,
        Delivery.not_before >= since,
    )
    return tx.scalar(select(func.count()).select_from(Delivery).where(*accepted)) or 0


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
    ids = tx.scalars(select(Delivery.id).where(Delivery.edition_id == oldest.id).limit(limit)).all()
    statement = delete(Delivery).where(Delivery.id.in_(ids)).returning(Delivery.edition_id, Delivery.state)
    counts = Counter(
        (edition_id, DeliveryState.EXPIRED if state in OPEN_STATES else state)
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
    """Deliveries of one edition, in one state, that are overdue."""

    edition_id: int
    edition_state: EditionState
    reason: str  # why the edition was paused, else the mail server's last answer
    state: DeliveryState
    count: int
    since: datetime


def find_stuck(tx: Tx, now: datetime, overdue_by: timedelta) -> Sequence[StuckDeliveries]:
    """Deliveries that have been due for longer than `overdue_by`, by edition and state.

    No sender claimed them, their edition is paused, or the sender that claimed them died.
    """
    unfinished = (EditionState.PLANNING, EditionState.SENDING, EditionState.PAUSED)
    stuck = []
    for edition in tx.scalars(select(Edition).where(Edition.state.in_(unfinished))).all():
        overdue = (
            Delivery.edition_id == edition.id,
            Delivery.state.in_(OPEN_STATES),
            Delivery.not_before <= now - overdue_by,
        )
        query = select(Delivery.state, func.count(), func.min(Delivery.not_before)).where(*overdue)
        for state, count, since in tx.execute(query.group_by(Delivery.state)):
            oldest = select(Delivery.answer).where(*overdue, Delivery.state == state)
            answer = tx.scalar(oldest.order_by(Delivery.not_before).limit(1))
            reason = edition.reason or answer or ""
            stuck.append(StuckDeliveries(edition.id, edition.state, reason, state, count, since))
    return stuck
