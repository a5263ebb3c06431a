"""When a source has moved for good: not at the first redirect that says so."""

from dataclasses import dataclass
from datetime import datetime, timedelta

CONFIRMATIONS = 3  # a site that is broken or in other hands for a day or two must not take its source along
APART = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Move:
    """Where a source's redirects for good lead, how often that was seen a day apart, and when last."""

    to: str = ""
    seen: int = 0
    at: datetime | None = None

    @property
    def believed(self) -> bool:
        """Whether the source's address is to be rewritten."""
        return self.seen >= CONFIRMATIONS


NO_MOVE = Move()


def confirm(move: Move, led_to: str | None, now: datetime) -> Move:
    """What is known after a poll that was led to `led_to` for good, or to nowhere else (None)."""
    if not led_to:
        return NO_MOVE
    if move.to != led_to or move.at is None:
        return Move(led_to, 1, now)
    return Move(led_to, move.seen + 1, now) if now - move.at >= APART else move
