"""Sends letters, to subscribers and to accounts.

There is one sender of them, beside those of deliveries, so that letters wait for no edition.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from digest.database import CoreTx, Database
from digest.deliveries.pure.leases import LEASE
from digest.deliveries.sending import account_letters, letter_queue
from digest.deliveries.sending.account_letters import ClaimedAccountLetter
from digest.deliveries.sending.letter_queue import ClaimedLetter
from digest.deliveries.sending.result_writer import ResultWriter
from digest.deliveries.sending.sender_run import (
    CHECK_INTERVAL,
    SendingResult,
    retry_while_unavailable,
    run_sender,
)
from digest.deliveries.sending.sender_slot import LETTER_SLOTS, HeldSlot
from digest.deliveries.sending.sending_context import SendingContext
from digest.errors import UnavailableError
from digest.mail.outcome_saver import MailOutcome, SaveInProgress
from digest.mail.pure.session import Mail

log = logging.getLogger(__name__)
Claimed = ClaimedLetter | ClaimedAccountLetter


def send_letters(
    db: Database, context: SendingContext, *, should_continue: Callable[[], bool] = lambda: True
) -> SendingResult:
    """Send letters until none is due, also those that come while others are sent."""
    return run_sender(
        db, context, LETTER_SLOTS, lambda slot: LetterSender(db, context, slot, should_continue)
    )


class LetterSender:
    """One run of sending letters (see `sender_run.Sender`)."""

    def __init__(
        self, db: Database, context: SendingContext, slot: HeldSlot, should_continue: Callable[[], bool]
    ) -> None:
        self._db, self._context, self._slot = db, context, slot
        self._should_continue = should_continue
        self._writer = ResultWriter(db)
        self._letters: dict[Claimed, None] = {}  # claimed and without an answer, in order
        self._check_at = 0.0
        self.claimed_count = 0

    @property
    def waiting_count(self) -> int:
        """How many letters are claimed and have no answer."""
        return len(self._letters)

    def mails(self) -> Iterator[Mail | None]:
        """The letters' mails. None means that all wait at the moment. The iterator ends when nothing is due."""
        while self._should_continue():
            if self._context.monotonic() >= self._check_at:
                yield from retry_while_unavailable(
                    self._claim, self._should_continue, self._context.monotonic
                )
                yield from self._new_mails()
            elif self._letters:
                yield None
            else:
                return
        yield from self._stop()

    def record_outcomes(self, outcomes: Sequence[MailOutcome]) -> SaveInProgress:
        """Write the mail server's answers. When the save is done, they are committed."""
        now = self._context.clock()
        answered = [(mail.key, outcome) for mail, outcome in outcomes if isinstance(mail.key, Claimed)]
        for claimed, _ in answered:
            self._letters.pop(claimed, None)

        def write(tx: CoreTx) -> None:
            for claimed, outcome in answered:
                if isinstance(claimed, ClaimedLetter):
                    letter_queue.record_outcome(tx, claimed, outcome, now)
                else:
                    account_letters.record_outcome(tx, claimed, outcome, now)

        return self._writer.submit(write)

    def may_send(self, mail: Mail) -> bool:
        """Whether the relay may still send a letter that had to wait."""
        if isinstance(mail.key, Claimed) and not self._should_continue():
            mail.key.started = False  # the relay drops it now
        return self._should_continue()

    def finish(self, reason: str = "", delay: timedelta = timedelta(0)) -> None:
        """Release the letters that were not sent, to be claimed after `delay`, and give the slot back."""
        not_before = self._context.clock() + delay
        try:
            for claimed in self._letters:
                if isinstance(claimed, ClaimedLetter):
                    letter_queue.release_letter(self._db, claimed, not_before, reason)
                else:
                    account_letters.release_letter(self._db, claimed, not_before, reason)
            self._slot.give_back()
        except UnavailableError as error:
            log.warning("%s; the next sender of letters begins in %d s", error, LEASE)
        finally:
            self._writer.close()

    def _stop(self) -> Iterator[None]:
        """Renew the slot until the letters that the relay has are answered."""
        while any(claimed.started for claimed in self._letters):
            if self._context.monotonic() >= self._check_at:
                try:
                    self._slot.renew()
                except UnavailableError as error:
                    log.warning("%s; the sender of letters waits", error)
                self._check_at = self._context.monotonic() + CHECK_INTERVAL
            yield None

    def _claim(self) -> None:
        self._slot.renew()
        to_accounts = account_letters.claim_letters(self._db, self._context)
        to_subscribers = letter_queue.claim_letters(self._db, self._context)
        self._letters |= dict.fromkeys((*to_accounts, *to_subscribers))
        self.claimed_count += len(to_accounts) + len(to_subscribers)
        # A full claim means that there may be more.
        if (
            len(to_subscribers) < letter_queue.LETTERS_PER_CLAIM
            and len(to_accounts) < account_letters.LETTERS_PER_CLAIM
        ):
            self._check_at = self._context.monotonic() + CHECK_INTERVAL

    def _new_mails(self) -> Iterator[Mail]:
        for claimed in tuple(self._letters):
            if not claimed.started and self._should_continue():
                mail = self._prepare(claimed)
                if mail is None:
                    del self._letters[claimed]
                else:
                    yield mail

    def _prepare(self, claimed: Claimed) -> Mail | None:
        if isinstance(claimed, ClaimedLetter):
            return letter_queue.prepare_letter(self._db, self._context, claimed)
        return account_letters.prepare_letter(self._db, self._context, claimed)
