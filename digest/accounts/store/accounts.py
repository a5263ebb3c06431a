"""Queries over accounts."""

from collections.abc import Sequence

from sqlalchemy import func, select

from digest.accounts.models import Account
from digest.accounts.states import AccountState, Role
from digest.database import Tx
from digest.errors import NewsroomText, NotFoundError
from digest.line_text import strip_invisible


def account_key(email: str) -> str:
    """The form of an address by which accounts are found, and failed sign-ins counted."""
    return strip_invisible(email).casefold()


def find_by_email(tx: Tx, email: str) -> Account | None:
    """The account with this address, or None. Case is ignored."""
    return tx.scalar(select(Account).where(Account.email_key == account_key(email)))


def find_by_external_id(tx: Tx, external_id: str) -> Account | None:
    """The account of a person at the OpenID provider, or None."""
    return tx.scalar(select(Account).where(Account.external_id == external_id))


def by_id(tx: Tx, account_id: int) -> Account:
    """The account with this ID. Raises NotFoundError."""
    account = tx.get(Account, account_id)
    if account is None:
        raise NotFoundError(NewsroomText("There is no account %(account_id)s.", account_id=account_id))
    return account


def list_accounts(tx: Tx) -> Sequence[Account]:
    """All accounts, sorted by address."""
    return tx.scalars(select(Account).order_by(Account.email_key)).all()


def count_admins(tx: Tx) -> int:
    """The number of open admin accounts."""
    query = select(func.count()).select_from(Account)
    return tx.scalar(query.where(Account.role == Role.ADMIN, Account.state == AccountState.ACTIVE)) or 0


def wanting_alerts(tx: Tx) -> Sequence[Account]:
    """The open accounts that want alerts by mail, by address."""
    wanting = select(Account).where(Account.wants_alerts, Account.state == AccountState.ACTIVE)
    return tx.scalars(wanting.order_by(Account.email_key)).all()
