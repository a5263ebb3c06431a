"""When a message is posted again, when it is given up, and when an endpoint is disabled."""

from datetime import datetime, timedelta

# After the first attempt, the second …: the eleventh and last comes after 22 hours, because the next would be too late.
RETRY_DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 180, 240, 300, 360))
LONGEST_TRIAL = timedelta(days=1)  # after this, a message is given up
DISABLED_AFTER = timedelta(days=7)  # of failures, and of nothing else


def next_attempt(attempts: int, first_tried_at: datetime, now: datetime) -> datetime | None:
    """When to post a message again that failed `attempts` times; None to give it up."""
    at = now + RETRY_DELAYS[min(attempts, len(RETRY_DELAYS)) - 1]
    return at if at - first_tried_at <= LONGEST_TRIAL else None


def is_dead(failing_since: datetime | None, now: datetime) -> bool:
    """Whether an endpoint has failed for so long that nothing is posted to it any more."""
    return failing_since is not None and now - failing_since >= DISABLED_AFTER
