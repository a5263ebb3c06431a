"""Accounts: making them, signing in, changing passwords (argon2id), closing them."""

import secrets
from datetime import datetime
from functools import cache
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email

from digest.accounts import store
from digest.accounts.models import Account
from digest.database import Database, serialise
from digest.errors import ConflictError, InvalidInputError

Role = Literal["editor", "admin"]
ROLES: tuple[Role, ...] = ("editor", "admin")
SHORTEST = 12  # characters; NIST SP 800-63B asks for 8 at least, and for no rules of composition
LONGEST = 256  # more would only keep argon2 busy
LONGEST_ADDRESS = 254  # characters; RFC 5321, section 4.5.3.1.3: a path of 256 octets with its brackets
_hasher = PasswordHasher()


def add(db: Database, email: str, role: str, *, now: datetime) -> str:
    """Make an account; returns its one-time password, which its owner must change. The address is checked by syntax."""
    if role not in ROLES:
        raise InvalidInputError(f'"{role}" is no role; there are {" and ".join(ROLES)}.')
    email = _checked(email)
    password = _one_time()
    with db.begin() as tx:
        if store.by_email(tx, email) is not None:
            raise ConflictError(f"{email} has an account already; to give it a new password: "
                                f"dateline accounts password {email}")  # fmt: skip
        tx.add(
            Account(
                email=email,
                email_key=email.casefold(),
                password_hash=_hasher.hash(password),
                one_time=True,
                role=role,
                session_key=secrets.token_hex(8),
                created_at=now,
            )
        )
    return password


def sign_in(db: Database, email: str, password: str, *, now: datetime) -> Account | None:
    """The account, when address and password fit and it is open; else None, without a hint which of them was wrong."""
    with db.read() as tx:
        account = store.by_email(tx, email)
    if not _matches(account.password_hash if account else _nobodys_hash(), password) or account is None:
        return None
    if account.state != "active":
        return None
    with db.begin() as tx:
        known = store.by_id(tx, account.id)
        known.last_sign_in_at = now
        if _hasher.check_needs_rehash(known.password_hash):
            known.password_hash = _hasher.hash(password)
        store.note(tx, known.email, "signed in", "", now=now)
        return known


def sign_out(db: Database, account_id: int) -> None:
    """End all sessions of an account: a copied cookie opens nothing any more."""
    with db.begin() as tx:
        store.by_id(tx, account_id).session_key = secrets.token_hex(8)


def change_password(db: Database, account_id: int, *, current: str, new: str, now: datetime) -> Account:
    """Change one's own password; ends all other sessions. Raises InvalidInputError."""
    with db.read() as tx:
        account = store.by_id(tx, account_id)
    if not _matches(account.password_hash, current):
        raise InvalidInputError("The current password is not right.")
    if not SHORTEST <= len(new) <= LONGEST:
        raise InvalidInputError(
            f"The new password has {len(new)} characters; it needs {SHORTEST} to {LONGEST}."
        )
    if new == current:
        raise InvalidInputError("The new password is the old one.")
    return _set_password(db, account.id, new, one_time=False, now=now)


def reset_password(db: Database, email: str, *, now: datetime) -> str:
    """Give an account a new one-time password and return it; raises InvalidInputError when there is no such account."""
    with db.read() as tx:
        account = store.by_email(tx, email)
    if account is None:
        raise InvalidInputError(f"There is no account {email}; to make one: dateline accounts add {email}")
    password = _one_time()
    _set_password(db, account.id, password, one_time=True, now=now)
    return password


def close(db: Database, account_id: int) -> Account:
    """Close an account; the last admin can't be."""
    with db.begin() as tx:
        serialise(tx, "accounts")  # two admins must not close each other
        account = store.by_id(tx, account_id)
        if account.role == "admin" and account.state == "active" and store.admins(tx) == 1:
            raise ConflictError(f"{account.email} is the last admin; make another one first.")
        account.state, account.session_key = "closed", secrets.token_hex(8)
        return account


def reopen(db: Database, account_id: int) -> Account:
    """Open a closed account again."""
    with db.begin() as tx:
        account = store.by_id(tx, account_id)
        account.state = "active"
        return account


def _set_password(db: Database, account_id: int, password: str, *, one_time: bool, now: datetime) -> Account:
    hashed = _hasher.hash(password)
    with db.begin() as tx:
        account = store.by_id(tx, account_id)
        account.password_hash, account.one_time = hashed, one_time
        account.session_key = secrets.token_hex(8)
        store.note(tx, account.email, "password reset" if one_time else "password changed", "", now=now)
        return account


def _checked(email: str) -> str:
    email = email.strip()
    try:
        if len(email) <= LONGEST_ADDRESS:
            validate_email(email, check_deliverability=False)
            return email
        problem = f"it has {len(email)} characters, and {LONGEST_ADDRESS} is the most"
    except EmailNotValidError as error:
        problem = str(error)
    raise InvalidInputError(
        f'"{email[:80]}" is not an e-mail address: {problem} (example: editor@example.org).'
    )


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    """Verified when there is no such account, so that the answer takes as long as for one that is there."""
    return _hasher.hash(secrets.token_urlsafe(16))


def _one_time() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(4))
