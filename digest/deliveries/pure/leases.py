"""How long a claim belongs to its holder, and when another sender may assume that it has expired."""

from datetime import datetime, timedelta

# A running holder renews its lease long before it expires, so only the mails of a dead holder wait this long.
LEASE = timedelta(seconds=60)
RENEWALS_PER_LEASE = 4  # renewals in the time of a lease; three may be missed
# Seconds by which the wall clock may drift from the monotonic clock between two checks. More means that it was set.
MAX_CLOCK_DRIFT = 5.0


class ClockStepDetector:
    """Notices that the wall clock was set, because leases may then seem to have expired although none has.

    After that, no claim is taken over for the length of a lease, in which all running holders renew theirs.
    """

    def __init__(self) -> None:
        self._offset: float | None = None
        self._distrust_until = 0.0

    def trusts_clock(self, now: datetime, monotonic_now: float, lease: timedelta) -> bool:
        """Whether the wall clock is reliable for judging leases."""
        offset = now.timestamp() - monotonic_now
        if self._offset is not None and abs(offset - self._offset) > MAX_CLOCK_DRIFT:
            self._distrust_until = monotonic_now + lease.total_seconds()
        self._offset = offset
        return monotonic_now >= self._distrust_until
