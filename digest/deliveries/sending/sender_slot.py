"""The slot of a running sender: there are only as many senders as slots, whatever starts them, on all machines."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from digest import process_identity
from digest.accounts.store import letters as account_letters
from digest.database import Database, Tx
from digest.deliveries.pure.leases import RENEWAL_INTERVAL, Liveness, SlotObserver
from digest.deliveries.store import ranges, slots
from digest.deliveries.store.slots import SlotState
from digest.subscribers.store import letters

log = logging.getLogger(__name__)
# Letters are sent by one sender of their own, in slot 0. The slots of senders of deliveries begin at 1.
LETTER_SLOTS = range(1)


class SlotLostError(Exception):
    """The slot was taken over, because this sender did not renew it in time."""


@dataclass(frozen=True, slots=True)
class NoFreeSlot:
    """All slots are taken. `may_be_dead`: it is not known yet of some holder whether it lives."""

    may_be_dead: bool


class HeldSlot:
    """A slot that this sender holds. It must be renewed, or others take it for dead."""

    def __init__(self, db: Database, number: int, holder: str, monotonic: Callable[[], float]) -> None:
        self._db, self._monotonic = db, monotonic
        self.number, self.holder = number, holder
        self._renewed_at = monotonic()

    def renew(self) -> None:
        """Renew the slot if it is time to. Raises SlotLostError if another sender has taken it over."""
        now = self._monotonic()
        if now - self._renewed_at < RENEWAL_INTERVAL:
            return
        with self._db.begin() as tx:
            if not slots.renew(tx, self.number, self.holder):
                raise SlotLostError(f"slot {self.number} was taken over")
        self._renewed_at = now

    def give_back(self) -> None:
        """Let another sender have the slot."""
        with self._db.begin() as tx:
            slots.give_back(tx, self.number, self.holder)


def take_slot(
    db: Database, observer: SlotObserver, numbers: range, monotonic: Callable[[], float]
) -> HeldSlot | NoFreeSlot:
    """Take a free slot of these numbers, or that of a dead sender. What dead senders had claimed is released."""
    holder, taken, may_be_dead = secrets.token_hex(8), None, False
    with db.begin() as tx:
        for seen in slots.read_slots(tx, numbers):
            liveness = _liveness(seen, observer, monotonic())
            may_be_dead |= liveness is Liveness.UNKNOWN
            slot = _clear_dead(tx, seen) if liveness is Liveness.DEAD else seen
            if slot is None or slot.holder or slot.number not in numbers or taken is not None:
                continue
            if slots.take(tx, slot, holder, process_identity.own_process()):
                taken = slot.number
        if numbers != LETTER_SLOTS:
            slots.drop_above(tx, numbers[-1])
    return NoFreeSlot(may_be_dead) if taken is None else HeldSlot(db, taken, holder, monotonic)


def _clear_dead(tx: Tx, slot: SlotState) -> SlotState | None:
    """Free the slot of a dead sender, and release its ranges; None if another process did so first."""
    log.warning("the sender in slot %d has died; what it had claimed is released", slot.number)
    if not slots.clear(tx, slot):
        return None
    if slot.number in LETTER_SLOTS:
        letters.release_claimed(tx)
        account_letters.release_claimed(tx)
    ranges.release_holder(tx, slot.holder)
    return replace(slot, holder="", process="", renewals=slot.renewals + 1)


def _liveness(slot: SlotState, observer: SlotObserver, now: float) -> Liveness:
    if not slot.holder:
        return Liveness.ALIVE
    if process_identity.has_ended(slot.process):
        return Liveness.DEAD
    return observer.observe(slot.number, slot.holder, slot.renewals, now)
