"""Adds entries to the audit log."""

from flask_login import current_user

from digest.accounts import store
from digest.parts import parts


def record_action(action: str, target: object = "") -> None:
    """Record what the signed-in account has just done."""
    p = parts()
    with p.db.begin() as tx:
        store.add_audit_entry(tx, current_user.email, action, str(target), now=p.clock())
