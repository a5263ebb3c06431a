"""When to look at a source again."""

import email.utils
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from digest.sources.pure.feeds.skip_hours import NO_SKIPS, Skips

DAY = timedelta(days=1)
SOONEST = timedelta(minutes=30)  # nobody's digest is helped by more, and publishers block who asks more often
LATEST = timedelta(hours=24)  # also the probe of a source that has failed for long: it may come back
LONGEST_GUESS = timedelta(
    hours=4
)  # however quiet a source is: what it has at night must be in the morning's digest
LONGEST_WAIT = timedelta(days=7)  # a Retry-After beyond that is a mistake
MOST_DOUBLINGS = 10  # 2 ** 10 half hours are three weeks, well over LATEST
GAP = (1.0, 2.0)  # seconds between two requests to one host, from and to
UNSAID_PAUSE = timedelta(minutes=30)  # of a host that says "too many requests" and not until when
TOO_MANY, OUT_OF_SERVICE = 429, 503


@dataclass(frozen=True)
class PollHistory:
    """What is known of a source's past polls and of the publisher's wishes.

    `failures` counts those in a row. `ttl` is the feed's, `fresh_for` HTTP's (Cache-Control or Expires),
    `retry_after` the last answer's. `per_day` is how many new articles are usual.
    """

    last_polled: datetime
    failures: int = 0
    ttl: timedelta | None = None
    fresh_for: timedelta | None = None
    retry_after: timedelta | None = None
    per_day: float | None = None
    skips: Skips = NO_SKIPS


def next_poll(history: PollHistory, *, every: timedelta, jitter: float) -> datetime:
    """When to look again at a source that is to be polled `every` so often.

    `jitter` in [0, 1) spreads sources over a tenth of the interval, so that they do not all come at once.
    Hours and days that the publisher wants left out may make it later than a day.
    """
    wishes = (history.ttl, history.fresh_for, history.retry_after)
    interval = _clamp(max(by_rate(every, history.per_day), *(wish or timedelta() for wish in wishes)))
    if history.failures:
        interval = _clamp(interval * 2 ** min(history.failures, MOST_DOUBLINGS))
    return history.skips.next(history.last_polled + min(interval * (1 + jitter / 10), LATEST))


def by_rate(every: timedelta, per_day: float | None) -> timedelta:
    """Half the usual time between two new articles, but at least `every`, and not so long that news grow old."""
    if per_day is None:
        return every
    return max(every, DAY / 2 / max(per_day, DAY / 2 / LONGEST_GUESS))


def pause(status: int | None, wait: timedelta | None) -> timedelta | None:
    """How long a whole host is left alone after an answer with this status and Retry-After; None for not at all."""
    if status == TOO_MANY:
        return wait or UNSAID_PAUSE
    return wait if status == OUT_OF_SERVICE else None


def retry_after(header: str | None, *, now: datetime) -> timedelta | None:
    """The wait that a Retry-After header asks for, in seconds or until a date (RFC 9110, section 10.2.3)."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    until = _date(text)
    return None if until is None else min(max(until - now, timedelta()), LONGEST_WAIT)


def max_age(header: str | None) -> timedelta | None:
    """Cache-Control's max-age, None where there is none or it is zero."""
    for directive in (header or "").lower().split(","):
        name, _, value = directive.strip().partition("=")
        seconds = value.strip().strip('"')
        if name.strip() == "max-age" and seconds.isascii() and seconds.isdigit():
            return timedelta(seconds=int(seconds[:9])) or None
    return None


def fresh_for(cache_control: str | None, expires: str | None, *, now: datetime) -> timedelta | None:
    """How long an answer says that it stays fresh, by Cache-Control or by Expires, whichever is longer."""
    until = _date(expires or "")
    left = until - now if until and until > now else None
    return max(filter(None, (max_age(cache_control), left)), default=None)


def _date(text: str) -> datetime | None:
    """An HTTP date; None for anything else ("0" and "-1" are usual in Expires)."""
    try:
        moment = email.utils.parsedate_to_datetime(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _clamp(interval: timedelta) -> timedelta:
    return min(max(interval, SOONEST), LATEST)
