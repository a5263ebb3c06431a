"""Runs one sender: it takes a slot, gives its mails to the relay, and releases at the end what was not sent."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from digest.database import Database
from digest.deliveries.sending.result_writer import MAX_DATABASE_WAIT
from digest.deliveries.sending.sender_slot import HeldSlot, NoFreeSlot, SlotLostError, take_slot
from digest.deliveries.sending.sending_context import SendingContext
from digest.errors import UnavailableError
from digest.mail.outcome_saver import MailOutcome, SaveInProgress
from digest.mail.pure.session import Mail

log = logging.getLogger(__name__)
CHECK_INTERVAL = 1.0  # seconds between two checks for what has changed meanwhile
RELAY_RETRY_DELAY = timedelta(minutes=1)  # until the next attempt when no mail server answers


class Sender(Protocol):
    """What a run needs of a sender. The relay pulls from `mails`, and reports to `record_outcomes`."""

    claimed_count: int

    @property
    def waiting_count(self) -> int:
        """How many mails are claimed and have no answer."""

    def mails(self) -> Iterator[Mail | None]:
        """The mails. None means that all wait at the moment. The iterator ends when nothing is due."""

    def record_outcomes(self, outcomes: Sequence[MailOutcome]) -> SaveInProgress | None:
        """Write the mail server's answers. When the save is done, they are committed."""

    def may_send(self, mail: Mail) -> bool:
        """Whether the relay may still send a mail that had to wait."""

    def finish(self, reason: str = "", delay: timedelta = timedelta(0)) -> None:
        """Release what was not sent, so that other senders may claim it after `delay`, and give the slot back."""


@dataclass(frozen=True, slots=True)
class SendingResult:
    """How many mails a sender claimed. `no_slot` says why it did nothing, when all slots are taken."""

    claimed: int = 0
    no_slot: NoFreeSlot | None = None


def run_sender(
    db: Database, context: SendingContext, slot_numbers: range, create: Callable[[HeldSlot], Sender]
) -> SendingResult:
    """Run the sender that `create` makes in one of the slots, if one is free."""
    slot = take_slot(db, context.slot_observer, slot_numbers, context.monotonic)
    if isinstance(slot, NoFreeSlot):
        return SendingResult(no_slot=slot)
    sender = create(slot)
    reason, delay = "the sender failed", RELAY_RETRY_DELAY
    try:
        context.relay.send_all(sender.mails(), sender.record_outcomes, may_send=sender.may_send)
        reason, delay = "", timedelta(0)
    except UnavailableError as error:
        log.warning("%s; %d mails wait", error, sender.waiting_count)
        reason = str(error)
    except SlotLostError as error:
        log.warning("%s; this sender ends", error)
        reason, delay = str(error), timedelta(0)
    finally:
        context.relay.close()  # before another sender has the slot, and with it these connections' share
        sender.finish(reason, delay)
    return SendingResult(sender.claimed_count)


def send_in_free_slot(
    send: Callable[..., SendingResult], should_continue: Callable[[], bool]
) -> SendingResult:
    """Send when a slot is free. While it is not known whether the senders in all slots live, wait until it is."""
    result = send(should_continue=should_continue)
    while result.no_slot is not None and result.no_slot.may_be_dead and should_continue():
        time.sleep(CHECK_INTERVAL)
        result = send(should_continue=should_continue)
    return result


def retry_while_unavailable(
    step: Callable[[], None], should_continue: Callable[[], bool], monotonic: Callable[[], float]
) -> Iterator[None]:
    """Do a step. While the database is unavailable, try again each second.

    The relay reads answers meanwhile. If the sender is stopped first, the step is not done.
    """
    give_up_at = monotonic() + MAX_DATABASE_WAIT
    while True:
        try:
            step()
        except UnavailableError as error:
            if monotonic() > give_up_at:
                raise
            log.warning("%s; the sender waits", error)
        else:
            return
        retry_at = monotonic() + CHECK_INTERVAL
        while monotonic() < retry_at:
            if not should_continue():
                return
            yield None
