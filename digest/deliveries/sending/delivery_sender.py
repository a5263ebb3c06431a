"""Sends planned deliveries: claims a range, gives its mails to the relay, and records every answer.

An answer is committed before its connection carries another message (see `mail.relay`), and the other connections go
on meanwhile. So a worker that is killed leaves at most one message per connection whose answer is not recorded. That
message is sent again, with the same Message-ID.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from digest.database import Database
from digest.deliveries.messages.preparation import BatchContent
from digest.deliveries.oversight import circuit_breaker
from digest.deliveries.pure.leases import LEASE
from digest.deliveries.pure.refusal_rules import MIN_SENDER_FAULTS
from digest.deliveries.sending.claimed_ranges import ClaimedRanges
from digest.deliveries.sending.paced_queue import PacedQueue
from digest.deliveries.sending.result_writer import ResultWriter
from digest.deliveries.sending.sender_run import (
    CHECK_INTERVAL,
    SendingResult,
    retry_while_unavailable,
    run_sender,
)
from digest.deliveries.sending.sender_slot import HeldSlot
from digest.deliveries.sending.sending_context import SendingContext
from digest.deliveries.store.claims import ClaimedDelivery, ClaimStatus
from digest.editions.states import EditionState
from digest.errors import UnavailableError
from digest.mail.outcome_saver import MailOutcome, SaveInProgress
from digest.mail.pure.outcomes import Deferred, Refused
from digest.mail.pure.session import Mail
from digest.subscribers.states import SubscriberState

log = logging.getLogger(__name__)
# Refusals in one edition before this sender asks the circuit breaker.
REFUSALS_BEFORE_CHECK = MIN_SENDER_FAULTS
# It asks again when the refusals grew by this factor, because each time all deliveries of the edition are counted.
RECHECK_FACTOR = 1.1


def send_due(
    db: Database, context: SendingContext, *, should_continue: Callable[[], bool] = lambda: True
) -> SendingResult:
    """Send deliveries until none is due, or until `should_continue` returns false.

    Claimed deliveries that were not sent are released at once, also when the sender fails. Without a free slot, nothing
    is sent.
    """
    return run_sender(
        db,
        context,
        range(1, context.sender_count + 1),
        lambda slot: DeliverySender(db, context, slot, should_continue),
    )


class DeliverySender:
    """One run of sending. The relay pulls from `mails`, and reports to `record_outcomes`."""

    def __init__(
        self,
        db: Database,
        context: SendingContext,
        slot: HeldSlot,
        should_continue: Callable[[], bool],
    ) -> None:
        self._db, self._context, self._slot = db, context, slot
        self._should_continue = should_continue
        self._writer = ResultWriter(db)
        self._batch = ClaimedRanges(db, context, slot.holder, self._writer)
        self._queue = PacedQueue(context.sender_count)
        self._contents: dict[int, BatchContent] = {}  # by digest
        self._unprepared: Sequence[
            ClaimedDelivery
        ] = ()  # claimed, but their contents could not be loaded yet
        # Deliveries that may not be sent any more, with their status at the last check; None for a lost claim.
        self._blocked: Mapping[int, ClaimStatus | None] = {}
        self._refused: Counter[int] = Counter()  # by edition
        self._next_breaker_check: dict[
            int, float
        ] = {}  # by edition: the number of refusals at which to ask again
        self._check_at = self._claim_at = 0.0
        self._left_out = False  # whether the last claim left out editions that waited for their rate
        self.claimed_count = 0

    @property
    def waiting_count(self) -> int:
        """How many mails are claimed and have no answer."""
        return len(self._batch)

    def mails(self) -> Iterator[Mail | None]:
        """The mails. None means that all wait at the moment. The iterator ends when nothing is due."""
        while self._should_continue():
            if self._context.monotonic() >= self._check_at:
                yield from self._retry_while_unavailable(self._check)
            elif (delivery := self._queue.take_next(self._context.monotonic())) is not None:
                if (mail := self._prepare(delivery)) is not None:
                    yield mail
            elif self._may_claim():
                yield from self._retry_while_unavailable(self._claim)
            elif self.waiting_count:
                yield None  # wait for a rate or an answer; the slot is renewed meanwhile
            else:
                return
        yield from self._stop()

    def record_outcomes(self, outcomes: Sequence[MailOutcome]) -> SaveInProgress | None:
        """Write the mail server's answers. When the save is done, they are committed."""
        now = self._context.clock()
        for mail, outcome in outcomes:
            if isinstance(mail.key, ClaimedDelivery):
                self._batch.record_outcome(mail.key, outcome, now)
                self._refused[mail.key.edition_id] += isinstance(outcome, Refused)
        return self._batch.save()

    def may_send(self, mail: Mail) -> bool:
        """Whether the relay may still send a mail that had to wait. If not, its delivery is released or skipped."""
        if not isinstance(mail.key, ClaimedDelivery):
            return self._should_continue()
        if not self._should_continue():
            self._batch.release(mail.key)
        elif mail.key.id in self._blocked:
            self._drop_blocked(mail.key)
        else:
            return True
        return False

    def finish(self, reason: str = "", delay: timedelta = timedelta(0)) -> None:
        """Release what was not sent, so that other senders may claim it after `delay`, and give the slot back."""
        not_before = self._context.clock() + delay
        try:
            self._batch.release_all(not_before, reason)
            self._pause_failing_editions(1)
            self._slot.give_back()
        except UnavailableError as error:
            log.warning("%s; %d mails are free for other senders in %d s", error, self.waiting_count, LEASE)
        finally:
            self._writer.close()

    def _stop(self) -> Iterator[None]:
        """Release deliveries that the relay does not have, and renew the slot until all are answered."""
        for delivery in (*self._unprepared, *self._queue.remove_except(())):
            self._batch.release(delivery)
        while len(self._batch):
            if self._context.monotonic() >= self._check_at:
                try:
                    self._check_claims()
                except UnavailableError as error:
                    log.warning("%s; the sender waits", error)
                self._check_at = self._context.monotonic() + CHECK_INTERVAL
            yield None

    def _check(self) -> None:
        """Check the claimed deliveries, and pause editions that fail."""
        self._check_claims()
        self._pause_failing_editions(REFUSALS_BEFORE_CHECK)
        self._check_at = self._context.monotonic() + CHECK_INTERVAL

    def _check_claims(self) -> None:
        """Renew the slot, and drop the deliveries that may not be sent any more."""
        self._slot.renew()
        claimed_ids = set(self._batch.ids)
        statuses = self._batch.read_statuses()
        self._queue.set_rates({status.edition_id: status.rate for status in statuses.values()})
        sendable_ids = {delivery_id for delivery_id, status in statuses.items() if status.may_send}
        blocked_ids = claimed_ids - sendable_ids
        self._blocked = {delivery_id: statuses.get(delivery_id) for delivery_id in blocked_ids}
        for delivery in self._queue.remove_except(sendable_ids):
            self._drop_blocked(delivery)
        self._batch.write_between_saves()

    def _drop_blocked(self, delivery: ClaimedDelivery) -> None:
        """Skip a delivery whose subscriber gets no mail now, and release one whose edition is not being sent."""
        status = self._blocked.get(delivery.id)
        if status and status.edition_state == EditionState.SENDING:
            self._batch.skip(delivery, f"the subscriber is {status.subscriber_state}")
        else:
            self._batch.release(delivery)

    def _may_claim(self) -> bool:
        """Whether a claim may find something: a second after the last, or at once for the editions it left out."""
        return self._context.monotonic() >= self._claim_at or (self._left_out and not self._queue)

    def _claim(self) -> None:
        # While deliveries of an edition wait for its rate, no more of them are claimed, because another sender may
        # send those, or an editor may pause the edition.
        left_out = self._queue.edition_ids
        claimed = self._unprepared = self._unprepared or self._batch.claim(except_editions=left_out)
        self._left_out = bool(left_out)
        if not claimed:
            self._claim_at = self._context.monotonic() + CHECK_INTERVAL
            return
        content = self._context.preparer.load_content(self._db, claimed)
        if not self._queue:
            self._contents.clear()
        self._contents |= dict.fromkeys(content.digests, content)
        self._queue.set_rates(content.rates)
        self._queue.add(claimed)
        self._unprepared = ()
        self.claimed_count += len(claimed)

    def _prepare(self, delivery: ClaimedDelivery) -> Mail | None:
        """The mail of a delivery; None when it is skipped or cannot be made."""
        if delivery.subscriber_state not in (SubscriberState.ACTIVE, None):  # changed since it was planned
            self._batch.skip(delivery, f"the subscriber is {delivery.subscriber_state}")
            return None
        try:
            content = self._contents[delivery.digest_id]
            mail = self._context.preparer.prepare_mail(delivery, content, self._context.clock())
        except Exception as error:
            # One digest that cannot be rendered must not stop the others, nor lose earlier answers. Its delivery is
            # tried again like a deferred one until it is too old, which leaves time to read the log and fix the cause.
            log.exception("delivery %d failed", delivery.id)
            reason = f"not sent: {type(error).__name__}: {error}"
            self._batch.record_outcome(delivery, Deferred(reason), self._context.clock())
            return None
        if mail is None:
            self._batch.skip(delivery, "all of its stories were hidden")
        return mail

    def _pause_failing_editions(self, min_refusals: int) -> None:
        for edition_id, refused in self._refused.items():
            if refused >= max(min_refusals, self._next_breaker_check.get(edition_id, 0)):
                circuit_breaker.pause_if_failing(self._db, edition_id, self._context.clock())
                self._next_breaker_check[edition_id] = refused * RECHECK_FACTOR

    def _retry_while_unavailable(self, step: Callable[[], None]) -> Iterator[None]:
        return retry_while_unavailable(step, self._should_continue, self._context.monotonic)
