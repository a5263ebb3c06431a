"""How fast an edition is being sent."""

from datetime import datetime, timedelta

from digest.database import Tx
from digest.deliveries.store import oversight

RATE_WINDOW = timedelta(seconds=10)


def current_rate(tx: Tx, edition_id: int, now: datetime) -> float:
    """How many mails of an edition were accepted per second, over the last ten seconds."""
    return oversight.count_accepted_since(tx, edition_id, now - RATE_WINDOW) / RATE_WINDOW.total_seconds()
