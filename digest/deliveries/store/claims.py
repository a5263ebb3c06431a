"""Queries that claim deliveries for a sender, renew the leases and record the results."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import Dialect, bindparam, select, update
from sqlalchemy.sql.compiler import SQLCompiler

from digest.database import CoreTx, Tx
from digest.deliveries.models import Delivery
from digest.deliveries.states import OPEN_STATES, DeliveryState
from digest.editions.models import Edition
from digest.editions.states import EditionState
from digest.subscribers.models import Subscriber
from digest.subscribers.states import Cadence, SubscriberState

MAX_ANSWER_LENGTH = 500  # characters of the mail server's answer that are kept
RESULT_COLUMNS = ("state", "answer", "not_before", "finished_at", "in_doubt", "attempts")


# A NamedTuple, because there is one for each mail and a frozen dataclass takes several times as long to make.
class ClaimedDelivery(NamedTuple):
    """A claimed delivery with all that is needed to send it. The subscriber's fields are None for a test."""

    id: int
    edition_id: int
    digest_id: int
    attempts: int
    in_doubt: bool
    planned_at: datetime
    test_address: str
    email: str | None
    public_id: str | None
    subscriber_state: SubscriberState | None
    cadence: Cadence | None
    weekday: int | None
    send_minute: int | None
    zone: str | None


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """The new values of a delivery that was claimed."""

    id: int
    state: DeliveryState
    answer: str
    not_before: datetime
    finished_at: datetime | None
    in_doubt: bool
    attempts: int


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """The current states of a claimed delivery's edition and subscriber, and the edition's rate in mails a second."""

    edition_id: int
    edition_state: EditionState
    rate: int
    subscriber_state: SubscriberState | None  # None for a test, which has no subscriber

    @property
    def may_send(self) -> bool:
        """Whether the delivery may still be sent."""
        return self.edition_state == EditionState.SENDING and self.subscriber_state in (
            SubscriberState.ACTIVE,
            None,
        )


def claim(
    tx: Tx,
    holder: str,
    now: datetime,
    *,
    lease: timedelta,
    limit: int,
    take_expired: bool = True,
    except_editions: Collection[int] = (),
) -> Sequence[ClaimedDelivery]:
    """Claim up to `limit` due deliveries of the editions that are being sent, less `except_editions`.

    With `take_expired`, claims whose lease has run out are taken over after all planned deliveries. The result is
    ordered by digest, so that a sender prepares each digest once.
    """
    claimed_ids: list[int] = []
    query = select(Edition.id).where(Edition.state == EditionState.SENDING).order_by(Edition.id)
    edition_ids = [edition_id for edition_id in tx.scalars(query) if edition_id not in except_editions]
    for state in OPEN_STATES if take_expired else (DeliveryState.PLANNED,):
        for edition_id in edition_ids:
            if len(claimed_ids) < limit:
                remaining = limit - len(claimed_ids)
                claimed_ids += _claim_in_state(
                    tx, holder, now, edition_id=edition_id, state=state, lease=lease, limit=remaining
                )
    return _load_claimed(tx, claimed_ids) if claimed_ids else []


def _load_claimed(tx: Tx, ids: Sequence[int]) -> Sequence[ClaimedDelivery]:
    # Selects columns through Core, because the ORM takes as long for a row of many columns as for an object.
    delivery, subscriber = Delivery.__table__.c, Subscriber.__table__.c
    delivery_columns = (
        delivery.id,
        delivery.edition_id,
        delivery.digest_id,
        delivery.attempts,
        delivery.in_doubt,
        delivery.planned_at,
        delivery.test_address,
    )
    subscriber_columns = (
        subscriber.email,
        subscriber.public_id,
        subscriber.state,
        subscriber.cadence,
        subscriber.weekday,
        subscriber.send_minute,
        subscriber.zone,
    )
    query = (
        select(*delivery_columns, *subscriber_columns)
        .select_from(
            Delivery.__table__.outerjoin(Subscriber.__table__, subscriber.id == delivery.subscriber_id)
        )
        .where(delivery.id.in_(ids))
        .order_by(delivery.digest_id, delivery.id)
    )
    return [ClaimedDelivery._make(row) for row in tx.connection().execute(query)]


def _claim_in_state(
    tx: Tx, holder: str, now: datetime, *, edition_id: int, state: DeliveryState, lease: timedelta, limit: int
) -> list[int]:
    """Claim due deliveries of one edition in one state, the first in the order of the index; returns their ids."""
    due = (
        select(Delivery.id)
        .where(Delivery.edition_id == edition_id, Delivery.state == state, Delivery.not_before <= now)
        .order_by(Delivery.not_before, Delivery.digest_id)
        .limit(limit)
        .with_for_update(of=Delivery, skip_locked=True)
        # A CTE runs once. PostgreSQL may run a plain subquery again for each row, and so exceed the limit.
        .cte("due")
    )
    statement = (
        update(Delivery)
        .where(Delivery.id.in_(select(due.c.id)), Delivery.state == state, Delivery.not_before <= now)
        # While a delivery is claimed, `not_before` is the end of its lease.
        .values(
            state=DeliveryState.CLAIMED, claim=holder, not_before=now + lease, attempts=Delivery.attempts + 1
        )
        .returning(Delivery.id)
    )
    return list(tx.scalars(statement, execution_options={"synchronize_session": False}))


def claim_statuses(tx: Tx, holder: str, ids: Sequence[int]) -> dict[int, ClaimStatus]:
    """The current status of each claimed delivery. A missing one was taken over, erased or cancelled."""
    query = (
        select(Delivery.id, Edition.id, Edition.state, Edition.rate, Subscriber.state)
        .join(Edition, Edition.id == Delivery.edition_id)
        .outerjoin(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(Delivery.id.in_(ids), Delivery.claim == holder, Delivery.state == DeliveryState.CLAIMED)
    )
    return {row[0]: ClaimStatus(row[1], row[2], row[3], row[4]) for row in tx.execute(query)}


def renew_leases(tx: Tx, holder: str, ids: Sequence[int], until: datetime) -> None:
    """Extend the leases (`not_before`) of claimed deliveries to `until`."""
    still_claimed = (
        Delivery.id.in_(ids),
        Delivery.claim == holder,
        Delivery.state == DeliveryState.CLAIMED,
    )
    tx.execute(
        update(Delivery).where(*still_claimed).values(not_before=until),
        execution_options={"synchronize_session": False},
    )


def record_results(tx: CoreTx, holder: str, results: Sequence[DeliveryResult]) -> None:
    """Write the results of claimed deliveries. A result that comes after the claim was lost changes nothing."""
    if not results:
        return
    statement, bind_time = _result_statement(tx.dialect)
    moments = {moment for result in results for moment in (result.not_before, result.finished_at)}
    bound_times = {moment: bind_time(moment) for moment in moments}
    rows = [
        {
            "delivery_id": result.id,
            "holder": holder,
            "claimed_state": str(DeliveryState.CLAIMED),
            "state": str(result.state),
            "answer": result.answer[:MAX_ANSWER_LENGTH],
            "not_before": bound_times[result.not_before],
            "finished_at": bound_times[result.finished_at],
            "in_doubt": result.in_doubt,
            "attempts": result.attempts,
        }
        for result in results
    ]
    positional_names = statement.positiontup  # None if the driver takes parameters by name
    tx.exec_driver_sql(
        str(statement),
        [tuple(row[name] for name in positional_names) for row in rows] if positional_names else rows,
    )


@cache  # used a hundred times for a thousand mails; building the statement takes longer than running it
def _result_statement(dialect: Dialect) -> tuple[SQLCompiler, Callable[[datetime | None], object]]:
    """The UPDATE compiled for the database, and the function that turns a time into a parameter for it."""
    table = Delivery.__table__
    still_claimed = (
        table.c.id == bindparam("delivery_id"),
        table.c.claim == bindparam("holder"),
        table.c.state == bindparam("claimed_state"),
    )
    values: dict[str, Any] = {name: bindparam(name) for name in RESULT_COLUMNS}
    statement = update(table).where(*still_claimed).values(values).compile(dialect=dialect)  # type: ignore[arg-type]
    return statement, cast("Any", table.c.not_before.type.dialect_impl(dialect).bind_processor(dialect))
