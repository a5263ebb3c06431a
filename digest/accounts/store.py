"""Queries over accounts and the audit trail."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from digest.accounts.models import Account, AuditEntry
from digest.accounts.states import AccountState, Role
from digest.database import Tx
from digest.errors import NotFoundError
from digest.line_text import strip_invisible

PAGE_SIZE = 100  # entries per page of the audit trail


def find_by_email(tx: Tx, email: str) -> Account | None:
    """The account with this address, or None. Case is ignored."""
    return tx.scalar(select(Account).where(Account.email_key == strip_invisible(email).casefold()))


def by_id(tx: Tx, account_id: int) -> Account:
    """The account with this ID. Raises NotFoundError."""
    account = tx.get(Account, account_id)
    if account is None:
        raise NotFoundError(f"There is no account {account_id}.")
    return account


def list_accounts(tx: Tx) -> Sequence[Account]:
    """All accounts, sorted by address."""
    return tx.scalars(select(Account).order_by(Account.email_key)).all()


def count_admins(tx: Tx) -> int:
    """The number of open admin accounts."""
    query = select(func.count()).select_from(Account)
    return tx.scalar(query.where(Account.role == Role.ADMIN, Account.state == AccountState.ACTIVE)) or 0


def add_audit_entry(tx: Tx, account: str, action: str, target: str, *, now: datetime) -> None:
    """Add an entry to the audit trail."""
    tx.add(AuditEntry(at=now, account=account, action=action, target=target[:500]))


def audit_trail(tx: Tx, *, page: int = 1) -> tuple[Sequence[AuditEntry], int]:
    """A page of the audit trail, newest first, and the number of all entries."""
    rows = tx.scalars(
        select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    ).all()
    return rows, tx.scalar(select(func.count()).select_from(AuditEntry)) or 0
