"""Queries that load the deliveries of a claimed range, ask whether they may still be sent, and record their results."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import select

from digest.database import CoreTx, Tx
from digest.deliveries.models import Delivery, DeliveryRange
from digest.deliveries.states import DeliveryState
from digest.deliveries.store.ranges import in_range
from digest.editions.models import Edition
from digest.editions.states import EditionState
from digest.subscribers.models import Subscriber
from digest.subscribers.states import Cadence, SubscriberState

MAX_ANSWER_LENGTH = 500  # characters of the mail server's answer that are kept


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


class DeliveryResult(NamedTuple):
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


def load_claimed(tx: Tx, part: DeliveryRange, now: datetime) -> Sequence[ClaimedDelivery]:
    """The planned deliveries of a claimed range that are due, ordered by digest, so that each is prepared once.

    `attempts` counts the one that begins now.
    """
    # Selects columns through Core, because the ORM takes as long for a row of many columns as for an object.
    delivery, subscriber = Delivery.__table__.c, Subscriber.__table__.c
    delivery_columns = (
        delivery.id,
        delivery.edition_id,
        delivery.digest_id,
        delivery.attempts + 1,
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
        .where(*in_range(part), delivery.state == DeliveryState.PLANNED, delivery.not_before <= now)
        .order_by(delivery.digest_id, delivery.id)
    )
    return [ClaimedDelivery._make(row) for row in tx.connection().execute(query)]


def claim_statuses(tx: Tx, part: DeliveryRange) -> dict[int, ClaimStatus]:
    """The current status of each planned delivery of a range. A missing one has ended, or was erased."""
    query = (
        select(Delivery.id, Edition.id, Edition.state, Edition.rate, Subscriber.state)
        .join(Edition, Edition.id == Delivery.edition_id)
        .outerjoin(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(*in_range(part), Delivery.state == DeliveryState.PLANNED)
    )
    return {row[0]: ClaimStatus(row[1], row[2], row[3], row[4]) for row in tx.execute(query)}


# One statement for all deliveries with the same new values except the answer, which nearly all have. Their ids and
# answers are one parameter in JSON, because drivers take long to convert lists.
RECORD_ON_POSTGRESQL = """
    update deliveries set state = $1, answer = result.answer, not_before = $2::timestamptz,
        finished_at = nullif($3, '')::timestamptz, in_doubt = $4::boolean, attempts = $5::integer
    from (
        select (value ->> 0)::bigint as id, value ->> 1 as answer
        from json_array_elements($6::json) as element (value)
    ) as result
    where deliveries.id = result.id and deliveries.state = 'planned'
"""
NUMBERED_PARAMETER = re.compile(r"\$[0-9]")
RECORD_ON_SQLITE = """
    update deliveries set state = ?, answer = result.answer, not_before = ?, finished_at = ?, in_doubt = ?, attempts = ?
    from (
        select json_extract(value, '$[0]') as id, json_extract(value, '$[1]') as answer from json_each(?)
    ) as result
    where deliveries.id = result.id and deliveries.state = 'planned'
"""


def postgresql_parameters(results: Sequence[DeliveryResult]) -> Sequence[Sequence[str]]:
    """The parameters, as text, with which RECORD_ON_POSTGRESQL writes results: for each group with the same values."""
    return [
        (
            str(values.state),
            values.not_before.isoformat(),
            values.finished_at.isoformat() if values.finished_at else "",
            "true" if values.in_doubt else "false",
            str(values.attempts),
            answers,
        )
        for values, answers in _grouped(results)
    ]


def record_results(tx: CoreTx, results: Sequence[DeliveryResult]) -> None:
    """Write the results of claimed deliveries. A delivery that has ended already stays as it is."""
    if tx.dialect.name == "postgresql":
        statement = NUMBERED_PARAMETER.sub("%s", RECORD_ON_POSTGRESQL)
        for parameters in postgresql_parameters(results):
            tx.exec_driver_sql(statement, tuple(parameters))
        return
    bind_time = cast(
        "Any", Delivery.__table__.c.not_before.type.dialect_impl(tx.dialect).bind_processor(tx.dialect)
    )
    for values, answers in _grouped(results):
        times = bind_time(values.not_before), bind_time(values.finished_at)
        row = (str(values.state), *times, values.in_doubt, values.attempts, answers)
        tx.exec_driver_sql(RECORD_ON_SQLITE, row)


def _grouped(results: Sequence[DeliveryResult]) -> Iterator[tuple[DeliveryResult, str]]:
    """The results with the same values: these, with id 0 and no answer, and their ids and answers in JSON."""
    groups: dict[DeliveryResult, list[tuple[int, str]]] = {}
    for result in results:
        same_values = result._replace(id=0, answer="")
        groups.setdefault(same_values, []).append((result.id, _storable(result.answer)))
    for values, answers in groups.items():
        yield values, json.dumps(answers)


def _storable(answer: str) -> str:
    """A server's answer as it is stored: cut, and without the NUL that PostgreSQL refuses."""
    return answer[:MAX_ANSWER_LENGTH].replace("\0", " ")
