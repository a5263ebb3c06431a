"""How long one must wait after failed attempts at an account.

Failures are counted per account and origin. The origins of an attempt are its network, its wider network and "any"; a
device that signed in to this account before is an origin of its own and has no other. So a stranger's failures never
delay the owner on a known device, and failures in one network never delay another one until there are very many.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

ANYWHERE = "any"
DEVICE_PREFIX = "device:"
MEMORY = timedelta(hours=24)  # after a day without a failure, the count starts again
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class FailureCount:
    """The failures of one origin at one account."""

    failures: int = 0
    wait_until: datetime | None = None


def origins_of_attempt(narrow: str, wide: str, device: str = "") -> tuple[str, ...]:
    """The origins that an attempt counts for. `device` is the id of a device that is known to the account, or ""."""
    return (DEVICE_PREFIX + device,) if device else (narrow, wide, ANYWHERE)


def free_failures(origin: str, narrow: str) -> int:
    """How many failures an origin has before it must wait."""
    if origin == ANYWHERE:
        return 100  # slows a botnet; known devices and second factors get through
    return 5 if origin == narrow or origin.startswith(DEVICE_PREFIX) else 20


def delay_after(failures: int, free: int) -> timedelta:
    """How long to wait after this many failures: doubled with each one after the free ones."""
    if failures < free:
        return timedelta(0)
    seconds = FIRST_DELAY.total_seconds() * 2.0 ** min(failures - free, 16)
    return min(timedelta(seconds=seconds), LONGEST_DELAY)


def waiting_time(
    counts: Mapping[str, FailureCount], origins: Iterable[str], now: datetime
) -> tuple[str, timedelta]:
    """The origin that must wait longest, and how long: ("", 0) if the attempt may be made now."""
    waits = [
        (count.wait_until - now, origin)
        for origin in origins
        if (count := counts.get(origin)) and count.wait_until and count.wait_until > now
    ]
    wait, origin = max(waits, default=(timedelta(0), ""))
    return origin, wait


def count_failure(count: FailureCount | None, free: int, now: datetime) -> FailureCount:
    """The count after one more failure."""
    failures = (count.failures if count else 0) + 1
    return FailureCount(failures, now + delay_after(failures, free))
