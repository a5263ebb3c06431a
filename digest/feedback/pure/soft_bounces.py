"""How many soft bounces suppress an address, and which feedback types of reports are complaints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SOFT_BOUNCE_LIFETIME = timedelta(days=60)  # older soft bounces say nothing about the address today
# Feedback types (RFC 5965, 7.3, and the IANA registry) that mean "I don't want this". An auth-failure report
# (RFC 6591) is about our DKIM, and not-spam is praise: they are no complaints.
COMPLAINT_TYPES = frozenset(("abuse", "fraud", "virus", "other", "miscategorized", "complaint", "spam"))
OPT_OUT_TYPES = frozenset(("opt-out", "opt-out-list"))


@dataclass(frozen=True, slots=True)
class SoftBounceLimit:
    """When soft bounces are too many: on `bounce_days` days, the first and the last at least `span_days` apart."""

    bounce_days: int
    span_days: int


def has_too_many_soft_bounces(bounces: Sequence[datetime], limit: SoftBounceLimit, now: datetime) -> bool:
    """Whether an address has bounced softly so often that it must be suppressed.

    A day counts once, because one problem of a mail server causes several bounces. A mailbox that is full over a
    weekend and a server that is down for a day are not enough.
    """
    days = sorted({moment.date() for moment in bounces if now - SOFT_BOUNCE_LIFETIME <= moment <= now})
    return len(days) >= limit.bounce_days and days[-1] - days[0] >= timedelta(days=limit.span_days)
