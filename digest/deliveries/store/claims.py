"""Queries over deliveries: plan, claim, answer, and what became of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import Dialect, bindparam, exists, func, or_, select, update
from sqlalchemy.sql.compiler import SQLCompiler

from digest.database import PlainTx, Tx, insert_missing
from digest.deliveries.models import Delivery, Tally
from digest.editions.models import Edition
from digest.subscribers.models import Subscriber

PAGE = 50  # deliveries of a page in the admin
OPEN = ("planned", "claimed")


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery to be planned."""

    edition_id: int
    digest_id: int
    subscriber_id: int
    planned_at: datetime


class Claimed(NamedTuple):  # made for each mail, and a frozen dataclass takes several times as long to make
    """A delivery that is ours to send, with what it takes."""

    id: int
    edition_id: int
    digest_id: int
    attempts: int
    in_doubt: bool
    planned_at: datetime
    test_address: str
    email: str | None
    public_id: str | None
    state: str | None  # of the subscriber; empty for a test
    cadence: str | None
    weekday: int | None
    send_minute: int | None
    zone: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a delivery that was claimed."""

    id: int
    state: str
    answer: str
    not_before: datetime
    finished_at: datetime | None
    in_doubt: bool
    attempts: int


def plan(tx: Tx, rows: Sequence[DeliveryRow]) -> None:
    """Write deliveries, one of each edition for each subscriber; those of one digest lie together."""
    values = [
        {
            "edition_id": row.edition_id,
            "digest_id": row.digest_id,
            "subscriber_id": row.subscriber_id,
            "planned_at": row.planned_at,
            "not_before": row.planned_at,
        }
        for row in sorted(rows, key=lambda row: row.digest_id)
    ]
    insert_missing(tx, Delivery, values, keys=["edition_id", "subscriber_id"])


def plan_test(tx: Tx, edition_id: int, digest_id: int, address: str, now: datetime) -> None:
    """Write the one delivery of a test edition."""
    tx.add(
        Delivery(
            edition_id=edition_id, digest_id=digest_id, test_address=address, planned_at=now, not_before=now
        )
    )


def claim(
    tx: Tx,
    holder: str,
    now: datetime,
    *,
    lease: timedelta,
    limit: int,
    lapsed: bool = True,
    but_of: Collection[int] = (),
) -> Sequence[Claimed]:
    """Take deliveries that are due of editions that are being sent, except some, and then, if `lapsed`, those whose
    holder's lease has run out. Those of a digest come together, so that a sender prepares each digest once."""
    taken: list[int] = []
    query = select(Edition.id).where(Edition.state == "sending").order_by(Edition.id)
    sending = [edition_id for edition_id in tx.scalars(query) if edition_id not in but_of]
    for state in ("planned", "claimed") if lapsed else ("planned",):
        for edition_id in sending:
            if len(taken) < limit:
                room = limit - len(taken)
                taken += _take(tx, holder, now, edition_id=edition_id, state=state, lease=lease, limit=room)
    return _claimed(tx, taken) if taken else []


def _claimed(tx: Tx, taken: Sequence[int]) -> Sequence[Claimed]:
    # The tables' own columns: to the object mapper a row of many values is as much work as an object.
    of, reader = Delivery.__table__.c, Subscriber.__table__.c
    own = (of.id, of.edition_id, of.digest_id, of.attempts, of.in_doubt, of.planned_at, of.test_address)
    theirs = (reader.email, reader.public_id, reader.state, reader.cadence, reader.weekday)
    query = (
        select(*own, *theirs, reader.send_minute, reader.zone)
        .select_from(Delivery.__table__.outerjoin(Subscriber.__table__, reader.id == of.subscriber_id))
        .where(of.id.in_(taken))
        .order_by(of.digest_id, of.id)
    )
    return [Claimed._make(row) for row in tx.connection().execute(query)]


def _take(
    tx: Tx, holder: str, now: datetime, *, edition_id: int, state: str, lease: timedelta, limit: int
) -> list[int]:
    """Claim due deliveries of an edition in one state, in the order of the index they are found by."""
    due = (
        select(Delivery.id)
        .where(Delivery.edition_id == edition_id, Delivery.state == state, Delivery.not_before <= now)
        .order_by(Delivery.not_before, Delivery.digest_id)
        .limit(limit)
        .with_for_update(of=Delivery, skip_locked=True)
        # As a CTE it runs once. A plain subquery PostgreSQL may run again for each row, and so pass the limit.
        .cte("due")
    )
    taken = (
        update(Delivery)
        .where(Delivery.id.in_(select(due.c.id)), Delivery.state == state, Delivery.not_before <= now)
        .values(state="claimed", claim=holder, not_before=now + lease, attempts=Delivery.attempts + 1)
        .returning(Delivery.id)
    )
    return list(tx.scalars(taken, execution_options={"synchronize_session": False}))


@dataclass(frozen=True, slots=True)
class Standing:
    """What may be done with a claimed delivery now: the states of its edition and reader, and the edition's pace."""

    edition_id: int
    edition_state: str
    rate: int
    reader_state: str | None  # none for a test, which has no reader

    @property
    def may_go(self) -> bool:
        """Whether it may be sent."""
        return self.edition_state == "sending" and self.reader_state in ("active", None)


def standing(tx: Tx, holder: str, ids: Sequence[int]) -> dict[int, Standing]:
    """How claimed deliveries stand now; one that is missing is no longer ours: taken over, erased or cancelled."""
    query = (
        select(Delivery.id, Edition.id, Edition.state, Edition.rate, Subscriber.state)
        .join(Edition, Edition.id == Delivery.edition_id)
        .outerjoin(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(Delivery.id.in_(ids), Delivery.claim == holder, Delivery.state == "claimed")
    )
    return {row[0]: Standing(row[1], row[2], row[3], row[4]) for row in tx.execute(query)}


def renew(tx: Tx, holder: str, ids: Sequence[int], until: datetime) -> None:
    """Prolong the lease of claimed deliveries."""
    mine = (Delivery.id.in_(ids), Delivery.claim == holder, Delivery.state == "claimed")
    tx.execute(
        update(Delivery).where(*mine).values(not_before=until),
        execution_options={"synchronize_session": False},
    )


ANSWERED = ("state", "answer", "not_before", "finished_at", "in_doubt", "attempts")


def keep_answers(tx: PlainTx, holder: str, answers: Sequence[Answer]) -> None:
    """Write what became of claimed deliveries; an answer that comes after the claim was lost changes nothing."""
    if not answers:
        return
    keeping, time = _keeping(tx.dialect)
    moments = {moment for answer in answers for moment in (answer.not_before, answer.finished_at)}
    times = {moment: time(moment) for moment in moments}
    rows = [
        {
            "key": answer.id,
            "holder": holder,
            "held": "claimed",
            "state": answer.state,
            "answer": answer.answer[:500],
            "not_before": times[answer.not_before],
            "finished_at": times[answer.finished_at],
            "in_doubt": answer.in_doubt,
            "attempts": answer.attempts,
        }
        for answer in answers
    ]
    order = keeping.positiontup
    tx.exec_driver_sql(str(keeping), [tuple(row[name] for name in order) for row in rows] if order else rows)


@cache  # a hundred times for a thousand mails; building and binding it each time takes longer than running it
def _keeping(dialect: Dialect) -> tuple[SQLCompiler, Callable[[datetime | None], object]]:
    """The statement in the database's own words, and what makes a time a value of it."""
    table = Delivery.__table__
    held = table.c.state == bindparam("held")
    mine = (table.c.id == bindparam("key"), table.c.claim == bindparam("holder"), held)
    values: dict[str, Any] = {name: bindparam(name) for name in ANSWERED}
    keeping = update(table).where(*mine).values(values).compile(dialect=dialect)  # type: ignore[arg-type]
    return keeping, cast("Any", table.c.not_before.type.dialect_impl(dialect).bind_processor(dialect))


def counts(tx: Tx, edition_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many deliveries of each edition are in each state; of old ones, how many were."""
    live = (
        select(Delivery.edition_id, Delivery.state, func.count())
        .where(Delivery.edition_id.in_(edition_ids))
        .group_by(Delivery.edition_id, Delivery.state)
    )
    folded = select(Tally.edition_id, Tally.state, Tally.count).where(Tally.edition_id.in_(edition_ids))
    out: dict[int, dict[str, int]] = {edition: {} for edition in edition_ids}
    for query in (live, folded):
        for edition, state, count in tx.execute(query):
            out[edition][state] = out[edition].get(state, 0) + count
    return out


def count_by_digest(tx: Tx, digest_ids: Sequence[int]) -> dict[int, int]:
    """How many deliveries each of these digests has."""
    query = select(Delivery.digest_id, func.count()).where(Delivery.digest_id.in_(digest_ids))
    return {row[0]: row[1] for row in tx.execute(query.group_by(Delivery.digest_id))}


def of_edition(
    tx: Tx, edition_id: int, state: str, *, page: int = 1
) -> tuple[Sequence[tuple[Delivery, str | None]], int]:
    """A page of an edition's deliveries with the address of each, and how many there are in all."""
    where = [Delivery.edition_id == edition_id] + ([Delivery.state == state] if state else [])
    query = (
        select(Delivery, Subscriber.email)
        .outerjoin(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(*where)
    )
    rows = tx.execute(query.order_by(Delivery.id).limit(PAGE).offset((page - 1) * PAGE))
    total = tx.scalar(select(func.count()).select_from(Delivery).where(*where)) or 0
    return [(row[0], row[1]) for row in rows], total


def finish_editions(tx: Tx, now: datetime) -> Sequence[int]:
    """Close editions of which nothing is left to send; returns their ids."""
    left = exists().where(Delivery.edition_id == Edition.id, Delivery.state.in_(OPEN))
    done = update(Edition).where(Edition.state == "sending", ~left).values(state="sent", finished_at=now)
    return tx.scalars(done.returning(Edition.id), execution_options={"synchronize_session": False}).all()


def cancel_rest(tx: Tx, now: datetime, *, edition_id: int | None = None) -> Sequence[int]:
    """Cancel what nobody is sending of cancelled editions, or of one of them: planned, or held by a lost worker;
    returns the deliveries' ids."""
    cancelled = select(Edition.id).where(Edition.state == "cancelled")
    if edition_id is not None:
        cancelled = cancelled.where(Edition.id == edition_id)
    idle = or_(Delivery.state == "planned", (Delivery.state == "claimed") & (Delivery.not_before <= now))
    rest = update(Delivery).where(idle, Delivery.edition_id.in_(cancelled))
    return tx.scalars(
        rest.values(state="cancelled", finished_at=now).returning(Delivery.id),
        execution_options={"synchronize_session": False},
    ).all()


def open_count(tx: Tx, now: datetime) -> int:
    """How many deliveries could be sent at once."""
    sending = tx.scalars(select(Edition.id).where(Edition.state == "sending")).all()
    due = (Delivery.edition_id.in_(sending), Delivery.state.in_(OPEN), Delivery.not_before <= now)
    return tx.scalar(select(func.count()).select_from(Delivery).where(*due)) or 0


def answers_since(tx: Tx, since: datetime) -> Mapping[str, int]:
    """How many deliveries of the editions made since a moment ended in which state."""
    recent = tx.scalars(select(Edition.id).where(Edition.created_at >= since)).all()
    query = select(Delivery.state, func.count()).where(Delivery.edition_id.in_(recent))
    ended = query.where(Delivery.state.not_in(OPEN)).group_by(Delivery.state)
    return {row[0]: row[1] for row in tx.execute(ended)}
