"""Decides which senders have died: those whose slots nobody has renewed for the length of a lease.

Each process judges by its own monotonic clock how long it watched a slot that stayed as it is. So wall clocks that
differ between machines, or that are set, change nothing. Time in which it could not look counts little, because no
sender can renew its slot while the database is unavailable.
"""

from dataclasses import dataclass
from enum import Enum, auto

LEASE = 15.0  # seconds without renewal after which a sender is taken for dead
RENEWAL_INTERVAL = 3.0  # seconds between two renewals; four in a row may fail
MAX_GAP = 3.0  # seconds between two looks at a slot that count as watched; a longer gap counts as these


class Liveness(Enum):
    """What is known about the holder of a slot."""

    ALIVE = auto()  # it has renewed its slot while this process looked, and not long ago
    UNKNOWN = auto()  # it has not been watched for long enough
    DEAD = auto()


@dataclass(slots=True, eq=False)
class _Observation:
    holder: str
    renewals: int
    changed_at: float  # when it was first seen so
    seen_at: float
    watched: float = 0.0  # seconds for which it was seen so
    is_renewed: bool = False  # whether the holder was seen to renew the slot


class SlotObserver:
    """Remembers for how long each slot was seen unchanged. There is one per process."""

    def __init__(self) -> None:
        self._observations: dict[int, _Observation] = {}  # by the number of the slot

    def observe(self, number: int, holder: str, renewals: int, now: float) -> Liveness:
        """Record a slot as it was read at `now`, in monotonic seconds; returns what is known about its holder."""
        last = self._observations.get(number)
        if last is None or (last.holder, last.renewals) != (holder, renewals):
            is_renewed = last is not None and last.holder == holder
            self._observations[number] = _Observation(holder, renewals, now, now, is_renewed=is_renewed)
            return Liveness.ALIVE if is_renewed else Liveness.UNKNOWN
        last.watched += min(now - last.seen_at, MAX_GAP)
        last.seen_at = now
        if last.watched >= LEASE:
            return Liveness.DEAD
        is_overdue = now - last.changed_at >= 2 * RENEWAL_INTERVAL
        return Liveness.ALIVE if last.is_renewed and not is_overdue else Liveness.UNKNOWN
