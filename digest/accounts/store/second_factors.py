"""Queries over passkeys, codes of an authenticator app, and recovery codes."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from digest.accounts.models import Account, Passkey, RecoveryCode
from digest.database import Tx


def passkeys_of(tx: Tx, account_id: int) -> Sequence[Passkey]:
    """The passkeys of an account, oldest first."""
    return tx.scalars(select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)).all()


def find_passkey(tx: Tx, credential_id: str) -> Passkey | None:
    """The passkey with this credential ID, or None."""
    return tx.scalar(select(Passkey).where(Passkey.credential_id == credential_id))


def accounts_with_passkeys(tx: Tx) -> frozenset[int]:
    """The ids of the accounts that have a passkey."""
    return frozenset(tx.scalars(select(Passkey.account_id).distinct()))


def use_passkey(tx: Tx, passkey_id: int, *, challenged_at: datetime, sign_count: int, now: datetime) -> bool:
    """Record a use of a passkey. False if the challenge is not newer than the last use: an answer works once."""
    statement = update(Passkey).where(
        Passkey.id == passkey_id, (Passkey.last_used_at.is_(None)) | (Passkey.last_used_at < challenged_at)
    )
    used = tx.execute(statement.values(last_used_at=now, sign_count=sign_count).returning(Passkey.id))
    return used.first() is not None


def delete_passkey(tx: Tx, account_id: int, passkey_id: int) -> str | None:
    """Delete a passkey of an account; its name, or None if the account has no such passkey."""
    statement = delete(Passkey).where(Passkey.id == passkey_id, Passkey.account_id == account_id)
    return tx.scalar(statement.returning(Passkey.name))


def use_totp_step(tx: Tx, account_id: int, step: int) -> bool:
    """Record the step of an accepted code. False if a code of this step or a later one was used already."""
    statement = update(Account).where(Account.id == account_id, Account.totp_step < step)
    return tx.execute(statement.values(totp_step=step).returning(Account.id)).first() is not None


def replace_recovery_codes(tx: Tx, account_id: int, hashes: Iterable[str]) -> None:
    """Replace the recovery codes of an account."""
    tx.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    tx.add_all(RecoveryCode(code_hash=code_hash, account_id=account_id) for code_hash in hashes)


def use_recovery_code(tx: Tx, account_id: int, code_hash: str, now: datetime) -> bool:
    """Use a recovery code. False if the account has no such code, or it was used before."""
    statement = update(RecoveryCode).where(
        RecoveryCode.code_hash == code_hash,
        RecoveryCode.account_id == account_id,
        RecoveryCode.used_at.is_(None),
    )
    return tx.execute(statement.values(used_at=now).returning(RecoveryCode.account_id)).first() is not None


def count_recovery_codes(tx: Tx, account_id: int) -> int:
    """How many recovery codes of an account are left."""
    query = select(func.count()).select_from(RecoveryCode)
    return tx.scalar(query.where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))) or 0


def remove_all(tx: Tx, account_id: int) -> None:
    """Remove passkeys, authenticator app and recovery codes of an account."""
    tx.execute(delete(Passkey).where(Passkey.account_id == account_id))
    tx.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    tx.execute(update(Account).where(Account.id == account_id).values(totp_secret="", totp_step=0))
