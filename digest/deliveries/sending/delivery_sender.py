"""Sends planned deliveries and letters: claims a batch, gives its mails to the relay, and records every answer.

An answer is committed before its connection carries another message (see `mail.relay`). So a worker that is killed
leaves at most one message a connection without a recorded answer. That message is sent again, with the same Message-ID.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial

from digest.database import Database
from digest.deliveries.messages.preparation import BatchContent
from digest.deliveries.oversight import circuit_breaker
from digest.deliveries.sending import letter_queue
from digest.deliveries.sending.claimed_batch import ClaimedBatch
from digest.deliveries.sending.letter_queue import ClaimedLetter
from digest.deliveries.sending.paced_queue import PacedQueue
from digest.deliveries.sending.sending_context import SendingContext
from digest.deliveries.store.claims import ClaimedDelivery, ClaimStatus
from digest.editions.states import EditionState
from digest.errors import UnavailableError
from digest.mail.pure.outcomes import Deferred, Refused
from digest.mail.pure.session import Mail
from digest.mail.relay import MailOutcome
from digest.subscribers.states import SubscriberState

log = logging.getLogger(__name__)
DELIVERIES_PER_CLAIM = 500
# Seconds between two checks for what was paused, cancelled or taken over, and for new letters.
CHECK_INTERVAL = 1.0
RELAY_RETRY_DELAY = timedelta(minutes=1)  # until the next attempt when no mail server answers
# Seconds that answers wait while the database is unavailable. After that they are lost, and their mails are sent again.
MAX_DATABASE_WAIT = 300.0
REFUSALS_BEFORE_CHECK = 20  # refusals in one edition before this sender asks the circuit breaker
# It asks again when the refusals grew by this factor, because each time all deliveries of the edition are counted.
RECHECK_FACTOR = 1.1
RELEASED = "released"  # stored as the answer of a released delivery


def send_due(
    db: Database, context: SendingContext, *, should_continue: Callable[[], bool] = lambda: True
) -> int:
    """Send deliveries until none is due, or until `should_continue` returns false.

    Returns how many deliveries were claimed. Claimed deliveries that were not sent are released at once, also when the
    sender fails.
    """
    return _run(DeliverySender(db, context, should_continue), context).claimed_count


def send_letters(
    db: Database, context: SendingContext, *, should_continue: Callable[[], bool] = lambda: True
) -> int:
    """Send letters until none is due, also those that come while others are sent; returns how many were claimed."""
    return _run(DeliverySender(db, context, should_continue, letters_only=True), context).letter_count


def _run(sender: "DeliverySender", context: SendingContext) -> "DeliverySender":
    try:
        context.relay.send_all(sender.mails(), sender.record_outcomes, may_send=sender.may_send)
    except UnavailableError as error:
        log.warning("%s; %d mails wait", error, sender.waiting_count)
        sender.finish(str(error), RELAY_RETRY_DELAY)
        return sender
    except BaseException:
        sender.finish(f"{RELEASED}: the sender failed", RELAY_RETRY_DELAY)
        raise
    sender.finish(RELEASED)
    return sender


class DeliverySender:
    """One run of sending. The relay pulls from `mails`, and reports to `record_outcomes`."""

    def __init__(
        self,
        db: Database,
        context: SendingContext,
        should_continue: Callable[[], bool],
        *,
        letters_only: bool = False,
    ) -> None:
        self._db, self._context = db, context
        self._should_continue, self._letters_only = should_continue, letters_only
        self._batch = ClaimedBatch(db, context)
        self._queue = PacedQueue(context.sender_count)
        self._letters: dict[int, ClaimedLetter] = {}
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
        self._check_at, self._claim_at = 0.0, float("inf") if letters_only else 0.0
        self.claimed_count = self.letter_count = 0

    @property
    def waiting_count(self) -> int:
        """How many mails are claimed and have no answer."""
        return len(self._batch) + len(self._letters)

    def mails(self) -> Iterator[Mail | None]:
        """The mails. None means that all wait at the moment. The iterator ends when nothing is due."""
        while self._should_continue():
            if self._context.monotonic() >= self._check_at:
                yield from self._retry_while_unavailable(self._check)
                yield from self._new_letters()
            elif (delivery := self._queue.take_next(self._context.monotonic())) is not None:
                if (mail := self._prepare(delivery)) is not None:
                    yield mail
            elif self._context.monotonic() >= self._claim_at:
                yield from self._retry_while_unavailable(self._claim)
            elif self.waiting_count:
                yield None  # wait for a rate or an answer; leases are renewed meanwhile
            else:
                return
        yield from self._stop()

    def record_outcomes(self, outcomes: Sequence[MailOutcome]) -> None:
        """Write the mail server's answers. When it returns, they are committed."""
        for mail, outcome in outcomes:
            if isinstance(mail.key, ClaimedDelivery):
                self._batch.record_outcome(mail.key, outcome)
                self._refused[mail.key.edition_id] += isinstance(outcome, Refused)
        self._block_while_unavailable(self._batch.flush)
        for mail, outcome in outcomes:
            if isinstance(mail.key, ClaimedLetter):
                write = partial(letter_queue.record_outcome, self._db, self._context, mail.key, outcome)
                self._block_while_unavailable(write)
                self._letters.pop(mail.key.letter.id, None)

    def may_send(self, mail: Mail) -> bool:
        """Whether the relay may still send a mail that had to wait. If not, its delivery is released or skipped."""
        if not isinstance(mail.key, ClaimedDelivery):
            return self._should_continue()
        if not self._should_continue():
            self._batch.release(mail.key, self._context.clock(), RELEASED)
        elif mail.key.id in self._blocked:
            self._drop_blocked(mail.key)
        else:
            return True
        return False

    def finish(self, reason: str, delay: timedelta = timedelta(0)) -> None:
        """Release what was not sent, so that other senders may claim it after `delay`."""
        not_before = self._context.clock() + delay
        try:
            self._batch.release_all(not_before, reason)
            for letter in self._letters.values():
                letter_queue.release_letter(self._db, letter, not_before, reason)
            self._pause_failing_editions(1)
        except UnavailableError as error:
            lease = self._context.lease.total_seconds()
            log.warning("%s; %d mails are free for other senders in %d s", error, self.waiting_count, lease)

    def _stop(self) -> Iterator[None]:
        """Release deliveries that the relay does not have, and renew the other leases until all are answered."""
        for delivery in (*self._unprepared, *self._queue.remove_except(())):
            self._batch.release(delivery, self._context.clock(), RELEASED)
        while len(self._batch):
            if self._context.monotonic() >= self._check_at:
                try:
                    self._check_claims()
                except UnavailableError as error:
                    log.warning("%s; the sender waits", error)
                self._check_at = self._context.monotonic() + CHECK_INTERVAL
            yield None

    def _check(self) -> None:
        """Claim letters; or check the claimed deliveries, and pause editions that fail."""
        if self._letters_only:
            letters = letter_queue.claim_letters(self._db, self._context)
            self._letters |= {claimed.letter.id: claimed for claimed in letters}
            self.letter_count += len(letters)
            if len(letters) >= letter_queue.LETTERS_PER_CLAIM:
                return  # there may be more
        else:
            self._check_claims()
            self._pause_failing_editions(REFUSALS_BEFORE_CHECK)
        self._check_at = self._context.monotonic() + CHECK_INTERVAL

    def _check_claims(self) -> None:
        """Renew leases, and drop the deliveries that may not be sent any more."""
        claimed_ids = set(self._batch.ids)
        statuses = self._batch.refresh_statuses()
        self._queue.set_rates({status.edition_id: status.rate for status in statuses.values()})
        sendable_ids = {delivery_id for delivery_id, status in statuses.items() if status.may_send}
        blocked_ids = claimed_ids - sendable_ids
        self._blocked = {delivery_id: statuses.get(delivery_id) for delivery_id in blocked_ids}
        for delivery in self._queue.remove_except(sendable_ids):
            self._drop_blocked(delivery)
        self._batch.flush()

    def _drop_blocked(self, delivery: ClaimedDelivery) -> None:
        """Skip a delivery whose subscriber gets no mail now, and release one whose edition is not being sent."""
        status = self._blocked.get(delivery.id)
        if status and status.edition_state == EditionState.SENDING:
            self._batch.skip(delivery, f"the subscriber is {status.subscriber_state}")
        elif status:
            self._batch.release(
                delivery, self._context.clock(), f"{RELEASED}: the edition is {status.edition_state}"
            )

    def _new_letters(self) -> Iterator[Mail]:
        for claimed in tuple(self._letters.values()):
            if not claimed.started:
                mail = letter_queue.prepare_letter(self._db, self._context, claimed)
                if mail is None:
                    del self._letters[claimed.letter.id]
                else:
                    yield mail

    def _claim(self) -> None:
        # While deliveries of an edition wait for its rate, no more of them are claimed, because another sender may
        # send those, or an editor may pause the edition.
        claimed = self._unprepared = self._unprepared or self._batch.claim(
            DELIVERIES_PER_CLAIM, except_editions=self._queue.edition_ids
        )
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
            self._batch.record_outcome(delivery, Deferred(f"not sent: {type(error).__name__}: {error}"))
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
        """Do a step. While the database is unavailable, try again each second.

        The relay reads answers meanwhile. If the sender is stopped first, the step is not done.
        """
        give_up_at = self._context.monotonic() + MAX_DATABASE_WAIT
        while True:
            try:
                step()
            except UnavailableError as error:
                if self._context.monotonic() > give_up_at:
                    raise
                log.warning("%s; the sender waits", error)
            else:
                return
            retry_at = self._context.monotonic() + CHECK_INTERVAL
            while self._context.monotonic() < retry_at:
                if not self._should_continue():
                    return
                yield None

    def _block_while_unavailable(self, step: Callable[[], None]) -> None:
        """Do a step. While the database is unavailable, wait, so that no other mail is sent before the step is done.

        It waits in real time, and not by the context's clock, because nothing else runs meanwhile.
        """
        give_up_at = time.monotonic() + MAX_DATABASE_WAIT
        while True:
            try:
                step()
            except UnavailableError as error:
                if time.monotonic() > give_up_at:
                    raise
                log.warning("%s; answers of the mail server wait to be written down", error)
                time.sleep(CHECK_INTERVAL)
            else:
                return
