"""The deliveries that one sender has claimed: their status, their results, and releasing them."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from digest.database import Database
from digest.deliveries.pure.leases import RENEWALS_PER_LEASE
from digest.deliveries.pure.retry import AttemptHistory
from digest.deliveries.sending.sending_context import SendingContext, decide_with_jitter
from digest.deliveries.states import NOT_RECEIVED_STATES, DeliveryState
from digest.deliveries.store import claims, windows
from digest.deliveries.store.claims import ClaimedDelivery, ClaimStatus, DeliveryResult
from digest.mail.pure.outcomes import Outcome


class ClaimedBatch:
    """The claimed deliveries without a result. Once a claim is lost, its result changes nothing."""

    def __init__(self, db: Database, context: SendingContext) -> None:
        self._db, self._context, self._writer = db, context, db.writer_connection()
        self._holder = secrets.token_hex(8)
        self._claimed: dict[int, ClaimedDelivery] = {}
        self._results: list[DeliveryResult] = []  # not written yet
        self._renew_at = 0.0

    def __len__(self) -> int:
        return len(self._claimed)

    def claim(self, limit: int, *, except_editions: Collection[int] = ()) -> Sequence[ClaimedDelivery]:
        """Claim deliveries that are due, without those of some editions."""
        now, monotonic_now, lease = self._context.clock(), self._context.monotonic(), self._context.lease
        take_expired = self._context.clock_steps.trusts_clock(now, monotonic_now, lease)
        with self._db.begin() as tx:
            claimed = claims.claim(
                tx,
                self._holder,
                now,
                lease=lease,
                limit=limit,
                take_expired=take_expired,
                except_editions=except_editions,
            )
        if not self._claimed:
            self._renew_at = monotonic_now + lease.total_seconds() / RENEWALS_PER_LEASE
        self._claimed |= {delivery.id: delivery for delivery in claimed}
        return claimed

    def refresh_statuses(self) -> Mapping[int, ClaimStatus]:
        """The current status of each delivery. Lost claims are removed, and leases are renewed in time."""
        if not self._claimed:
            return {}
        lease = self._context.lease
        if self._context.monotonic() >= self._renew_at:
            with self._db.begin() as tx:
                claims.renew_leases(tx, self._holder, list(self._claimed), self._context.clock() + lease)
            self._renew_at = self._context.monotonic() + lease.total_seconds() / RENEWALS_PER_LEASE
        with self._db.read() as tx:
            statuses = claims.claim_statuses(tx, self._holder, list(self._claimed))
        self._claimed = {key: delivery for key, delivery in self._claimed.items() if key in statuses}
        return statuses

    @property
    def ids(self) -> Collection[int]:
        """The ids of the deliveries without a result."""
        return self._claimed.keys()

    def record_outcome(self, delivery: ClaimedDelivery, outcome: Outcome) -> None:
        """Decide the result of a delivery from the mail server's answer; `flush` writes it."""
        self._add_result(_decided_result(delivery, outcome, self._context.clock()))

    def skip(self, delivery: ClaimedDelivery, reason: str) -> None:
        """Never send a delivery; `flush` writes it."""
        now = self._context.clock()
        self._add_result(_unsent_result(delivery, DeliveryState.SKIPPED, reason, now, finished_at=now))

    def release(self, delivery: ClaimedDelivery, not_before: datetime, reason: str) -> None:
        """Leave a delivery to other senders, and do not count the attempt; `flush` writes it."""
        self._add_result(_unsent_result(delivery, DeliveryState.PLANNED, reason, not_before))

    def flush(self) -> None:
        """Write the results. When it returns, they are committed. When it raises, the next call writes them."""
        if not self._results:
            return
        not_received = [result.id for result in self._results if result.state in NOT_RECEIVED_STATES]
        with self._writer.begin() as tx:
            claims.record_results(tx, self._holder, self._results)
            windows.restore_windows(tx, not_received)
        self._results = []

    def release_all(self, not_before: datetime, reason: str) -> None:
        """Leave all deliveries without a result to other senders, and end this batch."""
        for delivery in tuple(self._claimed.values()):
            self.release(delivery, not_before, reason)
        self.flush()
        self._writer.close()

    def _add_result(self, result: DeliveryResult) -> None:
        self._claimed.pop(result.id, None)
        self._results.append(result)


def _unsent_result(
    delivery: ClaimedDelivery,
    state: DeliveryState,
    reason: str,
    not_before: datetime,
    *,
    finished_at: datetime | None = None,
) -> DeliveryResult:
    """The result of a delivery that was claimed but not sent: the claim does not count as an attempt."""
    return DeliveryResult(
        id=delivery.id,
        state=state,
        answer=reason,
        not_before=not_before,
        finished_at=finished_at,
        in_doubt=delivery.in_doubt,
        attempts=delivery.attempts - 1,
    )


def _decided_result(delivery: ClaimedDelivery, outcome: Outcome, now: datetime) -> DeliveryResult:
    history = AttemptHistory(delivery.attempts, delivery.in_doubt, delivery.planned_at)
    decision = decide_with_jitter(outcome, history, now)
    return DeliveryResult(
        id=delivery.id,
        state=decision.state,
        answer=outcome.answer,
        not_before=decision.not_before,
        finished_at=now if decision.final else None,
        in_doubt=decision.in_doubt,
        attempts=delivery.attempts,
    )
