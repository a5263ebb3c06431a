"""Queries over accounts and the audit trail."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from digest.accounts.models import Account, AuditEntry
from digest.database import Tx
from digest.errors import NotFoundError

PAGE = 100  # entries of a page of the audit trail


def by_email(tx: Tx, email: str) -> Account | None:
    """The account with this address."""
    return tx.scalar(select(Account).where(Account.email_key == email.strip().casefold()))


def by_id(tx: Tx, account_id: int) -> Account:
    """An account; raises NotFoundError."""
    account = tx.get(Account, account_id)
    if account is None:
        raise NotFoundError(f"There is no account {account_id}.")
    return account


def listing(tx: Tx) -> Sequence[Account]:
    """All accounts, by address."""
    return tx.scalars(select(Account).order_by(Account.email_key)).all()


def admins(tx: Tx) -> int:
    """How many open accounts may manage accounts."""
    query = select(func.count()).select_from(Account)
    return tx.scalar(query.where(Account.role == "admin", Account.state == "active")) or 0


def note(tx: Tx, account: str, action: str, target: str, *, now: datetime) -> None:
    """Add to the audit trail."""
    tx.add(AuditEntry(at=now, account=account, action=action, target=target[:500]))


def trail(tx: Tx, *, page: int = 1) -> tuple[Sequence[AuditEntry], int]:
    """A page of the audit trail, newest first, and how many entries there are."""
    rows = tx.scalars(
        select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PAGE).offset((page - 1) * PAGE)
    ).all()
    return rows, tx.scalar(select(func.count()).select_from(AuditEntry)) or 0
