"""Changes of many subscribers by a few statements, and the states from before, to which undoing brings them back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, literal, select, update
from sqlalchemy.orm import aliased

from digest.database import Tx, chunked, is_one_of
from digest.errors import NewsroomText, NotFoundError
from digest.subscribers.bulk.models import BulkChange, BulkChangeRow
from digest.subscribers.models import Subscriber
from digest.subscribers.states import GONE_STATES, SUBSCRIBED_STATES, BulkAction, SubscriberState

# What a change may write; see `BulkChangeRow`.
KEPT = ("state", "paused_until", "left_at", "first_digest_since")


def change(tx: Tx, row: BulkChange, subscriber_ids: Sequence[int]) -> tuple[int, list[int]]:
    """Change those of the subscribers whom the action is about. Returns the id of the change, and theirs."""
    tx.add(row)
    tx.flush()
    values = {**_values(row), "bulk_change_id": row.id}
    changed: list[int] = []
    for chunk in chunked(subscriber_ids):
        is_meant = and_(is_one_of(tx, Subscriber.id, chunk), _is_about(row.action))
        columns = [getattr(Subscriber, name) for name in KEPT] + [Subscriber.bulk_change_id]
        # Locked, so that nobody changes them between the two statements.
        before = select(literal(row.id), Subscriber.id, *columns).where(is_meant).with_for_update()
        names = ["change_id", "subscriber_id", *KEPT, "previous_change_id"]
        tx.execute(insert(BulkChangeRow).from_select(names, before))
        changed += tx.scalars(update(Subscriber).where(is_meant).values(values).returning(Subscriber.id))
    return row.id, changed


def by_id(tx: Tx, change_id: int) -> BulkChange:
    """A change, which nobody else can undo before this transaction ends. Raises NotFoundError."""
    row = tx.get(BulkChange, change_id, with_for_update=True)
    if row is None:
        raise NotFoundError(NewsroomText("It is too late to undo this."))
    return row


def count(tx: Tx, change_id: int) -> int:
    """How many subscribers a change was about; those who were erased do not count."""
    return tx.scalar(select(func.count()).where(BulkChangeRow.change_id == change_id)) or 0


def undo(tx: Tx, row: BulkChange) -> Mapping[int, SubscriberState]:
    """Give back the earlier state to all whom nobody has changed since. Returns their ids with these states."""
    is_theirs = and_(
        BulkChangeRow.change_id == row.id,
        BulkChangeRow.subscriber_id == Subscriber.id,
        Subscriber.bulk_change_id == row.id,
    )
    values: dict[str, Any] = {name: getattr(BulkChangeRow, name) for name in KEPT}
    values["bulk_change_id"] = BulkChangeRow.previous_change_id
    if row.action is BulkAction.UNSUBSCRIBE:
        values["next_due_at"] = None
    statement = update(Subscriber).where(is_theirs, *_still_has(Subscriber, row)).values(values)
    restored = tx.execute(
        statement.returning(Subscriber.id, Subscriber.state), execution_options={"synchronize_session": False}
    )
    return {row[0]: row[1] for row in restored}


def undo_below_later_changes(tx: Tx, row: BulkChange) -> int:
    """Let later changes lead back to the states from before this one. Returns how many subscribers have one.

    As if this change had never been: they stay as the later change left them, and undoing that skips this one.
    """
    undone = aliased(BulkChangeRow)
    is_later = and_(
        undone.change_id == row.id,
        undone.subscriber_id == BulkChangeRow.subscriber_id,
        BulkChangeRow.previous_change_id == row.id,
        BulkChangeRow.change_id.in_(select(BulkChange.id).where(BulkChange.undone_at.is_(None))),
    )
    values = {name: getattr(undone, name) for name in (*KEPT, "previous_change_id")}
    statement = update(BulkChangeRow).where(is_later, *_still_has(BulkChangeRow, row)).values(values)
    skipped = tx.execute(
        statement.returning(BulkChangeRow.subscriber_id), execution_options={"synchronize_session": False}
    )
    return len(skipped.all())


def recent(tx: Tx, since: datetime, limit: int) -> Sequence[tuple[BulkChange, int]]:
    """The newest changes that nobody has undone, the last one first, each with the number of its subscribers."""
    counted = (
        select(BulkChange, func.count(BulkChangeRow.subscriber_id))
        .join(BulkChangeRow, BulkChangeRow.change_id == BulkChange.id)
        .where(BulkChange.at >= since, BulkChange.undone_at.is_(None))
        .group_by(BulkChange.id)
    )
    return [(row, count) for row, count in tx.execute(counted.order_by(BulkChange.id.desc()).limit(limit))]


def forget(tx: Tx, before: datetime) -> int:
    """Delete what undoes the changes from before a moment; returns how many there were.

    The row of the newest change stays, so that SQLite gives its id to no other: a page from before may have its button.
    """
    old = select(BulkChange.id).where(BulkChange.at < before)
    tx.execute(delete(BulkChangeRow).where(BulkChangeRow.change_id.in_(old)))
    newest = select(func.max(BulkChange.id)).scalar_subquery()
    gone = delete(BulkChange).where(BulkChange.at < before, BulkChange.id < newest).returning(BulkChange.id)
    return len(tx.scalars(gone, execution_options={"synchronize_session": False}).all())


def _is_about(action: BulkAction) -> ColumnElement[bool]:
    """Whom an action is about, among those chosen."""
    match action:
        case BulkAction.PAUSE:
            return Subscriber.state.in_(SUBSCRIBED_STATES)
        case BulkAction.RESUME:
            return Subscriber.state == SubscriberState.PAUSED
        case BulkAction.UNSUBSCRIBE:
            return Subscriber.state.not_in(GONE_STATES)


def _values(row: BulkChange) -> dict[str, Any]:
    """What a change writes."""
    match row.action:
        case BulkAction.PAUSE:
            return {"state": SubscriberState.PAUSED, "paused_until": row.until, "first_digest_since": None}
        case BulkAction.RESUME:
            return {"state": SubscriberState.ACTIVE, "paused_until": None, "next_due_at": None}
        case BulkAction.UNSUBSCRIBE:
            return {
                "state": SubscriberState.UNSUBSCRIBED,
                "left_at": row.at,
                "next_due_at": None,
                "paused_until": None,
                "first_digest_since": None,
            }


def _still_has(table: type[Subscriber | BulkChangeRow], row: BulkChange) -> list[ColumnElement[bool]]:
    """That a row has what the change wrote.

    The mark says so too; but a process from before there was a mark, in the middle of an upgrade, does not clear it.
    """
    written = _values(row)
    names = [name for name in written if name in ("state", "paused_until", "left_at")]
    return [getattr(table, name).is_not_distinct_from(written[name]) for name in names]
