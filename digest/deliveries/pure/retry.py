"""What an answer of the mail server means for a delivery, and when to try again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.mail.pure.outcomes import Accepted, Deferred, InDoubt, Outcome, Refused

STALE = timedelta(hours=20)  # after which yesterday's digest isn't worth having: today's is near
FIRST_RETRY = timedelta(minutes=5)  # greylisting servers want a few minutes
SLOWEST_RETRY = timedelta(hours=4)
DOUBT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Tried:
    """A delivery's history up to this answer: attempts count from 1."""

    attempts: int
    in_doubt: bool
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """The delivery's next state; a planned one is not tried before `not_before`."""

    state: str
    not_before: datetime
    in_doubt: bool
    final: bool


def verdict(outcome: Outcome, tried: Tried, now: datetime, *, jitter: float) -> Verdict:
    """Decide what becomes of a delivery; `jitter` in [0, 1) spreads the retries of a batch.

    What broke between the final dot and the reply is sent once more (the Message-ID is the same), then never again.
    """
    match outcome:
        case Accepted():
            return Verdict("accepted", now, tried.in_doubt, final=True)
        case Refused():
            return Verdict("refused", now, tried.in_doubt, final=True)
        case InDoubt() if tried.in_doubt:
            return Verdict("in_doubt", now, in_doubt=True, final=True)
        case InDoubt():
            return Verdict("planned", now + DOUBT, in_doubt=True, final=False)
        case Deferred():
            again = now + retry_after(tried.attempts, jitter)
            if again - tried.planned_at > STALE:
                return Verdict("expired", now, tried.in_doubt, final=True)
            return Verdict("planned", again, tried.in_doubt, final=False)


def retry_after(attempts: int, jitter: float) -> timedelta:
    """5, 10, 20 … minutes, at most 4 hours, and up to half as much again."""
    wait: timedelta = min(FIRST_RETRY * 2 ** min(attempts - 1, 10), SLOWEST_RETRY)
    return wait * (1 + jitter / 2)
