"""Counts that a task takes once a minute, so that no scrape and no page takes them."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select

from digest.articles.models import Article, Story
from digest.database import Tx
from digest.deliveries.models import ArchivedDeliveryCount, DeliveryRange
from digest.editions.models import Edition
from digest.editions.states import EditionState
from digest.feedback.models import Feedback
from digest.feedback.states import FeedbackKind, Severity

ENDED_STATES = (EditionState.SENT, EditionState.CANCELLED)


def deliveries_by_state(tx: Tx, since: datetime) -> Mapping[str, int]:
    """How many deliveries of the editions created since a moment are in each state, from the counts of their ranges.

    A range that is being sent counts as it was when it was claimed, so this is behind by a range for each sender.
    """
    recent = select(Edition.id).where(Edition.created_at >= since)
    counts: Counter[str] = Counter()
    for of_range in tx.scalars(select(DeliveryRange.counts).where(DeliveryRange.edition_id.in_(recent))):
        counts.update(of_range)
    archived = ArchivedDeliveryCount
    query = select(archived.state, func.sum(archived.count)).where(archived.edition_id.in_(recent))
    for state, count in tx.execute(query.group_by(archived.state)):
        counts[str(state)] += int(count)
    return counts


def feedback_by_kind(tx: Tx, since: datetime) -> Mapping[str, int]:
    """How many hard bounces, complaints and other pieces of feedback came since a moment, by kind."""
    query = select(Feedback.kind, Feedback.severity, func.count()).where(Feedback.at >= since)
    counts: Counter[str] = Counter()
    for kind, severity, count in tx.execute(query.group_by(Feedback.kind, Feedback.severity)):
        is_soft = kind == FeedbackKind.BOUNCE and severity != Severity.HARD
        counts["soft bounce" if is_soft else str(kind)] += count
    return counts


def open_editions_by_state(tx: Tx) -> Mapping[str, int]:
    """How many editions are in each state in which they have not ended."""
    query = select(Edition.state, func.count()).where(Edition.state.not_in(ENDED_STATES))
    return {str(state): count for state, count in tx.execute(query.group_by(Edition.state))}


def count_articles(tx: Tx, since: datetime) -> int:
    """How many articles were seen since a moment."""
    return tx.scalar(select(func.count()).where(Article.seen_at >= since)) or 0


def count_stories(tx: Tx, since: datetime) -> int:
    """How many stories began since a moment."""
    return tx.scalar(select(func.count()).where(Story.first_seen_at >= since)) or 0
