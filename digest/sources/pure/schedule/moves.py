"""When a source has moved permanently: after several permanent redirects, not after the first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# A site that is broken or hijacked for a day or two must not change the address of its source.
CONFIRMATIONS = 3
MIN_CONFIRMATION_INTERVAL = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PermanentMove:
    """The target of a source's permanent redirects, how often we saw it (a day apart) and when last."""

    url: str = ""
    seen_count: int = 0
    seen_at: datetime | None = None

    @property
    def is_confirmed(self) -> bool:
        """Whether the source's address should be replaced."""
        return self.seen_count >= CONFIRMATIONS


NO_MOVE = PermanentMove()


def record_redirect(move: PermanentMove, redirected_to: str | None, now: datetime) -> PermanentMove:
    """Return the move after a poll. `redirected_to` is where permanent redirects led, None if there were none."""
    if not redirected_to:
        return NO_MOVE
    if move.url != redirected_to or move.seen_at is None:
        return PermanentMove(redirected_to, 1, now)
    return (
        PermanentMove(redirected_to, move.seen_count + 1, now)
        if now - move.seen_at >= MIN_CONFIRMATION_INTERVAL
        else move
    )
