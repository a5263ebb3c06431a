"""Queries for what waits longest. Each reads one end of an index, so they cost the same for any number of rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, func, select

from digest.accounts.models import AccountLetter
from digest.accounts.states import OPEN_ACCOUNT_LETTER_STATES
from digest.database import Tx
from digest.deliveries.models import DeliveryRange
from digest.editions.models import Edition
from digest.editions.pure.calendar import slot_of
from digest.editions.states import EditionState
from digest.editions.store.scheduled import slot_name
from digest.sources.models import Host, Source
from digest.sources.states import SourceState
from digest.subscribers.models import Letter, LetterRequest, Subscriber
from digest.subscribers.states import OPEN_LETTER_STATES, SubscriberState

MAX_LISTED = 20  # sources in trouble that are named


class WaitingDelivery(NamedTuple):
    """Since when the oldest due delivery waits, in which edition, and why its last sender released it."""

    since: datetime
    edition_id: int
    reason: str
    is_claimed: bool


class StoppedEdition(NamedTuple):
    """An edition that is paused. `reason` is empty if an editor paused it."""

    edition_id: int
    reason: str


class FailingSource(NamedTuple):
    """A source that could not be read for a long time."""

    source_id: int
    title: str
    since: datetime
    error: str


class SourceCounts(NamedTuple):
    """Sources that are polled, and how many of them failed at their last poll."""

    active: int
    failing: int
    last_poll_at: datetime | None
    last_success_at: datetime | None


def oldest_due_subscriber(tx: Tx, now: datetime) -> datetime | None:
    """Since when the subscriber who waits longest is due; None if nobody is."""
    due = (Subscriber.state == SubscriberState.ACTIVE, Subscriber.next_due_at <= now)
    return tx.scalar(select(func.min(Subscriber.next_due_at)).where(*due))


def is_on_hold(tx: Tx, due: datetime) -> bool:
    """Whether an editor holds the edition of the slot in which somebody is due."""
    held = (Edition.slot == slot_name(slot_of(due)), Edition.state == EditionState.ON_HOLD)
    return tx.scalar(select(Edition.id).where(*held)) is not None


def oldest_letter(tx: Tx, now: datetime) -> datetime | None:
    """Since when the letter, or the request for one, that waits longest is due; None if none is."""
    letter = (Letter.state.in_(OPEN_LETTER_STATES), Letter.not_before <= now)
    to_account = (AccountLetter.state.in_(OPEN_ACCOUNT_LETTER_STATES), AccountLetter.not_before <= now)
    moments = (
        tx.scalar(select(func.min(Letter.not_before)).where(*letter)),
        tx.scalar(select(func.min(AccountLetter.not_before)).where(*to_account)),
        tx.scalar(select(LetterRequest.created_at).order_by(LetterRequest.id).limit(1)),
    )
    return min((moment for moment in moments if moment is not None), default=None)


def oldest_delivery(tx: Tx, now: datetime) -> WaitingDelivery | None:
    """The due delivery of an edition that is being sent that waits longest; None if none waits."""
    columns = (DeliveryRange.due_at, DeliveryRange.edition_id, DeliveryRange.reason, DeliveryRange.holder)
    due = (Edition.state == EditionState.SENDING, DeliveryRange.due_at <= now)
    query = select(*columns).join(Edition, Edition.id == DeliveryRange.edition_id).where(*due)
    row = tx.execute(query.order_by(DeliveryRange.due_at).limit(1)).first()
    waiting = []
    if row is not None and row[0] is not None:
        waiting.append(WaitingDelivery(row[0], row[1], row[2], bool(row[3])))
    # An edition has no ranges before a sender is started for the first time.
    undivided = (
        Edition.state == EditionState.SENDING,
        ~exists().where(DeliveryRange.edition_id == Edition.id),
    )
    first = tx.execute(
        select(Edition.created_at, Edition.id).where(*undivided).order_by(Edition.created_at).limit(1)
    ).first()
    if first is not None:
        waiting.append(WaitingDelivery(first[0], first[1], "", is_claimed=False))
    return min(waiting, default=None)


def stopped_editions(tx: Tx) -> Sequence[StoppedEdition]:
    """The editions that are paused."""
    query = select(Edition.id, Edition.reason).where(Edition.state == EditionState.PAUSED)
    return [StoppedEdition(*row) for row in tx.execute(query.order_by(Edition.id))]


def oldest_overdue_source(tx: Tx, before: datetime) -> datetime | None:
    """Since when the source that waits longest is due, if it was due before a moment; None if none was.

    Sources whose host had a request after that moment, or asked us to wait, do not count.
    """
    waiting = select(Host.name).where(Host.not_before > before)
    due = (*_active(), Source.next_poll_at <= before, Source.host.not_in(waiting))
    return tx.scalar(select(func.min(Source.next_poll_at)).where(*due))


def count_sources(tx: Tx) -> SourceCounts:
    """How many sources are polled, and how polling them went."""
    columns = (func.count(), func.count().filter(Source.failures > 0))
    times = (func.max(Source.last_polled_at), func.max(Source.last_success_at))
    row = tx.execute(select(*columns, *times).where(*_active())).one()
    return SourceCounts(*row)


def failing_sources(tx: Tx, before: datetime) -> Sequence[FailingSource]:
    """The sources that could not be read since `before`, those that failed longest first; at most MAX_LISTED."""
    since = func.coalesce(Source.last_success_at, Source.created_at)
    query = select(
        Source.id, Source.title, Source.url, Source.last_success_at, Source.created_at, Source.last_error
    )
    rows = tx.execute(
        query.where(*_active(), Source.failures > 0, since < before).order_by(since).limit(MAX_LISTED)
    )
    return [FailingSource(row[0], row[1] or row[2], row[3] or row[4], row[5]) for row in rows]


def _active() -> tuple[ColumnElement[bool], ...]:
    return (Source.state == SourceState.ACTIVE,)
