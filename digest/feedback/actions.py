"""Acts on feedback: records it once, and stops sending to subscribers and editions where it must."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from digest.database import Database, Tx
from digest.deliveries.oversight import circuit_breaker
from digest.feedback import identification
from digest.feedback.identification import FeedbackOrigin, IdentificationKeys, IdentifiedSubscriber
from digest.feedback.pure.classification import ParsedFeedback, ParsedKind
from digest.feedback.pure.soft_bounces import (
    COMPLAINT_TYPES,
    OPT_OUT_TYPES,
    SoftBounceLimit,
    has_too_many_soft_bounces,
)
from digest.feedback.states import FeedbackKind, Severity
from digest.feedback.store import counts
from digest.feedback.store import feedback as store
from digest.subscribers import lifecycle
from digest.subscribers.states import SuppressionReason
from digest.subscribers.store import subscribers
from digest.subscribers.store.suppressions import SuppressionCause


@dataclass(frozen=True, slots=True)
class FeedbackPolicy:
    """How subscribers are identified, and how many soft bounces an address may have."""

    keys: IdentificationKeys
    soft_bounce_limit: SoftBounceLimit


@dataclass(frozen=True, slots=True)
class FeedbackOutcome:
    """What became of a piece of feedback."""

    kind: ParsedKind
    delivery_id: int | None = None
    subscribers: int = 0  # how many it is about
    new: int = 0  # of these, for how many it is recorded for the first time
    stopped: int = 0  # of these, how many get nothing more


def apply_feedback(
    db: Database,
    feedback: ParsedFeedback,
    policy: FeedbackPolicy,
    origin: FeedbackOrigin,
    *,
    raw: bytes,
    now: datetime,
) -> FeedbackOutcome:
    """Record feedback and act on it. A repetition of the same mail or event changes nothing.

    The hash of `raw` identifies a mail that has no message id.
    """
    with db.begin() as tx:
        kind, identified = resolve_feedback(tx, feedback, policy.keys, origin, now=now)
        deliveries = [match.delivery.id for match in identified if match.delivery]
        delivery_id = deliveries[0] if deliveries else None
        if kind in (ParsedKind.AUTOREPLY, ParsedKind.NONE):
            return FeedbackOutcome(kind, delivery_id, len(identified))
        feedback = replace(feedback, kind=kind)
        event_id = feedback.message_id or hashlib.sha256(raw).hexdigest()
        new = [
            match
            for match in identified
            if store.record_once(tx, _row(tx, match, feedback, origin.name, event_id), now)
        ]
        stopped = [match for match in new if _stop(tx, match, feedback, policy=policy, now=now)]
    if kind == ParsedKind.COMPLAINT:
        for match in new:
            if match.delivery is not None:
                _pause_edition_if_unwanted(db, match.delivery.edition_id, now)
    return FeedbackOutcome(kind, delivery_id, len(identified), len(new), len(stopped))


def resolve_feedback(
    tx: Tx, feedback: ParsedFeedback, keys: IdentificationKeys, origin: FeedbackOrigin, *, now: datetime
) -> tuple[ParsedKind, Sequence[IdentifiedSubscriber]]:
    """The kind of feedback, and the subscribers it is about. Only reads the database."""
    if feedback.kind in (ParsedKind.NONE, ParsedKind.UNSUBSCRIBE):
        public_id = identification.unsubscribe_address_owner(feedback, keys, origin)
        subscriber = subscribers.find_by_public_id(tx, public_id) if public_id else None
        if subscriber is not None:
            return ParsedKind.UNSUBSCRIBE, [IdentifiedSubscriber(subscriber, None, None)]
    identified = identification.identify_subscribers(tx, feedback, keys, origin, now=now)
    if feedback.kind == ParsedKind.UNSUBSCRIBE and not origin.signed:
        return ParsedKind.NONE, ()  # only a provider may unsubscribe somebody else
    return feedback.kind, identified


def _pause_edition_if_unwanted(db: Database, edition_id: int, now: datetime) -> None:
    """Pause an edition about which too many subscribers complained, until an editor decides."""
    with db.read() as tx:
        complaints = counts.count_by_edition(tx, [edition_id])[edition_id].complained
    circuit_breaker.pause_if_failing(db, edition_id, now, complaints=complaints)


def _row(
    tx: Tx, match: IdentifiedSubscriber, feedback: ParsedFeedback, origin_name: str, event_id: str
) -> store.FeedbackRow:
    kind, diagnosis = FeedbackKind(feedback.kind), match.diagnosis
    reason = diagnosis.reason if diagnosis else ""
    delivery = match.delivery
    if delivery is None and kind == FeedbackKind.UNSUBSCRIBE:
        delivery = store.last_mail(tx, match.subscriber.id)
    fingerprint = f"{kind}\0{match.subscriber.id}\0{event_id}"
    return store.FeedbackRow(
        kind=kind,
        origin=origin_name,
        subscriber_id=match.subscriber.id,
        domain=match.subscriber.domain,
        delivery_id=delivery.id if delivery else None,
        edition_id=delivery.edition_id if delivery else None,
        severity=_severity(kind, match),
        status=diagnosis.status if diagnosis else "",
        reason=feedback.complaint_type if kind == FeedbackKind.COMPLAINT else reason,
        words=diagnosis.diagnostic if diagnosis else "",
        fingerprint=hashlib.sha256(fingerprint.encode("utf-8", "replace")).hexdigest(),
    )


def _severity(kind: FeedbackKind, match: IdentifiedSubscriber) -> Severity | Literal[""]:
    if kind != FeedbackKind.BOUNCE:
        return ""
    return Severity.HARD if match.diagnosis and match.diagnosis.hard else Severity.SOFT


def _stop(
    tx: Tx, match: IdentifiedSubscriber, feedback: ParsedFeedback, *, policy: FeedbackPolicy, now: datetime
) -> bool:
    """Unsubscribe or suppress the subscriber if the feedback demands it; returns whether anything changed."""
    leave_types = OPT_OUT_TYPES | COMPLAINT_TYPES if match.by_link_only else OPT_OUT_TYPES
    is_complaint = feedback.kind == ParsedKind.COMPLAINT
    if feedback.kind == ParsedKind.UNSUBSCRIBE or (is_complaint and feedback.complaint_type in leave_types):
        return lifecycle.leave(tx, match.subscriber, now)
    if match.by_link_only:
        return False
    if is_complaint and feedback.complaint_type in COMPLAINT_TYPES:
        cause = SuppressionCause(SuppressionReason.COMPLAINED, feedback.complaint_type)
    elif not is_complaint and _is_address_dead(tx, match, policy.soft_bounce_limit, now):
        diagnosis = match.diagnosis
        detail = (diagnosis.diagnostic or diagnosis.reason) if diagnosis else ""
        cause = SuppressionCause(SuppressionReason.BOUNCED, detail)
    else:
        return False
    return lifecycle.suppress(tx, match.subscriber, cause, secret=policy.keys.sender.secret, now=now)


def _is_address_dead(tx: Tx, match: IdentifiedSubscriber, limit: SoftBounceLimit, now: datetime) -> bool:
    if match.diagnosis is not None and match.diagnosis.hard:
        return True
    return has_too_many_soft_bounces(store.soft_bounces(tx, match.subscriber.id), limit, now)
