"""Queries over feedback."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import distinct, func, select

from digest.database import Tx, insert_missing
from digest.deliveries.models import Delivery
from digest.editions.models import Digest
from digest.feedback.models import Feedback
from digest.subscribers.models import Letter, Subscriber

PAGE = 50  # rows of a page in the admin
MATCHED = 100  # newest deliveries of a reader in which the one that was returned is looked for


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of feedback, to be kept."""

    kind: str
    origin: str
    subscriber_id: int
    domain: str = ""
    delivery_id: int | None = None
    severity: str = ""
    status: str = ""
    reason: str = ""
    words: str = ""
    fingerprint: str | None = None


def add(tx: Tx, reader: Subscriber, kind: str, origin: str, *, now: datetime) -> None:
    """Keep what a reader or an editor did here."""
    domain = reader.email_key.rpartition("@")[2]
    tx.add(Feedback(at=now, kind=kind, origin=origin, subscriber_id=reader.id, domain=domain))


def keep(tx: Tx, row: Row, now: datetime) -> bool:
    """Keep a piece of feedback; false when the same was told before."""
    before = tx.scalar(select(Feedback.id).where(Feedback.fingerprint == row.fingerprint))
    if before is not None:
        return False
    values: dict[str, Any] = {name: getattr(row, name) for name in Row.__slots__}
    insert_missing(tx, Feedback, [values | {"at": now}], keys=["fingerprint"])
    return True


def of_subscriber(tx: Tx, subscriber_id: int, *, limit: int = 200) -> Sequence[Feedback]:
    """What came back from a subscriber, newest first."""
    query = select(Feedback).where(Feedback.subscriber_id == subscriber_id)
    return tx.scalars(query.order_by(Feedback.id.desc()).limit(limit)).all()


def soft_bounces(tx: Tx, subscriber_id: int) -> Sequence[datetime]:
    """When a reader's address bounced softly, since an editor last lifted its suppression."""
    lifted = select(func.max(Feedback.id)).where(
        Feedback.subscriber_id == subscriber_id, Feedback.kind == "lifted"
    )
    query = select(Feedback.at).where(
        Feedback.subscriber_id == subscriber_id,
        Feedback.kind == "bounce",
        Feedback.severity == "soft",
        Feedback.id > func.coalesce(lifted.scalar_subquery(), 0),
    )
    return tx.scalars(query).all()


def count_since(tx: Tx, since: datetime) -> int:
    """How much came back since a moment."""
    return tx.scalar(select(func.count()).select_from(Feedback).where(Feedback.at >= since)) or 0


def delivery(tx: Tx, delivery_id: int) -> Delivery | None:
    """A delivery by its id."""
    return tx.get(Delivery, delivery_id) if delivery_id < 2**63 else None


def letter(tx: Tx, letter_id: int) -> Letter | None:
    """A letter by its id."""
    return tx.get(Letter, letter_id) if letter_id < 2**63 else None


def reader(tx: Tx, subscriber_id: int) -> Subscriber | None:
    """A subscriber by id."""
    return tx.get(Subscriber, subscriber_id)


def reader_by_key(tx: Tx, email_key: str) -> Subscriber | None:
    """A subscriber by their case-folded address."""
    return tx.scalar(select(Subscriber).where(Subscriber.email_key == email_key))


def reader_by_public_id(tx: Tx, public_id: str) -> Subscriber | None:
    """A subscriber by what links carry."""
    return tx.scalar(select(Subscriber).where(Subscriber.public_id == public_id))


def newest_deliveries(tx: Tx, subscriber_id: int) -> Sequence[Delivery]:
    """A reader's newest deliveries."""
    query = select(Delivery).where(Delivery.subscriber_id == subscriber_id)
    return tx.scalars(query.order_by(Delivery.id.desc()).limit(MATCHED)).all()


def deliveries_of(
    tx: Tx, subscriber_id: int, *, page: int = 1
) -> tuple[Sequence[tuple[Delivery, Digest]], int]:
    """A page of a reader's deliveries with what they held, newest first, and how many there are in all."""
    mine = Delivery.subscriber_id == subscriber_id
    query = select(Delivery, Digest).join(Digest, Digest.id == Delivery.digest_id).where(mine)
    rows = tx.execute(query.order_by(Delivery.id.desc()).limit(PAGE).offset((page - 1) * PAGE))
    total = tx.scalar(select(func.count()).select_from(Delivery).where(mine)) or 0
    return [(row[0], row[1]) for row in rows], total


def about_deliveries(tx: Tx, ids: Sequence[int]) -> Mapping[int, Sequence[Feedback]]:
    """What came back of each of these deliveries."""
    out: dict[int, list[Feedback]] = {}
    for row in tx.scalars(select(Feedback).where(Feedback.delivery_id.in_(ids)).order_by(Feedback.id)):
        out.setdefault(row.delivery_id or 0, []).append(row)
    return out


def complaints_about(tx: Tx, edition_id: int) -> int:
    """How many readers complained about an edition."""
    query = select(func.count(distinct(Feedback.subscriber_id))).join(
        Delivery, Delivery.id == Feedback.delivery_id
    )
    return tx.scalar(query.where(Delivery.edition_id == edition_id, Feedback.kind == "complaint")) or 0


def by_reason(tx: Tx, since: datetime) -> Sequence[tuple[str, str, str, int]]:
    """How much came back since a moment, by kind, severity and reason; most first."""
    count = func.count()
    query = select(Feedback.kind, Feedback.severity, Feedback.reason, count).where(Feedback.at >= since)
    rows = tx.execute(
        query.where(Feedback.kind != "lifted")
        .group_by(Feedback.kind, Feedback.severity, Feedback.reason)
        .order_by(count.desc(), Feedback.reason)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def by_domain(tx: Tx, since: datetime, *, limit: int = 25) -> Mapping[str, Mapping[str, int]]:
    """How much came back since a moment from the domains with most of it, by hard, soft, complaint, unsubscribe."""
    counted = Feedback.at >= since, Feedback.kind != "lifted", Feedback.domain != ""
    top = (
        select(Feedback.domain)
        .where(*counted)
        .group_by(Feedback.domain)
        .order_by(func.count().desc(), Feedback.domain)
        .limit(limit)
    )
    domains = tx.scalars(top).all()
    query = select(Feedback.domain, Feedback.kind, Feedback.severity, func.count()).where(
        *counted, Feedback.domain.in_(domains)
    )
    out: dict[str, dict[str, int]] = {domain: {} for domain in domains}
    for domain, kind, severity, count in tx.execute(
        query.group_by(Feedback.domain, Feedback.kind, Feedback.severity)
    ):
        out[domain][severity or kind] = count
    return out


def newest(
    tx: Tx, kind: str, domain: str, reason: str, *, page: int = 1
) -> tuple[Sequence[tuple[Feedback, Subscriber]], int]:
    """A page of what came back with whom it came from, newest first, and how much there is in all."""
    named = {Feedback.kind: kind, Feedback.domain: domain, Feedback.reason: reason}
    where = [column == value for column, value in named.items() if value]
    query = (
        select(Feedback, Subscriber).join(Subscriber, Subscriber.id == Feedback.subscriber_id).where(*where)
    )
    rows = tx.execute(query.order_by(Feedback.id.desc()).limit(PAGE).offset((page - 1) * PAGE))
    total = tx.scalar(select(func.count()).select_from(Feedback).where(*where)) or 0
    return [(row[0], row[1]) for row in rows], total
