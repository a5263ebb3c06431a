"""Queries over feedback, and over the deliveries that it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import Select, delete, distinct, func, select

from digest.database import Tx, chunked, insert_missing, is_one_of, page_after
from digest.deliveries.models import Delivery
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
    severity: Severity | Literal[""] = ""
    status: str = ""  # the enhanced status code (RFC 3463): "5.1.1"
    reason: str = ""  # see data/reasons.toml; of a complaint its type: "abuse"
    words: str = ""  # what the mail server said
    fingerprint: str | None = None


class ReceivedFeedback(NamedTuple):
    """A piece of feedback, and the subscriber it came from."""

    feedback: Feedback
    subscriber: Subscriber


class SentDigest(NamedTuple):
    """A delivery and its digest."""

    delivery: Delivery
    digest: Digest


class ReasonCount(NamedTuple):
    """How much feedback of a kind came back for a reason."""

    kind: FeedbackKind
    severity: str
    reason: str
    total: int


def add(tx: Tx, subscriber: Subscriber, kind: FeedbackKind, origin: str, *, now: datetime) -> None:
    """Record what a subscriber or an editor did on a page."""
    tx.add(Feedback(at=now, kind=kind, origin=origin, subscriber_id=subscriber.id, domain=subscriber.domain))


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


def count_since(tx: Tx, since: datetime) -> int:
    """How much feedback came back since a moment."""
    return tx.scalar(select(func.count()).select_from(Feedback).where(Feedback.at >= since)) or 0


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


def count_complaints(tx: Tx, edition_id: int) -> int:
    """How many subscribers complained about an edition."""
    query = select(func.count(distinct(Feedback.subscriber_id))).join(
        Delivery, Delivery.id == Feedback.delivery_id
    )
    complaints = query.where(Delivery.edition_id == edition_id, Feedback.kind == FeedbackKind.COMPLAINT)
    return tx.scalar(complaints) or 0


def count_by_reason(tx: Tx, since: datetime) -> Sequence[ReasonCount]:
    """How much feedback came back since a moment, by kind, severity and reason; most first."""
    count = func.count()
    query = select(Feedback.kind, Feedback.severity, Feedback.reason, count).where(Feedback.at >= since)
    rows = tx.execute(
        query.where(Feedback.kind != FeedbackKind.LIFTED)
        .group_by(Feedback.kind, Feedback.severity, Feedback.reason)
        .order_by(count.desc(), Feedback.reason)
    )
    return [ReasonCount(*row) for row in rows]


def count_by_domain(tx: Tx, since: datetime, *, limit: int = 25) -> Mapping[str, Mapping[str, int]]:
    """How much feedback came back since a moment, for the domains with most of it.

    The keys of the inner mappings are the severities of bounces ("hard", "soft") and the other kinds.
    """
    conditions = Feedback.at >= since, Feedback.kind != FeedbackKind.LIFTED, Feedback.domain != ""
    top = (
        select(Feedback.domain)
        .where(*conditions)
        .group_by(Feedback.domain)
        .order_by(func.count().desc(), Feedback.domain)
        .limit(limit)
    )
    domains = tx.scalars(top).all()
    query = select(Feedback.domain, Feedback.kind, Feedback.severity, func.count()).where(
        *conditions, Feedback.domain.in_(domains)
    )
    counts: dict[str, dict[str, int]] = {domain: {} for domain in domains}
    for domain, kind, severity, count in tx.execute(
        query.group_by(Feedback.domain, Feedback.kind, Feedback.severity)
    ):
        counts[domain][severity or kind] = count
    return counts


def newest(
    tx: Tx, kind: str, domain: str, reason: str, *, page: int = 1
) -> tuple[Sequence[ReceivedFeedback], int]:
    """A page of feedback, newest first, and how much there is in all. "" for kind, domain or reason means any."""
    filters = {Feedback.kind: kind, Feedback.domain: domain, Feedback.reason: reason}
    where = [column == value for column, value in filters.items() if value]
    query = (
        select(Feedback, Subscriber).join(Subscriber, Subscriber.id == Feedback.subscriber_id).where(*where)
    )
    rows = tx.execute(query.order_by(Feedback.id.desc()).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    total = tx.scalar(select(func.count()).select_from(Feedback).where(*where)) or 0
    return [ReceivedFeedback(*row) for row in rows], total


@dataclass(frozen=True, slots=True)
class FeedbackSelection:
    """Which feedback is listed. Empty fields do not filter."""

    kind: FeedbackKind | None = None
    reason: str = ""
    domain: str = ""
    subscriber_id: int | None = None


def feedback_before(
    tx: Tx, selection: FeedbackSelection, *, before: int | None, limit: int
) -> Sequence[Feedback]:
    """The feedback with smaller ids than `before`, newest first; one more than `limit` if there is more."""
    exact: dict[Any, Any] = {
        Feedback.kind: selection.kind,
        Feedback.reason: selection.reason,
        Feedback.domain: selection.domain,
        Feedback.subscriber_id: selection.subscriber_id,
    }
    query = select(Feedback).where(*(column == value for column, value in exact.items() if value))
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
