"""Counts of feedback: by reason, by domain and by edition."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, Select, func, select

from digest.database import Tx, is_one_of, utc_day
from digest.feedback.models import Feedback
from digest.feedback.states import FeedbackChannel, FeedbackKind


class ReasonCount(NamedTuple):
    """How much feedback of a kind came back for a reason."""

    kind: FeedbackKind
    severity: str
    reason: str
    total: int


class FeedbackCounts(NamedTuple):
    """How many subscribers gave feedback of each kind."""

    bounced: int  # after the mail server had accepted the mail
    complained: int
    unsubscribed: int


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


def count_by_edition(tx: Tx, edition_ids: Collection[int]) -> Mapping[int, FeedbackCounts]:
    """How many subscribers of each of these editions gave feedback; editions without any are there too."""
    people = func.count(Feedback.subscriber_id.distinct())
    query = select(Feedback.edition_id, Feedback.kind, people).where(
        is_one_of(tx, Feedback.edition_id, edition_ids), *_came_back()
    )
    counts: dict[int, dict[FeedbackKind, int]] = {edition_id: {} for edition_id in edition_ids}
    for edition_id, kind, count in tx.execute(query.group_by(Feedback.edition_id, Feedback.kind)):
        if edition_id is not None:
            counts[edition_id][kind] = count
    return {edition_id: _counts(by_kind) for edition_id, by_kind in counts.items()}


def count_since(tx: Tx, since: datetime) -> FeedbackCounts:
    """How many subscribers gave feedback since a moment."""
    people = func.count(Feedback.subscriber_id.distinct())
    query = select(Feedback.kind, people).where(Feedback.at >= since, *_came_back())
    return _counts({row[0]: row[1] for row in tx.execute(query.group_by(Feedback.kind))})


def _counts(by_kind: Mapping[FeedbackKind, int]) -> FeedbackCounts:
    return FeedbackCounts(
        bounced=by_kind.get(FeedbackKind.BOUNCE, 0),
        complained=by_kind.get(FeedbackKind.COMPLAINT, 0),
        unsubscribed=by_kind.get(FeedbackKind.UNSUBSCRIBE, 0),
    )


def by_day(tx: Tx, since: datetime) -> Mapping[FeedbackKind, Mapping[str, int]]:
    """How much feedback of each kind came back, by UTC day. What an editor did is left out."""
    day = utc_day(tx, Feedback.at)
    kinds = (FeedbackKind.BOUNCE, FeedbackKind.COMPLAINT, FeedbackKind.UNSUBSCRIBE)
    query = select(Feedback.kind, day, func.count()).where(Feedback.at >= since, *_came_back())
    counts: dict[FeedbackKind, dict[str, int]] = {}
    for kind, of_day, count in tx.execute(query.group_by(Feedback.kind, day)):
        if kind in kinds:
            counts.setdefault(kind, {})[of_day] = count
    return counts


def bounces_by_edition() -> Select[tuple[int, int]]:
    """A query for the editions with bounces and how many subscribers' mails bounced, for the order of a list."""
    query = select(Feedback.edition_id, func.count(Feedback.subscriber_id.distinct()))
    bounces = query.where(
        Feedback.edition_id.is_not(None), Feedback.kind == FeedbackKind.BOUNCE, *_came_back()
    )
    return cast("Select[tuple[int, int]]", bounces.group_by(Feedback.edition_id))


def _came_back() -> Sequence[ColumnElement[bool]]:
    """Feedback about mails that were accepted first. What the mail server refused at once is counted as refused."""
    return (Feedback.origin != FeedbackChannel.RELAY,)
