"""Whether the clocks of the machines agree: web, workers, beat and database, compared with the broker's."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from celery import Celery

from digest import broker_state
from digest.errors import UnavailableError
from digest.parts import Parts

# Clocks that are set by NTP differ by milliseconds. Leases and cutoffs allow half a minute.
MAX_DIFFERENCE = timedelta(seconds=10)
DATABASE = "database"


@dataclass(frozen=True, slots=True)
class ClockDifference:
    """How far the clock of a machine is from the broker's, in seconds; positive when it is ahead."""

    machine: str  # a host name, or DATABASE
    seconds: int


def find_differences(p: Parts, celery: Celery) -> Sequence[ClockDifference]:
    """The clocks that differ too much. None while the broker does not answer, which other checks report."""
    try:
        own = broker_state.measure_clock(celery, p.clock)
        leads = broker_state.published_clocks(celery) | {socket.gethostname(): own}
        lead_of_database = p.db.clock_lead(p.clock)
    except UnavailableError:
        return ()
    if lead_of_database is not None:
        leads[DATABASE] = own + lead_of_database
    return [
        ClockDifference(machine, round(lead.total_seconds()))
        for machine, lead in sorted(leads.items())
        if abs(lead) > MAX_DIFFERENCE
    ]
