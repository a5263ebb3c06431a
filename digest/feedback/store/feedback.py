"""Queries over feedback, and over the deliveries that it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, delete, func, select

from digest.database import Tx, chunked, insert_missing, is_one_of, page_after
from digest.deliveries.models import Delivery
from digest.deliveries.states import DeliveryState
from digest.editions.models import Digest
from digest.feedback.models import Feedback, UnreadEvent, UsedToken
from digest.feedback.states import FeedbackKind, Severity
from digest.subscribers.models import Subscriber

PAGE_SIZE = 50  # rows of a page in the admin
UNREAD_EVENT_LIFETIME = timedelta(days=90)
LONGEST_UNREAD_EVENT = 20_000  # characters that are kept
MATCHED_DELIVERIES = 100  # newest deliveries of a subscriber among which the returned one is looked for


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """A piece of feedback to record."""

    kind: FeedbackKind
    origin: str
    subscriber_id: int
    domain: str = ""
    delivery_id: int | None = None
    edition_id: int | None = None  # of the delivery
    severity: Severity | Literal[""] = ""
    status: str = ""  # the enhanced status code (RFC 3463): "5.1.1"
    reason: str = ""  # see data/reasons.toml; of a complaint its type: "abuse"
    words: str = ""  # what the mail server said
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class FeedbackSelection:
    """Which feedback is listed. Empty fields do not filter."""

    kind: FeedbackKind | None = None
    reason: str = ""
    domain: str = ""
    subscriber_id: int | None = None
    edition_id: int | None = None

    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """The conditions of a query for the feedback."""
        exact: dict[Any, Any] = {
            Feedback.kind: self.kind,
            Feedback.reason: self.reason,
            Feedback.domain: self.domain,
            Feedback.subscriber_id: self.subscriber_id,
            Feedback.edition_id: self.edition_id,
        }
        return [column == value for column, value in exact.items() if value]


class ReceivedFeedback(NamedTuple):
    """A piece of feedback, and the subscriber it came from."""

    feedback: Feedback
    subscriber: Subscriber


class SentDigest(NamedTuple):
    """A delivery and its digest."""

    delivery: Delivery
    digest: Digest


def add(tx: Tx, subscriber: Subscriber, kind: FeedbackKind, origin: str, *, now: datetime) -> None:
    """Record what a subscriber or an editor did on a page. Who unsubscribes does so after the last mail they got."""
    mail = last_mail(tx, subscriber.id) if kind == FeedbackKind.UNSUBSCRIBE else None
    tx.add(
        Feedback(
            at=now,
            kind=kind,
            origin=origin,
            subscriber_id=subscriber.id,
            domain=subscriber.domain,
            delivery_id=mail.id if mail else None,
            edition_id=mail.edition_id if mail else None,
        )
    )


def last_mail(tx: Tx, subscriber_id: int) -> Delivery | None:
    """The newest mail that was accepted for a subscriber, of those that are not archived."""
    of_subscriber = (Delivery.subscriber_id == subscriber_id, Delivery.state == DeliveryState.ACCEPTED)
    return tx.scalar(select(Delivery).where(*of_subscriber).order_by(Delivery.id.desc()).limit(1))


def record_once(tx: Tx, row: FeedbackRow, now: datetime) -> bool:
    """Record a piece of feedback; returns false when its fingerprint was recorded before."""
    recorded = tx.scalar(select(Feedback.id).where(Feedback.fingerprint == row.fingerprint))
    if recorded is not None:
        return False
    values: dict[str, Any] = {name: getattr(row, name) for name in FeedbackRow.__slots__}
    insert_missing(tx, Feedback, [values | {"at": now}], keys=["fingerprint"])
    return True


def of_subscriber(tx: Tx, subscriber_id: int, *, limit: int = 200) -> Sequence[Feedback]:
    """The feedback from a subscriber, newest first."""
    query = select(Feedback).where(Feedback.subscriber_id == subscriber_id)
    return tx.scalars(query.order_by(Feedback.id.desc()).limit(limit)).all()


def soft_bounces(tx: Tx, subscriber_id: int) -> Sequence[datetime]:
    """The times of a subscriber's soft bounces since an editor last lifted the suppression."""
    lifted = select(func.max(Feedback.id)).where(
        Feedback.subscriber_id == subscriber_id, Feedback.kind == FeedbackKind.LIFTED
    )
    query = select(Feedback.at).where(
        Feedback.subscriber_id == subscriber_id,
        Feedback.kind == FeedbackKind.BOUNCE,
        Feedback.severity == Severity.SOFT,
        Feedback.id > func.coalesce(lifted.scalar_subquery(), 0),
    )
    return tx.scalars(query).all()


def delivery_by_id(tx: Tx, delivery_id: int) -> Delivery | None:
    """A delivery by its id; None if there is none, even for a number too large for an id."""
    return tx.get(Delivery, delivery_id) if delivery_id < 2**63 else None


def newest_deliveries(tx: Tx, subscriber_id: int) -> Sequence[Delivery]:
    """The newest MATCHED_DELIVERIES deliveries to a subscriber, newest first."""
    query = select(Delivery).where(Delivery.subscriber_id == subscriber_id)
    return tx.scalars(query.order_by(Delivery.id.desc()).limit(MATCHED_DELIVERIES)).all()


def deliveries_of(tx: Tx, subscriber_id: int, *, page: int = 1) -> tuple[Sequence[SentDigest], int]:
    """A page of the deliveries to a subscriber with their digests, newest first, and how many there are in all."""
    to_subscriber = Delivery.subscriber_id == subscriber_id
    query = select(Delivery, Digest).join(Digest, Digest.id == Delivery.digest_id).where(to_subscriber)
    rows = tx.execute(query.order_by(Delivery.id.desc()).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    total = tx.scalar(select(func.count()).select_from(Delivery).where(to_subscriber)) or 0
    return [SentDigest(*row) for row in rows], total


def by_delivery(tx: Tx, ids: Sequence[int]) -> Mapping[int, Sequence[Feedback]]:
    """The feedback about each of these deliveries, oldest first."""
    feedback: dict[int, list[Feedback]] = {}
    for chunk in chunked(ids):
        query = select(Feedback).where(is_one_of(tx, Feedback.delivery_id, chunk)).order_by(Feedback.id)
        for row in tx.scalars(query):
            feedback.setdefault(row.delivery_id or 0, []).append(row)
    return feedback


def newest(tx: Tx, selection: FeedbackSelection, *, page: int = 1) -> tuple[Sequence[ReceivedFeedback], int]:
    """A page of feedback, newest first, and how much there is in all."""
    where = selection.conditions()
    query = (
        select(Feedback, Subscriber).join(Subscriber, Subscriber.id == Feedback.subscriber_id).where(*where)
    )
    rows = tx.execute(query.order_by(Feedback.id.desc()).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    total = tx.scalar(select(func.count()).select_from(Feedback).where(*where)) or 0
    return [ReceivedFeedback(*row) for row in rows], total


def feedback_before(
    tx: Tx, selection: FeedbackSelection, *, before: int | None, limit: int
) -> Sequence[Feedback]:
    """The feedback with smaller ids than `before`, newest first; one more than `limit` if there is more."""
    query = select(Feedback).where(*selection.conditions())
    return page_after(tx, query, Feedback.id, after=before, limit=limit, newest_first=True)


def keep_unread(tx: Tx, origin: str, error: str, raw: str, now: datetime) -> None:
    """Keep an event that could not be read; those of long ago are deleted."""
    tx.execute(delete(UnreadEvent).where(UnreadEvent.at < now - UNREAD_EVENT_LIFETIME))
    storable = raw[:LONGEST_UNREAD_EVENT].encode("utf-8", "replace").decode().replace("\0", " ")
    tx.add(UnreadEvent(at=now, origin=origin, error=error[:500].replace("\0", " "), raw=storable))


def unread_events(tx: Tx, *, limit: int = 1000) -> Sequence[UnreadEvent]:
    """The events that could not be read, newest first."""
    return tx.scalars(select(UnreadEvent).order_by(UnreadEvent.id.desc()).limit(limit)).all()


def use_token(tx: Tx, token_hash: str, body_hash: str, now: datetime, *, lifetime: timedelta) -> bool:
    """Remember the token of a signature; false when it was used with another body.

    Tokens older than `lifetime`, whose signatures are too old to count, are forgotten.
    """
    tx.execute(delete(UsedToken).where(UsedToken.at < now - lifetime))
    row = {"token_hash": token_hash, "body_hash": body_hash, "at": now}
    insert_missing(tx, UsedToken, [row], keys=["token_hash"])
    return tx.scalar(select(UsedToken.body_hash).where(UsedToken.token_hash == token_hash)) == body_hash


def prune(tx: Tx, before: datetime, limit: int) -> int:
    """Delete up to `limit` pieces of feedback of before a moment, oldest first. Returns how many."""
    oldest = select(Feedback.id).where(Feedback.at < before).order_by(Feedback.at).limit(limit)
    query = delete(Feedback).where(Feedback.id.in_(oldest)).returning(Feedback.id)
    return len(tx.scalars(query, execution_options={"synchronize_session": False}).all())


def bounced_subscribers() -> Select[int]:
    """A query for the ids of the subscribers whose mails bounced, for filters of lists."""
    return select(Feedback.subscriber_id).where(Feedback.kind == FeedbackKind.BOUNCE)
