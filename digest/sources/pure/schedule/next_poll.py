"""When to poll a source again, and the waiting times that HTTP headers ask for."""

import email.utils
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from digest.sources.pure.feeds.skip_hours import NO_SKIPS, SkipSchedule
from digest.sources.pure.schedule.rates import DAY

# More frequent polls improve no digest, and publishers block clients that ask more often.
MIN_INTERVAL = timedelta(minutes=30)
# Also the interval of a source that has failed for a long time: it may come back.
MAX_INTERVAL = timedelta(hours=24)
# The limit for quiet sources: an article published at night must be in the morning's digest.
MAX_INTERVAL_BY_RATE = timedelta(hours=4)
MAX_RETRY_AFTER = timedelta(days=7)  # a longer Retry-After is a mistake of the server
MAX_DOUBLINGS = 10  # 2 ** 10 half hours are three weeks, well over MAX_INTERVAL
HOST_GAP_SECONDS = (1.0, 2.0)  # the shortest and the longest gap between two requests to a host
# The pause of a host that answers "too many requests" without a Retry-After.
DEFAULT_HOST_PAUSE = timedelta(minutes=30)


@dataclass(frozen=True)
class PollHistory:
    """The past polls of a source and the waiting times that its publisher asks for.

    `failures` is the number of failures in a row. `ttl` comes from the feed, `fresh_for` from Cache-Control or Expires,
    `retry_after` from the last response. `per_day` is the usual number of new articles a day.
    """

    last_polled: datetime
    failures: int = 0
    ttl: timedelta | None = None
    fresh_for: timedelta | None = None
    retry_after: timedelta | None = None
    per_day: float | None = None
    skips: SkipSchedule = NO_SKIPS


def next_poll(history: PollHistory, *, every: timedelta, jitter: float) -> datetime:
    """Return the time of the next poll of a source with the polling interval `every`.

    `jitter` in [0, 1) spreads sources over a tenth of the interval, so that they are not all polled at once.
    The interval is at most a day; the publisher's skipped hours and days may add to it.
    """
    requested_waits = (history.ttl, history.fresh_for, history.retry_after)
    interval = _clamp(
        max(_interval_by_rate(every, history.per_day), *(wait or timedelta() for wait in requested_waits))
    )
    if history.failures:
        interval = _clamp(interval * 2 ** min(history.failures, MAX_DOUBLINGS))
    return history.skips.next_allowed(history.last_polled + min(interval * (1 + jitter / 10), MAX_INTERVAL))


def _interval_by_rate(every: timedelta, per_day: float | None) -> timedelta:
    """Return half the usual time between two new articles, at least `every`.

    The rate alone never gives more than `MAX_INTERVAL_BY_RATE`.
    """
    if per_day is None:
        return every
    return max(every, DAY / 2 / max(per_day, DAY / 2 / MAX_INTERVAL_BY_RATE))


def host_pause(status: int | None, wait: timedelta | None) -> timedelta | None:
    """Return how long to pause all requests to a host after a response; None for no pause.

    `status` is the response's status and `wait` its Retry-After.
    """
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return wait or DEFAULT_HOST_PAUSE
    return wait if status == HTTPStatus.SERVICE_UNAVAILABLE else None


def parse_retry_after(header: str | None, *, now: datetime) -> timedelta | None:
    """Return the wait that a Retry-After header asks for, in seconds or until a date (RFC 9110, section 10.2.3)."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), MAX_RETRY_AFTER)
    until = _date(text)
    return None if until is None else min(max(until - now, timedelta()), MAX_RETRY_AFTER)


def parse_max_age(header: str | None) -> timedelta | None:
    """Return the max-age of a Cache-Control header; None if it is missing or zero."""
    for directive in (header or "").lower().split(","):
        name, _, value = directive.strip().partition("=")
        seconds = value.strip().strip('"')
        if name.strip() == "max-age" and seconds.isascii() and seconds.isdigit():
            return timedelta(seconds=int(seconds[:9])) or None
    return None


def freshness_lifetime(cache_control: str | None, expires: str | None, *, now: datetime) -> timedelta | None:
    """Return how long a response stays fresh: the longer of Cache-Control's max-age and Expires."""
    until = _date(expires or "")
    until_expiry = until - now if until and until > now else None
    return max(filter(None, (parse_max_age(cache_control), until_expiry)), default=None)


def _date(text: str) -> datetime | None:
    """Parse an HTTP date; None for anything else ("0" and "-1" are usual in Expires)."""
    try:
        moment = email.utils.parsedate_to_datetime(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _clamp(interval: timedelta) -> timedelta:
    return min(max(interval, MIN_INTERVAL), MAX_INTERVAL)
