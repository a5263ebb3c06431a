"""Sign-in: a password, then a second factor if the account has one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.accounts import attempts, password_hashing, second_factors
from digest.accounts.attempts import RequestOrigin
from digest.accounts.audit import Actor, Change, record_security_event
from digest.accounts.models import Account
from digest.accounts.states import AccountState, Face, SecurityEvent
from digest.accounts.store import accounts as store
from digest.database import Database, Tx
from digest.errors import UnavailableError


@dataclass(frozen=True, slots=True)
class RightPassword:
    """The password is right. With `second_factor`, the sign-in is not complete without one."""

    account: Account
    second_factor: bool


@dataclass(frozen=True, slots=True)
class WrongCredentials:
    """The address, the password or the code is wrong, or the account is closed; nobody learns which."""


@dataclass(frozen=True, slots=True)
class MustWait:
    """Too many failures: nobody learns whether what was typed is right."""

    time: timedelta


PasswordAnswer = RightPassword | WrongCredentials | MustWait
WRONG = WrongCredentials()


def check_password(
    db: Database, key: str, email: str, password: str, *, origin: RequestOrigin, now: datetime
) -> PasswordAnswer:
    """Check an address and a password. Takes as long for unknown addresses as for known ones.

    `key` is the SECRET_KEY. Raises UnavailableError while too many passwords are checked; that counts as no failure.
    """
    attempt = attempts.begin(db, key, email, origin, now=now)
    if attempt.wait and not attempt.only_wide:
        return MustWait(attempt.wait)
    with db.read() as tx:
        account = store.find_by_email(tx, email)
        second_factor = account is not None and second_factors.has_any(tx, account)
    try:
        is_right = password_hashing.matches(account.password_hash if account else "", password)
    except UnavailableError:
        attempts.withdraw(db, attempt, now)
        raise
    is_right = is_right and account is not None and account.state is AccountState.ACTIVE
    if account is None or not is_right or (attempt.only_wide and not second_factor):
        _record_failure(db, account, SecurityEvent.SIGN_IN_FAILED, origin, now)
        # Who must wait learns nothing about the password: the answer to a right one would be an oracle for guessers.
        return MustWait(attempt.wait) if attempt.only_wide else WRONG
    attempts.succeed(db, attempt, now)
    if password_hashing.needs_rehash(account.password_hash):
        _store_hash(db, account, password_hashing.hash_password(password))
    return RightPassword(account, second_factor)


def check_code(
    db: Database, key: str, account: Account, code: str, *, origin: RequestOrigin, now: datetime
) -> str | WrongCredentials | MustWait:
    """Check a code of the authenticator app, or a recovery code. Returns in words which of them it was."""
    attempt = attempts.begin(db, key, account.email, origin, kind="code", now=now)
    if attempt.wait:
        return MustWait(attempt.wait)
    method = second_factors.use_code(db, key, account.id, code, now=now)
    if method is None:
        _record_failure(db, account, SecurityEvent.SECOND_FACTOR_FAILED, origin, now)
        return WRONG
    attempts.succeed(db, attempt, now)
    return method


def complete(db: Database, account_id: int, method: str, *, origin: RequestOrigin, now: datetime) -> Account:
    """Record a complete sign-in; `method` says in words what it was made with."""
    with db.begin() as tx:
        account = store.by_id(tx, account_id)
        account.last_sign_in_at = now
        record_security_event(
            tx,
            actor_of(account, origin),
            SecurityEvent.SIGNED_IN,
            "",
            now=now,
            change=Change(after={"with": method}),
        )
        return account


def record_failure(
    tx: Tx, account: Account | None, event: SecurityEvent, origin: RequestOrigin, *, now: datetime
) -> None:
    """Record a failed attempt. What was typed is not stored: people type passwords into the wrong field."""
    actor = actor_of(account, origin) if account else Actor("", Face.NEWSROOM, origin.network)
    record_security_event(tx, actor, event, "" if account else "unknown address", now=now)


def actor_of(account: Account, origin: RequestOrigin) -> Actor:
    """The account as an actor in the newsroom."""
    return Actor(account.email, Face.NEWSROOM, origin.network, account.id)


def _record_failure(
    db: Database, account: Account | None, event: SecurityEvent, origin: RequestOrigin, now: datetime
) -> None:
    with db.begin() as tx:
        record_failure(tx, account, event, origin, now=now)


def _store_hash(db: Database, account: Account, hashed: str) -> None:
    with db.begin() as tx:
        current = store.by_id(tx, account.id)
        if current.password_hash == account.password_hash:  # else it was changed meanwhile
            current.password_hash = account.password_hash = hashed
