"""How long a claim is its holder's, and when another may believe that it has run out."""

from datetime import datetime, timedelta

# A holder that lives renews long before; so this is how long the mails of one that died wait for another.
LEASE = timedelta(seconds=60)
RENEWALS = 4  # in the time of a lease: three may be missed
LEAP = 5.0  # seconds by which a wall clock may drift from a steady one between two looks; more is a step


class Steps:
    """Notices when the wall clock was set forward: then every lease seems to have run out, and none has.

    For the length of a lease after a step nobody's claims are taken over; by then the living have renewed theirs.
    """

    def __init__(self) -> None:
        self._offset: float | None = None
        self._wary_until = 0.0

    def steady(self, now: datetime, ticks: float, lease: timedelta) -> bool:
        """Whether the wall clock can be believed about leases."""
        offset = now.timestamp() - ticks
        if self._offset is not None and abs(offset - self._offset) > LEAP:
            self._wary_until = ticks + lease.total_seconds()
        self._offset = offset
        return ticks >= self._wary_until
