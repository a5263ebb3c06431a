"""When to look at a source again."""

import email.utils
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SOONEST = timedelta(minutes=30)  # nobody's digest is helped by more, and publishers block who asks more often
LATEST = timedelta(hours=24)  # also the probe of a source that has failed for long: it may come back
LONGEST_WAIT = timedelta(days=7)  # a Retry-After beyond that is a mistake
MOST_DOUBLINGS = 10  # 2 ** 10 half hours are three weeks, well over LATEST


@dataclass(frozen=True)
class PollHistory:
    """What is known of a source's past polls and of the publisher's wishes.

    `failures` counts those in a row. `ttl` is the feed's, `max_age` Cache-Control's, `retry_after` the last answer's.
    """

    last_polled: datetime
    failures: int = 0
    ttl: timedelta | None = None
    max_age: timedelta | None = None
    retry_after: timedelta | None = None
    entries_per_day: float | None = None


def next_poll(history: PollHistory, *, every: timedelta, jitter: float) -> datetime:
    """When to look again at a source that is to be polled `every` so often.

    `jitter` in [0, 1) spreads sources over a tenth of the interval, so that they do not all come at once.
    """
    wished = max((wish for wish in (history.ttl, history.max_age) if wish), default=timedelta())
    interval = _clamp(max(_by_rate(every, history.entries_per_day), wished))
    if history.failures:
        interval = _clamp(interval * 2 ** min(history.failures, MOST_DOUBLINGS))
    spread = interval * (1 + jitter / 10)
    asked = min(history.retry_after or timedelta(), LONGEST_WAIT)
    return history.last_polled + max(min(spread, LATEST), asked)


def retry_after(header: str | None, *, now: datetime) -> timedelta | None:
    """The wait that a Retry-After header asks for, in seconds or until a date (RFC 9110, section 10.2.3)."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        until = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta()), LONGEST_WAIT)


def max_age(header: str | None) -> timedelta | None:
    """Cache-Control's max-age, None where there is none or it is zero."""
    for directive in (header or "").lower().split(","):
        name, _, value = directive.strip().partition("=")
        seconds = value.strip().strip('"')
        if name.strip() == "max-age" and seconds.isascii() and seconds.isdigit():
            return timedelta(seconds=int(seconds[:9])) or None
    return None


def _by_rate(every: timedelta, entries_per_day: float | None) -> timedelta:
    """Sources that publish less than once a day are looked at half as often."""
    return every * 2 if entries_per_day is not None and entries_per_day < 1 else every


def _clamp(interval: timedelta) -> timedelta:
    return min(max(interval, SOONEST), LATEST)
