"""Queries of planning. A range of readers is planned by a few statements, however many they are: their deliveries are
inserted from a join with the digests, and their windows are moved together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any, TypeVar, cast

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

from digest.database import Tx, UtcDateTime, inserter, serialise
from digest.deliveries.models import Delivery
from digest.editions.models import Digest, Edition
from digest.editions.pure.calendar import Schedule
from digest.subscribers.models import Subscriber

BATCH = 10_000  # readers a transaction: some 0.3 s, so that SQLite's only write lock is soon free again
ROWS = 1000  # values of one statement; databases take 32,766 parameters, and a row has six
FIRST_WINDOW = timedelta(days=1)  # of a reader of whom no cutoff is known
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # stands for no last slot, so that databases can join by it

Item = TypeVar("Item")
Group = tuple[str, datetime]  # preferences key and window start: those who get the same digest
Wanted = tuple[Schedule, datetime | None]  # a schedule, and the slot last planned


@dataclass(frozen=True, slots=True)
class Scope:
    """Which readers: those due at one moment, those not scheduled yet, or (with neither) all active ones.
    Of them, those with ids in (after, upto]."""

    due: datetime | None = None
    due_by: datetime | None = None
    unscheduled: bool = False
    after: int = 0
    upto: int | None = None
    any_state: bool = False  # for previews: what would come if they were active

    def where(self) -> list[ColumnElement[bool]]:
        """As SQL."""
        found: list[ColumnElement[bool]] = [Subscriber.id > self.after]
        if not self.any_state:
            found.append(Subscriber.state == "active")
        if self.upto is not None:
            found.append(Subscriber.id <= self.upto)
        if self.unscheduled:
            found.append(Subscriber.next_due_at.is_(None))
        if self.due is not None:
            found.append(Subscriber.next_due_at == self.due)
        if self.due_by is not None:
            found.append(Subscriber.next_due_at <= self.due_by)
        return found


@dataclass(frozen=True, slots=True)
class Closing:
    """What of an edition decides who gets which digest: its id, its cutoff, and how far back it looks at most."""

    id: int
    cutoff: datetime
    hours: int = 0

    @classmethod
    def of(cls, edition: Edition) -> "Closing":
        """From the row."""
        return cls(edition.id, edition.cutoff, edition.hours)

    def start(self) -> ColumnElement[datetime]:
        """Where a reader's window begins, as SQL."""
        kind = UtcDateTime()
        first = literal(self.cutoff - FIRST_WINDOW, kind)
        start: ColumnElement[datetime] = func.coalesce(Subscriber.last_cutoff, first, type_=kind)
        if self.hours:
            since = literal(self.cutoff - timedelta(hours=self.hours), kind)
            start = case((start < since, since), else_=start)
        return start


def due_moments(tx: Tx, now: datetime) -> Sequence[datetime]:
    """The moments at which readers were or are due, up to now, earliest first."""
    due = select(Subscriber.next_due_at).where(Subscriber.state == "active", Subscriber.next_due_at <= now)
    return [moment for moment in tx.scalars(due.distinct().order_by(Subscriber.next_due_at)) if moment]


def ranges(tx: Tx, scope: Scope, size: int = BATCH) -> Sequence[Scope]:
    """The scope in pieces of about `size` readers; none when there is nobody. The last is open, for who comes yet."""
    place = func.row_number().over(order_by=Subscriber.id).label("place")
    numbered = select(Subscriber.id, place).where(*scope.where()).subquery()
    query = select(numbered.c.id).where((numbered.c.place - 1) % size == 0).order_by(numbered.c.id)
    firsts: list[int | None] = list(tx.scalars(query))
    return [
        replace(scope, after=(first or 1) - 1, upto=following and following - 1)
        for first, following in pairwise([*firsts, None])
    ]


def lock(tx: Tx, scope: Scope) -> None:
    """Let nobody else plan or change these readers until the end of the transaction."""
    serialise(tx, "planning")
    if tx.get_bind().dialect.name == "postgresql":
        held = (
            select(Subscriber.id).where(*scope.where()).order_by(Subscriber.id).with_for_update().subquery()
        )
        tx.execute(select(func.count()).select_from(held))


def groups(tx: Tx, scope: Scope, closing: Closing) -> dict[Group, int]:
    """How many of these readers share preferences and window; those whose window is empty are left out."""
    start = closing.start()
    query = select(Subscriber.preferences_key, start, func.count()).where(
        *scope.where(), start < closing.cutoff
    )
    return {(row[0], row[1]): row[2] for row in tx.execute(query.group_by(Subscriber.preferences_key, start))}


def count(tx: Tx, scope: Scope) -> int:
    """How many readers these are."""
    return tx.scalar(select(func.count()).select_from(Subscriber).where(*scope.where())) or 0


def by_preferences(tx: Tx, scope: Scope) -> dict[str, int]:
    """How many of these readers have which preferences."""
    query = select(Subscriber.preferences_key, func.count()).where(*scope.where())
    return {row[0]: row[1] for row in tx.execute(query.group_by(Subscriber.preferences_key))}


def deliver(
    tx: Tx, scope: Scope, closing: Closing, now: datetime, *, special: Mapping[int, int | None]
) -> int:
    """Plan the delivery of each reader for whose preferences and window the edition has a digest; says how many.

    `special` are readers with a digest of their own, or with none.
    """
    own = {reader: digest for reader, digest in special.items() if digest is not None}
    planned = 0
    for rows in pieces(own.items()):
        chosen = case(dict(rows), value=Subscriber.id)
        found = select(chosen, Subscriber.id).where(*scope.where(), Subscriber.id.in_([r for r, _ in rows]))
        planned += _insert(tx, found, closing, now)
    shared = and_(
        Digest.edition_id == closing.id,
        Digest.preferences_key == Subscriber.preferences_key,
        Digest.window_start == closing.start(),
        Digest.without == "",
    )
    query = (
        select(Digest.id, Subscriber.id).select_from(Subscriber).join(Digest, shared).where(*scope.where())
    )
    if special:
        query = query.where(Subscriber.id.not_in(list(special)))
    return planned + _insert(tx, query, closing, now)


def _insert(tx: Tx, readers: Any, closing: Closing, now: datetime) -> int:
    """Deliveries of readers given as (digest id, subscriber id); one of each edition for each subscriber."""
    moment = literal(now, UtcDateTime())
    names = ["digest_id", "subscriber_id", "edition_id", "planned_at", "not_before"]
    statement = inserter(tx, Delivery).from_select(
        names, readers.add_columns(literal(closing.id), moment, moment)
    )
    return changed(tx, statement.on_conflict_do_nothing(index_elements=["edition_id", "subscriber_id"]))


def schedules(tx: Tx, scope: Scope) -> Sequence[Wanted]:
    """The distinct schedules of these readers, with the slots last planned."""
    query = select(
        Subscriber.cadence,
        Subscriber.weekday,
        Subscriber.send_minute,
        Subscriber.zone,
        Subscriber.last_slot_at,
    )
    return [(Schedule(*row[:4]), row[4]) for row in tx.execute(query.where(*scope.where()).distinct())]


def reschedule(
    tx: Tx, scope: Scope, due: Mapping[Wanted, datetime], *, served: tuple[datetime, datetime] | None = None
) -> None:
    """Write when these readers are due next, by schedule and last slot. With `served` (slot, cutoff) they were planned
    for that slot, and the window of each begins at the cutoff now; no window moves back."""
    for rows in pieces(due.items()):
        table = _table(
            [(s.cadence, s.weekday, s.send_minute, s.zone, last or NEVER, at) for (s, last), at in rows]
        )
        fields: dict[str, Any] = {"next_due_at": table.c.at}
        if served:
            slot, cutoff = served
            behind = or_(Subscriber.last_cutoff.is_(None), Subscriber.last_cutoff < cutoff)
            moved = case((behind, literal(cutoff, UtcDateTime())), else_=Subscriber.last_cutoff)
            fields |= {"last_slot_at": slot, "last_cutoff": moved}
        same = [
            Subscriber.cadence == table.c.cadence,
            Subscriber.weekday == table.c.weekday,
            Subscriber.send_minute == table.c.minute,
            Subscriber.zone == table.c.zone,
            func.coalesce(Subscriber.last_slot_at, literal(NEVER, UtcDateTime())) == table.c.last,
        ]
        statement = update(Subscriber).where(*scope.where(), *same).values(**fields)
        changed(tx, statement)


def _table(rows: list[tuple[Any, ...]]) -> Any:
    moment = UtcDateTime()
    columns = (
        column("cadence", String),
        column("weekday", Integer),
        column("minute", Integer),
        column("zone", String),
        column("last", moment),
        column("at", moment),
    )
    return values(*columns, name="due").data(rows).cte("due")


def move_windows(tx: Tx, scope: Scope, closing: Closing) -> None:
    """The windows of those who get an edition by hand begin at its cutoff now; their hours stay. One that was made of
    the last hours alone moves none: what came before them is still to be told."""
    if closing.hours:
        return
    gets = exists().where(Delivery.edition_id == closing.id, Delivery.subscriber_id == Subscriber.id)
    behind = or_(Subscriber.last_cutoff.is_(None), Subscriber.last_cutoff < closing.cutoff)
    statement = update(Subscriber).where(*scope.where(), behind, gets).values(last_cutoff=closing.cutoff)
    tx.execute(statement, execution_options={"synchronize_session": False})


def changed(tx: Tx, statement: Any) -> int:
    """Run an INSERT or UPDATE; says how many rows it wrote."""
    done = tx.execute(statement, execution_options={"synchronize_session": False, "preserve_rowcount": True})
    return cast("CursorResult[Any]", done).rowcount


def pieces(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The items in lists short enough for one statement."""
    rest = iter(items)
    while piece := list(islice(rest, ROWS)):
        yield piece
