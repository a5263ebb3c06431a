"""Decides what a mail server's answer means for a delivery or letter, and when to try again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.deliveries.states import DeliveryState
from digest.mail.pure.outcomes import Accepted, Deferred, InDoubt, Outcome, Refused

MAX_DELIVERY_AGE = timedelta(hours=20)  # an older digest is not worth sending, because the next day's is near
MIN_RETRY_DELAY = timedelta(minutes=5)  # greylisting servers accept a mail only after a few minutes
MAX_RETRY_DELAY = timedelta(hours=4)
IN_DOUBT_RETRY_DELAY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class AttemptHistory:
    """The attempts so far, the current one included: `attempts` counts from 1."""

    attempts: int
    in_doubt: bool
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryDecision:
    """The delivery's next state. A planned delivery is not tried before `not_before`."""

    state: DeliveryState
    not_before: datetime
    in_doubt: bool
    final: bool


def decide_next_state(
    outcome: Outcome, history: AttemptHistory, now: datetime, *, jitter: float
) -> DeliveryDecision:
    """Decide a delivery's next state; `jitter` in [0, 1) spreads the retries of a batch.

    If the connection broke between the final dot and the reply, the mail is sent once more (with the same Message-ID),
    then never again.
    """
    match outcome:
        case Accepted():
            return DeliveryDecision(DeliveryState.ACCEPTED, now, history.in_doubt, final=True)
        case Refused():
            return DeliveryDecision(DeliveryState.REFUSED, now, history.in_doubt, final=True)
        case InDoubt() if history.in_doubt:
            return DeliveryDecision(DeliveryState.IN_DOUBT, now, in_doubt=True, final=True)
        case InDoubt():
            return DeliveryDecision(
                DeliveryState.PLANNED, now + IN_DOUBT_RETRY_DELAY, in_doubt=True, final=False
            )
        case Deferred():
            retry_at = now + retry_delay(history.attempts, jitter)
            if retry_at - history.planned_at > MAX_DELIVERY_AGE:
                return DeliveryDecision(DeliveryState.EXPIRED, now, history.in_doubt, final=True)
            return DeliveryDecision(DeliveryState.PLANNED, retry_at, history.in_doubt, final=False)


def retry_delay(attempts: int, jitter: float) -> timedelta:
    """5, 10, 20 … minutes, at most 4 hours, plus up to half of that by `jitter`."""
    delay: timedelta = min(MIN_RETRY_DELAY * 2 ** min(attempts - 1, 10), MAX_RETRY_DELAY)
    return delay * (1 + jitter / 2)
