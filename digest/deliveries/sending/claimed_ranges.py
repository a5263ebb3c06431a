"""The ranges that one sender has claimed: their deliveries, the results of these, and releasing them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.database import CoreTx, Database, Tx
from digest.deliveries.models import DeliveryRange
from digest.deliveries.pure.retry import AttemptHistory
from digest.deliveries.sending.result_writer import LaterWrite, ResultWriter
from digest.deliveries.sending.sending_context import SendingContext, decide_with_jitter
from digest.deliveries.states import NOT_RECEIVED_STATES, DeliveryState, RefusalKind
from digest.deliveries.store import claims, ranges, windows
from digest.deliveries.store import refusals as refusal_store
from digest.deliveries.store.claims import ClaimedDelivery, ClaimStatus, DeliveryResult
from digest.mail.outcome_saver import SaveInProgress
from digest.mail.pure.outcomes import Outcome, Refused


@dataclass(slots=True, eq=False)
class _ClaimedRange:
    """A claimed range, and how many of its claimed deliveries are without a result."""

    part: DeliveryRange
    remaining: int


class ClaimedRanges:
    """The claimed deliveries without a result. A range is released when all of its deliveries have one."""

    def __init__(self, db: Database, context: SendingContext, holder: str, writer: ResultWriter) -> None:
        self._db, self._context, self._holder, self._writer = db, context, holder, writer
        self._ranges: dict[int, _ClaimedRange] = {}
        self._claimed: dict[int, ClaimedDelivery] = {}
        self._range_ids: dict[int, int] = {}  # by delivery
        self._results: list[DeliveryResult] = []  # not given to the writer yet
        self._refusals: dict[int, RefusalKind] = {}  # of these results, by delivery
        self._ended: list[DeliveryRange] = []  # to be released with them
        self._saves: list[SaveInProgress] = []  # that may be in progress

    def __len__(self) -> int:
        return len(self._claimed)

    @property
    def ids(self) -> Collection[int]:
        """The ids of the deliveries without a result."""
        return self._claimed.keys()

    def claim(self, *, except_editions: Collection[int] = ()) -> Sequence[ClaimedDelivery]:
        """Claim a range, and return its deliveries that are due; none when no range of other editions is due."""
        now = self._context.clock()
        with self._db.begin() as tx:
            part, claimed = self._claim_range(tx, now, except_editions)
        if part is None:
            return []
        self._ranges[part.id] = _ClaimedRange(part, len(claimed))
        for delivery in claimed:
            self._claimed[delivery.id] = delivery
            self._range_ids[delivery.id] = part.id
        return claimed

    def _claim_range(
        self, tx: Tx, now: datetime, except_editions: Collection[int]
    ) -> tuple[DeliveryRange | None, Sequence[ClaimedDelivery]]:
        """A claimed range with its due deliveries, or None."""
        while True:
            part = ranges.claim(tx, self._holder, now, except_editions=except_editions)
            if part is None and ranges.divide(tx):
                part = ranges.claim(tx, self._holder, now, except_editions=except_editions)
            if part is None:
                return None, ()
            if claimed := claims.load_claimed(tx, part, now):
                return part, claimed
            ranges.release(tx, part, self._holder, now)  # its due deliveries were deleted meanwhile

    def read_statuses(self) -> Mapping[int, ClaimStatus]:
        """The current status of each delivery. One without a status has ended or was erased; it is forgotten."""
        statuses: dict[int, ClaimStatus] = {}
        if self._ranges:
            with self._db.read() as tx:
                for claimed in self._ranges.values():
                    statuses |= claims.claim_statuses(tx, claimed.part)
        for delivery in [delivery for delivery in self._claimed.values() if delivery.id not in statuses]:
            self.release(delivery)
        return statuses

    def record_outcome(self, delivery: ClaimedDelivery, outcome: Outcome, now: datetime) -> None:
        """Decide the result of a delivery from the mail server's answer; `save` writes it.

        A refusal is recorded too, unless the delivery is a test.
        """
        if isinstance(outcome, Refused) and delivery.email is not None and delivery.id in self._claimed:
            self._refusals[delivery.id] = self._context.classify_refusal(outcome.answer)
        self._add_result(delivery, _decided_result(delivery, outcome, now))

    def skip(self, delivery: ClaimedDelivery, reason: str) -> None:
        """Never send a delivery; a save writes it. The attempt is not counted."""
        now = self._context.clock()
        skipped = DeliveryResult(
            delivery.id, DeliveryState.SKIPPED, reason, now, now, delivery.in_doubt, delivery.attempts - 1
        )
        self._add_result(delivery, skipped)

    def release(self, delivery: ClaimedDelivery) -> None:
        """Leave a delivery as it is: it was not sent."""
        if self._claimed.pop(delivery.id, None) is None:
            return
        claimed = self._ranges[self._range_ids.pop(delivery.id)]
        claimed.remaining -= 1
        if not claimed.remaining:
            self._ended.append(self._ranges.pop(claimed.part.id).part)

    def save(self) -> SaveInProgress | None:
        """Write the results, and release the ranges that have ended; None when there is nothing to write.

        Only the relay uses this, which begins another save when those in progress allow it.
        """
        needs_transaction = self._ended or any(row.state in NOT_RECEIVED_STATES for row in self._results)
        if not self._results or needs_transaction:
            return self._write()
        results, self._results = self._results, []
        save = self._writer.save(results)
        self._saves = [*self._saves_in_progress(), save]
        return save

    def write_between_saves(self) -> None:
        """Write what no save will soon: results of mails that the relay never got. While a save runs, do nothing."""
        if not self._saves_in_progress():
            self._write()

    def _saves_in_progress(self) -> list[SaveInProgress]:
        return [save for save in self._saves if not save.done()]

    def _write(self) -> SaveInProgress | None:
        """The same as `save`, in a transaction of the writer's thread, when the saves in progress are done.

        A range that is released before the last of its results is committed would be claimed with that delivery.
        """
        if not self._results and not self._ended:
            return None
        results, self._results = self._results, []
        refusals, self._refusals = self._refusals, {}
        ended, self._ended = self._ended, []
        not_received = [result.id for result in results if result.state in NOT_RECEIVED_STATES]
        now = self._context.clock()

        def write_all(tx: CoreTx) -> None:
            claims.record_results(tx, results)
            refusal_store.record(tx, refusals, now)
            windows.restore_windows(tx, not_received)
            for part in ended:
                ranges.release(tx, part, self._holder, now)

        before = self._saves_in_progress()
        write = (
            LaterWrite(before, lambda: self._writer.submit(write_all))
            if before
            else self._writer.submit(write_all)
        )
        self._saves = [*before, write]
        return write

    def release_all(self, not_before: datetime, reason: str) -> None:
        """Release all ranges, so that other senders may claim what was not sent from `not_before` on."""
        self._write()
        for save in self._saves:
            save.result()
        now = self._context.clock()
        with self._db.begin() as tx:
            for claimed in self._ranges.values():
                ranges.release(tx, claimed.part, self._holder, now, not_before=not_before, reason=reason)
        self._ranges.clear()
        self._claimed.clear()

    def _add_result(self, delivery: ClaimedDelivery, result: DeliveryResult) -> None:
        if delivery.id in self._claimed:  # else it was erased meanwhile
            self._results.append(result)
            self.release(delivery)


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
