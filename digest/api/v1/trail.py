"""The audit trail of the API: the same entries as the newsroom's, with the token as the one who did it."""

from digest.accounts import audit
from digest.accounts.audit import NO_DETAILS, Change
from digest.api.v1.access import token_holder
from digest.parts import parts


def record(action: str, target: str = "", *, link: str = "", change: Change = NO_DETAILS) -> None:
    """Record what the program has just done; `link` is the newsroom's page about it."""
    p = parts()
    with p.db.begin() as tx:
        details = Change(link, change.before, change.after)
        audit.record(tx, token_holder().actor(), action, target, now=p.clock(), change=details)
