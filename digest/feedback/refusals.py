"""Acts on what the mail server refused while we sent: records it as feedback, and suppresses addresses that are dead.

Senders record refusals with the results of deliveries, so none is lost when a process ends. They are settled here:
each becomes a row of feedback and is noted as settled in one transaction.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.database import Database, Tx
from digest.deliveries.oversight import circuit_breaker
from digest.deliveries.pure.refusal_rules import is_believed, stop_reason
from digest.deliveries.states import RefusalKind
from digest.deliveries.store import refusals as refusal_store
from digest.deliveries.store.refusals import UnsettledRefusal
from digest.feedback.actions import FeedbackPolicy
from digest.feedback.pure.classification import LONGEST_QUOTE
from digest.feedback.pure.refusal_kinds import ClassifiedRefusal, classify_refusal
from digest.feedback.pure.soft_bounces import has_too_many_soft_bounces
from digest.feedback.states import FeedbackChannel, FeedbackKind, Severity
from digest.feedback.store import feedback as store
from digest.subscribers import lifecycle
from digest.subscribers.states import SuppressionReason
from digest.subscribers.store.suppressions import SuppressionCause

log = logging.getLogger(__name__)
ROWS_PER_TRANSACTION = 200  # few enough that SQLite's only write lock is soon free again
SEVERITIES = {
    RefusalKind.UNKNOWN_RECIPIENT: Severity.HARD,
    RefusalKind.SOFT: Severity.SOFT,
    RefusalKind.SENDER: Severity.SENDER,
}


@dataclass(frozen=True, slots=True)
class SettledRefusals:
    """How many refusals were settled, and how many subscribers were suppressed."""

    settled: int = 0
    suppressed: int = 0


def settle_refusals(db: Database, policy: FeedbackPolicy, now: datetime) -> SettledRefusals:
    """Settle the refusals of all editions. What cannot be judged yet waits for the next call.

    When a mail server refuses too many for a reason that is about their addresses, it is not believed: the edition is
    paused, and the refusals are recorded and count for nothing.
    """
    settled = suppressed = 0
    with db.read() as tx:
        edition_ids = refusal_store.unsettled_editions(tx)
    for edition_id in edition_ids:
        for kind in RefusalKind:
            severity = _judge(db, edition_id, kind, now)
            while severity is not None:
                done = _settle_some(db, edition_id, kind, severity, policy=policy, now=now)
                settled, suppressed = settled + done.settled, suppressed + done.suppressed
                if done.settled < ROWS_PER_TRANSACTION:
                    break
    if settled:
        log.info("feedback: %d mails were refused; %d addresses suppressed", settled, suppressed)
    return SettledRefusals(settled, suppressed)


def _judge(db: Database, edition_id: int, kind: RefusalKind, now: datetime) -> Severity | None:
    """What the unsettled refusals of a kind count for; None when there are none, or too few answers to say.

    The answers since the oldest unsettled refusal are judged, and not those of the whole edition, so that a mail server
    that fails in the middle of a large edition is noticed too.
    """
    if kind == RefusalKind.SENDER:
        return Severity.SENDER
    with db.read() as tx:
        counts = refusal_store.count_since_unsettled(tx, edition_id, kind)
        resting = refusal_store.is_resting(tx, edition_id, now)
    if counts is None or not (resting or counts.has_enough_answers):
        return None
    if is_believed(counts.of(kind), counts.answered):
        return SEVERITIES[kind]
    if reason := stop_reason(counts):
        circuit_breaker.pause_edition(db, edition_id, reason, now)
    return Severity.SENDER


def _settle_some(
    db: Database,
    edition_id: int,
    kind: RefusalKind,
    severity: Severity,
    *,
    policy: FeedbackPolicy,
    now: datetime,
) -> SettledRefusals:
    with db.begin() as tx:
        rows = refusal_store.lock_unsettled(tx, edition_id, kind, limit=ROWS_PER_TRANSACTION)
        stopped = [row for row in rows if _settle(tx, row, severity, policy=policy, now=now)]
        refusal_store.settle(tx, [row.delivery.id for row in rows], now)
    return SettledRefusals(len(rows), len(stopped))


def _settle(
    tx: Tx, row: UnsettledRefusal, severity: Severity, *, policy: FeedbackPolicy, now: datetime
) -> bool:
    """Record a refusal as feedback, and suppress the subscriber if it demands it; returns whether it did."""
    refusal = classify_refusal(row.delivery.answer)
    store.record_once(tx, _feedback_row(row, refusal, severity), row.refusal.at)
    if not _is_address_dead(tx, row, severity, policy, now):
        return False
    cause = SuppressionCause(SuppressionReason.BOUNCED, row.delivery.answer[:LONGEST_QUOTE])
    return lifecycle.suppress(tx, row.subscriber, cause, secret=policy.keys.sender.secret, now=now)


def _is_address_dead(
    tx: Tx, row: UnsettledRefusal, severity: Severity, policy: FeedbackPolicy, now: datetime
) -> bool:
    if severity != Severity.SOFT:
        return severity == Severity.HARD
    bounces: Sequence[datetime] = store.soft_bounces(tx, row.subscriber.id)
    return has_too_many_soft_bounces(bounces, policy.soft_bounce_limit, now)


def _feedback_row(row: UnsettledRefusal, refusal: ClassifiedRefusal, severity: Severity) -> store.FeedbackRow:
    return store.FeedbackRow(
        kind=FeedbackKind.BOUNCE,
        origin=FeedbackChannel.RELAY,
        subscriber_id=row.subscriber.id,
        domain=row.subscriber.domain,
        delivery_id=row.delivery.id,
        edition_id=row.delivery.edition_id,
        severity=severity,
        status=refusal.status,
        reason=refusal.reason,
        words=row.delivery.answer[:LONGEST_QUOTE],
        fingerprint=hashlib.sha256(f"refusal\0{row.delivery.id}".encode()).hexdigest(),
    )
