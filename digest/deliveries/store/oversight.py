"""Queries over the deliveries of whole editions: how fast, whether to stop, what is stuck, and folding what is old."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from digest.database import Tx, insert_missing
from digest.deliveries.models import Delivery, Tally
from digest.deliveries.store.claims import OPEN
from digest.editions.models import Edition


def ended_since(tx: Tx, edition_id: int, since: datetime) -> int:
    """How many deliveries of an edition were accepted since a moment."""
    done = (Delivery.edition_id == edition_id, Delivery.state == "accepted", Delivery.not_before >= since)
    return tx.scalar(select(func.count()).select_from(Delivery).where(*done)) or 0


def stop_edition(tx: Tx, edition_id: int, reason: str) -> bool:
    """Pause an edition that is being sent, and keep why; not one that was stopped before. Says whether it did."""
    stopped = (
        update(Edition)
        .where(Edition.id == edition_id, Edition.state == "sending", Edition.reason == "")
        .values(state="paused", reason=reason)
    )
    return tx.scalars(stopped.returning(Edition.id)).first() is not None


def set_rate(tx: Tx, edition_id: int, rate: int) -> bool:
    """Let an edition go out at most this fast, in mails a second (0: no limit); says whether there is such a one."""
    changed = update(Edition).where(Edition.id == edition_id).values(rate=rate)
    return tx.scalars(changed.returning(Edition.id)).first() is not None


def fold(tx: Tx, before: datetime, limit: int) -> int:
    """Turn up to `limit` deliveries of the oldest editions, made before a moment, into counts; returns how many.

    What was never sent by then never will be: it counts as expired.
    """
    oldest = tx.get(Edition, tx.scalar(select(func.min(Delivery.edition_id))) or 0)
    if oldest is None or oldest.created_at >= before:
        return 0
    ids = tx.scalars(select(Delivery.id).where(Delivery.edition_id == oldest.id).limit(limit)).all()
    gone = delete(Delivery).where(Delivery.id.in_(ids)).returning(Delivery.edition_id, Delivery.state)
    ended = Counter(
        (edition_id, "expired" if state in OPEN else state)
        for edition_id, state in tx.execute(gone, execution_options={"synchronize_session": False})
    )
    for (edition_id, state), count in ended.items():
        insert_missing(
            tx, Tally, [{"edition_id": edition_id, "state": state, "count": 0}], keys=["edition_id", "state"]
        )
        mine = (Tally.edition_id == edition_id, Tally.state == state)
        tx.execute(update(Tally).where(*mine).values(count=Tally.count + count))
    return len(ids)


@dataclass(frozen=True, slots=True)
class Stuck:
    """Deliveries of one edition that should have moved and did not."""

    edition_id: int
    edition_state: str
    reason: str  # why the edition was stopped, or the server's last words
    state: str
    count: int
    since: datetime


def stuck(tx: Tx, now: datetime, patience: timedelta) -> Sequence[Stuck]:
    """Deliveries that are due for longer than `patience`, by edition and state: unsent, held, or lost by a worker."""
    live = tx.scalars(select(Edition).where(Edition.state.in_(("planning", "sending", "paused")))).all()
    out = []
    for edition in live:
        where = (
            Delivery.edition_id == edition.id, Delivery.state.in_(OPEN), Delivery.not_before <= now - patience
        )  # fmt: skip
        query = select(Delivery.state, func.count(), func.min(Delivery.not_before)).where(*where)
        for state, count, since in tx.execute(query.group_by(Delivery.state)):
            last = (
                select(Delivery.answer).where(*where, Delivery.state == state).order_by(Delivery.not_before)
            )
            reason = edition.reason or tx.scalar(last.limit(1)) or ""
            out.append(Stuck(edition.id, edition.state, reason, state, count, since))
    return out
