"""Second factors of accounts: codes of an authenticator app, recovery codes, and which accounts have any."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.accounts.audit import Actor, record_security_event
from digest.accounts.models import Account, Passkey
from digest.accounts.pure import secrets_at_rest, totp
from digest.accounts.states import AccountLetterKind, SecurityEvent
from digest.accounts.store import accounts, letters
from digest.accounts.store import second_factors as store
from digest.database import Database, Tx
from digest.errors import InvalidInputError, NewsroomText

APP = "authenticator app"
RECOVERY = "recovery code"


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """What an account has beside its password."""

    app: bool
    passkeys: Sequence[Passkey]
    recovery_codes: int

    def __bool__(self) -> bool:
        return self.app or bool(self.passkeys)


def load(tx: Tx, account: Account) -> SecondFactors:
    """The second factors of an account. Recovery codes alone are none."""
    return SecondFactors(
        bool(account.totp_secret),
        store.passkeys_of(tx, account.id),
        store.count_recovery_codes(tx, account.id),
    )


def has_any(tx: Tx, account: Account) -> bool:
    """Whether an account has a second factor."""
    return bool(load(tx, account))


def use_code(db: Database, key: str, account_id: int, code: str, *, now: datetime) -> str | None:
    """Use a code of the app or a recovery code, once. Returns APP, RECOVERY, or None if it is wrong or used."""
    with db.begin() as tx:
        account = accounts.by_id(tx, account_id)
        if account.totp_secret:
            secret = secrets_at_rest.decrypt(key, account.totp_secret)
            step = totp.matching_step(secret, code, now)
            if step is not None and store.use_totp_step(tx, account_id, step):
                return APP
        code_hash = secrets_at_rest.recovery_code_hash(key, code)
        if store.use_recovery_code(tx, account_id, code_hash, now):
            actor = Actor(account.email, account_id=account_id)
            record_change(tx, account_id, SecurityEvent.RECOVERY_CODE_USED, "", actor=actor, now=now)
            return RECOVERY
    return None


def record_change(
    tx: Tx, account_id: int, event: SecurityEvent, target: str, *, actor: Actor, now: datetime
) -> None:
    """Record a change of an account's second factors, and plan the mail that its owner gets about it."""
    record_security_event(tx, actor, event, target, now=now)
    letters.add(tx, account_id, AccountLetterKind.FACTORS_CHANGED, now=now)


def set_up_app(
    db: Database, key: str, account_id: int, secret: str, code: str, *, actor: Actor, now: datetime
) -> list[str]:
    """Store the secret of an authenticator app, after a code has shown that the app has it.

    Returns recovery codes if the account has none yet. Raises InvalidInputError for a wrong code.
    """
    step = totp.matching_step(secret, code, now)
    if step is None:
        raise InvalidInputError(
            NewsroomText("This code is not right. Check the time of your phone, and type the next code.")
        )
    with db.begin() as tx:
        account = accounts.by_id(tx, account_id)
        account.totp_secret, account.totp_step = secrets_at_rest.encrypt(key, secret), step
        record_change(tx, account_id, SecurityEvent.SECOND_FACTOR_ADDED, APP, actor=actor, now=now)
        return first_recovery_codes(tx, key, account_id)


def first_recovery_codes(tx: Tx, key: str, account_id: int) -> list[str]:
    """New recovery codes for an account that has none left; [] if it has some."""
    if store.count_recovery_codes(tx, account_id):
        return []
    return _replace_recovery_codes(tx, key, account_id)


def renew_recovery_codes(
    db: Database, key: str, account_id: int, *, actor: Actor, now: datetime
) -> list[str]:
    """Replace the recovery codes of an account and return the new ones, which are shown once."""
    with db.begin() as tx:
        event = SecurityEvent.SECOND_FACTOR_ADDED
        record_change(tx, account_id, event, "recovery codes", actor=actor, now=now)
        return _replace_recovery_codes(tx, key, account_id)


def remove_app(db: Database, account_id: int, *, actor: Actor, now: datetime) -> None:
    """Remove the authenticator app of an account."""
    with db.begin() as tx:
        account = accounts.by_id(tx, account_id)
        account.totp_secret, account.totp_step = "", 0
        record_change(tx, account_id, SecurityEvent.SECOND_FACTOR_REMOVED, APP, actor=actor, now=now)


def remove_all(db: Database, account_id: int, *, actor: Actor, now: datetime) -> str:
    """Remove all second factors of an account whose owner has lost them, and end its sessions; returns its address."""
    with db.begin() as tx:
        account = accounts.by_id(tx, account_id)
        store.remove_all(tx, account_id)
        account.session_key = secrets.token_hex(8)  # whoever found the device may be signed in on it
        target = f"all second factors of {account.email}"
        record_change(tx, account_id, SecurityEvent.SECOND_FACTOR_REMOVED, target, actor=actor, now=now)
        return account.email


def _replace_recovery_codes(tx: Tx, key: str, account_id: int) -> list[str]:
    codes = secrets_at_rest.new_recovery_codes()
    hashes = [secrets_at_rest.recovery_code_hash(key, code) for code in codes]
    store.replace_recovery_codes(tx, account_id, hashes)
    return codes
