"""The audit trail of the API: the same entries as the newsroom's, with the token as the one who did it."""

from digest.accounts import audit
from digest.accounts.audit import NO_DETAILS, Change
from digest.api.v1.access import token_holder
from digest.database import Tx
from digest.parts import parts


def record(action: str, target: str = "", *, link: str = "", change: Change = NO_DETAILS) -> None:
    """Record what the program has just done; `link` is the newsroom's page about it."""
    with parts().db.begin() as tx:
        record_within(tx, action, target, link=link, change=change)


def record_within(
    tx: Tx, action: str, target: str = "", *, link: str = "", change: Change = NO_DETAILS
) -> None:
    """`record` in the transaction of what is done."""
    details = Change(link, change.before, change.after)
    audit.record(tx, token_holder().actor(), action, target, now=parts().clock(), change=details)
