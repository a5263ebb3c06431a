"""When an address is given up: pure rules over what came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

FORGOTTEN_AFTER = timedelta(days=60)  # soft bounces older than this say nothing about today
# Feedback types (RFC 5965, 7.3, and the IANA registry) that mean "I don't want this". An auth-failure report
# (RFC 6591) is about our DKIM, and not-spam is praise: the reader did not complain.
COMPLAINTS = frozenset(("abuse", "fraud", "virus", "other", "miscategorized", "complaint", "spam"))
LEAVING = frozenset(("opt-out", "opt-out-list"))


@dataclass(frozen=True, slots=True)
class Patience:
    """How long soft bounces are borne: `times` on different days, the first and the last `days` apart or more."""

    times: int
    days: int


def worn_out(bounces: Sequence[datetime], patience: Patience, now: datetime) -> bool:
    """Whether an address has bounced softly so often that it is given up.

    A day counts once, for one trouble of a mail server brings several bounces; and a full mailbox over a weekend or
    a server that is down for a day must stop nobody.
    """
    days = sorted({moment.date() for moment in bounces if now - FORGOTTEN_AFTER <= moment <= now})
    return len(days) >= patience.times and days[-1] - days[0] >= timedelta(days=patience.days)
