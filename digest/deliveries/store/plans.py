"""Queries of planning. A few statements plan a whole range of subscribers, however many there are.

The deliveries are inserted from a join of subscribers with digests, and UPDATE statements move the windows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Integer,
    String,
    and_,
    case,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    update,
    values,
)

from digest.database import Tx, UtcDateTime, chunked, dialect_insert, is_one_of, lock_for_transaction
from digest.deliveries.models import Delivery
from digest.deliveries.store.subscriber_scope import SubscriberScope
from digest.editions.models import Digest, Edition
from digest.editions.pure.calendar import Schedule
from digest.editions.pure.edition_spec import CUTOFF_MARGIN, EditionSpec
from digest.editions.states import EditionKind
from digest.subscribers.models import Subscriber
from digest.subscribers.states import SubscriberState

# Subscribers planned in one transaction. It takes some 0.3 s, so SQLite's only write lock is soon free again.
SUBSCRIBERS_PER_TRANSACTION = 10_000
ROWS_PER_STATEMENT = 1000  # databases take 32,766 parameters, and a row has six
FIRST_WINDOW = timedelta(days=1)  # the window of a subscriber who has no last cutoff
# Replaces the NULL of a subscriber without a last slot, because a join cannot compare NULL.
NO_LAST_SLOT = datetime(1970, 1, 1, tzinfo=UTC)


class GroupKey(NamedTuple):
    """Identifies subscribers who get the same digest of an edition."""

    preferences_key: str
    window_start: datetime


class ScheduleKey(NamedTuple):
    """Identifies subscribers who are due at the same moments."""

    schedule: Schedule
    last_slot: datetime | None  # the slot last planned


class PlannedSlot(NamedTuple):
    """The slot that subscribers were planned for, and the cutoff of its edition."""

    slot: datetime
    cutoff: datetime


def edition_spec(edition: Edition) -> EditionSpec:
    """The spec of a stored edition."""
    return EditionSpec(
        edition.id,
        edition.cutoff,
        edition.hours,
        edition.note,
        notes_at(edition, edition.cutoff),
        is_first=edition.kind == EditionKind.FIRST,
    )


def notes_at(edition: Edition, cutoff: datetime) -> datetime | None:
    """When an edition takes the notes of the day; None for manual ones and their tests."""
    is_manual = edition.kind == EditionKind.MANUAL or (edition.kind == EditionKind.TEST and edition.note)
    return None if is_manual else cutoff + CUTOFF_MARGIN


def window_start(spec: EditionSpec) -> ColumnElement[datetime]:
    """When the window of a subscriber begins, as an SQL expression over `subscribers`."""
    time_type = UtcDateTime()
    first_start = literal(spec.cutoff - FIRST_WINDOW, time_type)
    start: ColumnElement[datetime] = func.coalesce(Subscriber.last_cutoff, first_start, type_=time_type)
    if spec.hours:
        earliest = literal(spec.cutoff - timedelta(hours=spec.hours), time_type)
        start = case((start < earliest, earliest), else_=start)
    return start


def due_moments(tx: Tx, now: datetime) -> Sequence[datetime]:
    """The moments up to now at which subscribers are due, earliest first."""
    due = select(Subscriber.next_due_at).where(
        Subscriber.state == SubscriberState.ACTIVE, Subscriber.next_due_at <= now
    )
    return [moment for moment in tx.scalars(due.distinct().order_by(Subscriber.next_due_at)) if moment]


def split_scope(
    tx: Tx, scope: SubscriberScope, size: int = SUBSCRIBERS_PER_TRANSACTION
) -> Sequence[SubscriberScope]:
    """Split a scope into ranges of ids, each with about `size` subscribers; empty when it has nobody.

    The last range has no upper end, so that it includes subscribers who join meanwhile.
    """
    row_number = func.row_number().over(order_by=Subscriber.id).label("place")
    numbered = select(Subscriber.id, row_number).where(*scope.conditions()).subquery()
    query = select(numbered.c.id).where((numbered.c.place - 1) % size == 0).order_by(numbered.c.id)
    first_ids: list[int | None] = list(tx.scalars(query))
    return [
        replace(scope, after_id=(first_id or 1) - 1, up_to_id=next_id and next_id - 1)
        for first_id, next_id in pairwise([*first_ids, None])
    ]


def lock_subscribers(tx: Tx, scope: SubscriberScope) -> None:
    """Keep others from planning or changing these subscribers until the end of the transaction."""
    lock_for_transaction(tx, "planning")
    if tx.get_bind().dialect.name == "postgresql":
        locked = (
            select(Subscriber.id)
            .where(*scope.conditions())
            .order_by(Subscriber.id)
            .with_for_update()
            .subquery()
        )
        tx.execute(select(func.count()).select_from(locked))


def count_groups(tx: Tx, scope: SubscriberScope, spec: EditionSpec) -> dict[GroupKey, int]:
    """How many of these subscribers are in each group. Those whose window is empty are left out."""
    start = window_start(spec)
    query = select(Subscriber.preferences_key, start, func.count()).where(
        *scope.conditions(), start < spec.cutoff
    )
    rows = tx.execute(query.group_by(Subscriber.preferences_key, start))
    return {GroupKey(row[0], row[1]): row[2] for row in rows}


def count(tx: Tx, scope: SubscriberScope) -> int:
    """How many subscribers are in the scope."""
    return tx.scalar(select(func.count()).select_from(Subscriber).where(*scope.conditions())) or 0


def count_by_preferences(tx: Tx, scope: SubscriberScope) -> dict[str, int]:
    """How many of these subscribers there are for each preferences key."""
    query = select(Subscriber.preferences_key, func.count()).where(*scope.conditions())
    return {row[0]: row[1] for row in tx.execute(query.group_by(Subscriber.preferences_key))}


def insert_deliveries(
    tx: Tx,
    scope: SubscriberScope,
    spec: EditionSpec,
    now: datetime,
    *,
    personal_digests: Mapping[int, int | None],
) -> int:
    """Plan the delivery of each subscriber whose group has a digest in the edition; returns how many.

    `personal_digests` maps a subscriber's id to the id of the digest that replaces the group's; None: no digest.
    """
    digest_ids = {subscriber_id: key for subscriber_id, key in personal_digests.items() if key is not None}
    planned = 0
    for chunk in chunked(digest_ids.items(), ROWS_PER_STATEMENT):
        digest_id = case(dict(chunk), value=Subscriber.id)
        personal = select(digest_id, Subscriber.id).where(
            *scope.conditions(), is_one_of(tx, Subscriber.id, [subscriber_id for subscriber_id, _ in chunk])
        )
        planned += _insert(tx, personal, spec, now)
    shared = (
        select(Digest.id, Subscriber.id)
        .select_from(Subscriber)
        .join(Digest, has_group_digest(spec))
        .where(*scope.conditions())
    )
    if personal_digests:
        shared = shared.where(Subscriber.id.not_in(list(personal_digests)))
    return planned + _insert(tx, shared, spec, now)


def has_group_digest(spec: EditionSpec) -> ColumnElement[bool]:
    """The join condition between a subscriber and the edition's digest of the subscriber's group."""
    return and_(
        Digest.edition_id == spec.id,
        Digest.preferences_key == Subscriber.preferences_key,
        Digest.window_start == window_start(spec),
        Digest.without == "",
    )


def _insert(tx: Tx, pairs: Any, spec: EditionSpec, now: datetime) -> int:
    """Insert deliveries from a query of (digest id, subscriber id). No subscriber gets a second delivery."""
    moment = literal(now, UtcDateTime())
    names = ["digest_id", "subscriber_id", "edition_id", "planned_at", "not_before"]
    statement = dialect_insert(tx, Delivery).from_select(
        names, pairs.add_columns(literal(spec.id), moment, moment)
    )
    return execute_rowcount(
        tx, statement.on_conflict_do_nothing(index_elements=["edition_id", "subscriber_id"])
    )


def schedules(tx: Tx, scope: SubscriberScope) -> Sequence[ScheduleKey]:
    """The distinct schedules of these subscribers, with the slots last planned."""
    columns = (Subscriber.cadence, Subscriber.weekday, Subscriber.send_minute, Subscriber.zone)
    query = select(*columns, Subscriber.last_slot_at)
    rows = tx.execute(query.where(*scope.conditions()).distinct())
    return [
        ScheduleKey(Schedule(cadence, weekday, send_minute, zone), last_slot)
        for cadence, weekday, send_minute, zone, last_slot in rows
    ]


def reschedule(
    tx: Tx,
    scope: SubscriberScope,
    due: Mapping[ScheduleKey, datetime],
    *,
    planned_for: PlannedSlot | None = None,
) -> None:
    """Write when these subscribers are due next, by schedule and last slot.

    With `planned_for`, that slot becomes their last slot, and their windows begin at its cutoff. No window moves back.
    """
    for chunk in chunked(due.items(), ROWS_PER_STATEMENT):
        table = _due_table(chunk)
        fields: dict[str, Any] = {"next_due_at": table.c.at}
        if planned_for:
            cutoff = planned_for.cutoff
            is_behind = or_(Subscriber.last_cutoff.is_(None), Subscriber.last_cutoff < cutoff)
            moved = case((is_behind, literal(cutoff, UtcDateTime())), else_=Subscriber.last_cutoff)
            fields |= {"last_slot_at": planned_for.slot, "last_cutoff": moved}
        same_schedule = [
            Subscriber.cadence == table.c.cadence,
            Subscriber.weekday == table.c.weekday,
            Subscriber.send_minute == table.c.minute,
            Subscriber.zone == table.c.zone,
            func.coalesce(Subscriber.last_slot_at, literal(NO_LAST_SLOT, UtcDateTime())) == table.c.last,
        ]
        execute_rowcount(tx, update(Subscriber).where(*scope.conditions(), *same_schedule).values(**fields))


def _due_table(due: Sequence[tuple[ScheduleKey, datetime]]) -> Any:
    """The next due moments as a table to join with."""
    time_type = UtcDateTime()
    columns = (
        column("cadence", String),
        column("weekday", Integer),
        column("minute", Integer),
        column("zone", String),
        column("last", time_type),
        column("at", time_type),
    )
    rows = [
        (s.cadence, s.weekday, s.send_minute, s.zone, last_slot or NO_LAST_SLOT, at)
        for (s, last_slot), at in due
    ]
    return values(*columns, name="due").data(rows).cte("due")


def advance_windows(tx: Tx, scope: SubscriberScope, spec: EditionSpec) -> None:
    """Move the windows of those who get a manual edition to its cutoff. Their next due times stay the same.

    An edition with `hours` moves no window, because its subscribers have not received the news from before them.
    """
    if spec.hours:
        return
    gets_it = exists().where(Delivery.edition_id == spec.id, Delivery.subscriber_id == Subscriber.id)
    is_behind = or_(Subscriber.last_cutoff.is_(None), Subscriber.last_cutoff < spec.cutoff)
    statement = (
        update(Subscriber).where(*scope.conditions(), is_behind, gets_it).values(last_cutoff=spec.cutoff)
    )
    tx.execute(statement, execution_options={"synchronize_session": False})


def execute_rowcount(tx: Tx, statement: Any) -> int:
    """Run an INSERT or UPDATE; returns how many rows it wrote."""
    result = tx.execute(
        statement, execution_options={"synchronize_session": False, "preserve_rowcount": True}
    )
    return cast("CursorResult[Any]", result).rowcount
