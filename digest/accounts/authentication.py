"""Accounts: creation, sign-in, passwords (argon2id), closing."""

import secrets
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email

from digest.accounts import store
from digest.accounts.models import Account
from digest.accounts.states import AccountState, Role
from digest.database import Database, lock_for_transaction
from digest.errors import ConflictError, InvalidInputError
from digest.line_text import strip_invisible

ROLES: tuple[str, ...] = tuple(role.value for role in Role)
MIN_PASSWORD_LENGTH = 12  # characters; NIST SP 800-63B asks for at least 8, without composition rules
MAX_PASSWORD_LENGTH = 256  # more would only keep argon2 busy
MAX_ADDRESS_LENGTH = 254  # characters; RFC 5321, section 4.5.3.1.3: 256 with the angle brackets
_hasher = PasswordHasher()


def create_account(db: Database, email: str, role: str, *, now: datetime) -> str:
    """Create an account and return its one-time password, which its owner must change.

    Raises InvalidInputError for an unknown role or a malformed address, ConflictError if the address has an account.
    """
    if role not in ROLES:
        raise InvalidInputError(f'"{role}" is not a role; the roles are {" and ".join(ROLES)}.')
    email = _valid_address(email)
    password = _new_one_time_password()
    with db.begin() as tx:
        if store.find_by_email(tx, email) is not None:
            raise ConflictError(
                f"{email} has an account already; to give it a new password: dateline accounts password {email}"
            )
        tx.add(
            Account(
                email=email,
                email_key=email.casefold(),
                password_hash=_hasher.hash(password),
                one_time=True,
                role=Role(role),
                session_key=secrets.token_hex(8),
                created_at=now,
            )
        )
    return password


def sign_in(db: Database, email: str, password: str, *, now: datetime) -> Account | None:
    """Record a sign-in and return the account; None if it is closed, or the address or password is wrong."""
    with db.read() as tx:
        account = store.find_by_email(tx, email)
    if not _matches(account.password_hash if account else _placeholder_hash(), password) or account is None:
        return None
    if account.state is not AccountState.ACTIVE:
        return None
    with db.begin() as tx:
        account = store.by_id(tx, account.id)
        account.last_sign_in_at = now
        if _hasher.check_needs_rehash(account.password_hash):
            account.password_hash = _hasher.hash(password)
        store.add_audit_entry(tx, account.email, "signed in", "", now=now)
        return account


def sign_out(db: Database, account_id: int) -> None:
    """End all sessions of an account, so that a copied cookie is useless."""
    with db.begin() as tx:
        store.by_id(tx, account_id).session_key = secrets.token_hex(8)


def change_password(db: Database, account_id: int, *, current: str, new: str, now: datetime) -> Account:
    """Change the password of an account and end its other sessions. Raises InvalidInputError."""
    with db.read() as tx:
        account = store.by_id(tx, account_id)
    if not _matches(account.password_hash, current):
        raise InvalidInputError("The current password is not right.")
    if not MIN_PASSWORD_LENGTH <= len(new) <= MAX_PASSWORD_LENGTH:
        raise InvalidInputError(
            f"The new password has {len(new)} characters; it needs {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH}."
        )
    if new == current:
        raise InvalidInputError("The new password is the old one.")
    return _set_password(db, account.id, new, one_time=False, now=now)


def reset_password(db: Database, email: str, *, now: datetime) -> str:
    """Give an account a new one-time password and return it. Raises InvalidInputError if there is no such account."""
    with db.read() as tx:
        account = store.find_by_email(tx, email)
    if account is None:
        raise InvalidInputError(f"There is no account {email}; to create it: dateline accounts add {email}")
    password = _new_one_time_password()
    _set_password(db, account.id, password, one_time=True, now=now)
    return password


def close_account(db: Database, account_id: int) -> Account:
    """Close an account and end its sessions. Raises ConflictError for the last admin."""
    with db.begin() as tx:
        lock_for_transaction(tx, "accounts")  # two admins must not close each other
        account = store.by_id(tx, account_id)
        is_open_admin = account.role is Role.ADMIN and account.state is AccountState.ACTIVE
        if is_open_admin and store.count_admins(tx) == 1:
            raise ConflictError(f"{account.email} is the last admin; create another admin first.")
        account.state, account.session_key = AccountState.CLOSED, secrets.token_hex(8)
        return account


def reopen_account(db: Database, account_id: int) -> Account:
    """Open a closed account again."""
    with db.begin() as tx:
        account = store.by_id(tx, account_id)
        account.state = AccountState.ACTIVE
        return account


def _set_password(db: Database, account_id: int, password: str, *, one_time: bool, now: datetime) -> Account:
    hashed = _hasher.hash(password)
    with db.begin() as tx:
        account = store.by_id(tx, account_id)
        account.password_hash, account.one_time = hashed, one_time
        account.session_key = secrets.token_hex(8)
        store.add_audit_entry(
            tx, account.email, "password reset" if one_time else "password changed", "", now=now
        )
        return account


def _valid_address(email: str) -> str:
    """The address without spaces and invisible characters around it.

    Its syntax is checked, not whether mail can be delivered.
    """
    email = strip_invisible(email)
    try:
        if len(email) <= MAX_ADDRESS_LENGTH:
            validate_email(email, check_deliverability=False)
            return email
        problem = f"it has {len(email)} characters, more than {MAX_ADDRESS_LENGTH}"
    except EmailNotValidError as error:
        problem = str(error)
    raise InvalidInputError(
        f'"{email[:80]}" is not an e-mail address: {problem} (example: editor@example.org).'
    )


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password[:MAX_PASSWORD_LENGTH])
    except (VerificationError, InvalidHashError):
        return False


@cache
def _placeholder_hash() -> str:
    """A hash to verify if there is no such account, so that the answer takes as long as for an existing account."""
    return _hasher.hash(secrets.token_urlsafe(16))


def _new_one_time_password() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(4))
