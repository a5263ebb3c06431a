"""When an edition goes wrong: it is stopped before it harms the sender's name, and an editor decides."""

import logging
from collections.abc import Mapping
from datetime import datetime

from digest.database import Database
from digest.deliveries.store import claims as store
from digest.deliveries.store import oversight

log = logging.getLogger(__name__)
# Big mailbox providers block senders above 0.3 % complaints (Google's and Yahoo's sender rules of 2024) and take more
# than about 5 % unknown addresses for a bought list.
MOST_REFUSED, MOST_COMPLAINTS = 0.05, 0.003
ENOUGH_ANSWERS = 200  # before it, a share of refusals says little; three who complain say enough
ENOUGH_REFUSED, ENOUGH_COMPLAINTS = 20, 3


def failing(counts: Mapping[str, int], complaints: int = 0) -> str:
    """Why an edition should be stopped, in words; "" when it may go on. `counts` are deliveries by state."""
    accepted, refused = counts.get("accepted", 0), counts.get("refused", 0)
    answered = accepted + refused
    enough = answered >= ENOUGH_ANSWERS and refused >= ENOUGH_REFUSED
    if enough and refused > MOST_REFUSED * answered:
        share = refused / answered
        return f"{refused} of {answered} mails were refused ({share:.1%}; at most {MOST_REFUSED:.0%} may be)"
    if complaints >= ENOUGH_COMPLAINTS and complaints > MOST_COMPLAINTS * accepted:
        share = complaints / max(accepted, 1)
        return f"{complaints} complaints about {accepted} mails ({share:.2%}; at most {MOST_COMPLAINTS:.1%} may be)"
    return ""


def stop_if_failing(db: Database, edition_id: int, now: datetime, *, complaints: int = 0) -> str:
    """Stop an edition if it fails; returns the reason it was stopped for now, or "".

    One that was stopped before and that an editor let go on is left alone: they have seen the reason.
    """
    with db.read() as tx:
        reason = failing(store.counts(tx, [edition_id])[edition_id], complaints)
    return reason if reason and stop(db, edition_id, reason, now) else ""


def stop(db: Database, edition_id: int, reason: str, now: datetime) -> bool:
    """Pause an edition that is being sent and keep why; says whether it was, and was not stopped before."""
    with db.begin() as tx:
        stopped = oversight.stop_edition(tx, edition_id, reason)
    if stopped:
        log.warning("edition %d stopped at %s: %s", edition_id, now.isoformat(timespec="seconds"), reason)
    return stopped
