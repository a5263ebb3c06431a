"""Accounts: making and inviting them, their passwords, roles and states."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email

from digest.accounts import password_hashing
from digest.accounts.audit import Actor, Change, record_security_event
from digest.accounts.models import Account
from digest.accounts.pure.password_links import LinkedAccount, PasswordLinks
from digest.accounts.pure.passwords import password_problem
from digest.accounts.states import AccountLetterKind, AccountState, Face, Role, SecurityEvent
from digest.accounts.store import accounts as store
from digest.accounts.store import letters
from digest.database import Database, Tx, lock_for_transaction
from digest.errors import ConflictError, InvalidInputError, NewsroomText
from digest.line_text import strip_invisible

Check = Callable[[Tx, Account], None]  # looks at an account before it is changed, and raises to leave it
ROLES: tuple[str, ...] = tuple(role.value for role in Role)
MAX_ADDRESS_LENGTH = 254  # characters; RFC 5321, section 4.5.3.1.3: 256 with the angle brackets
MAX_LETTERS = 4  # invitations and resets to one account within a day: nobody can flood its inbox
LETTER_PERIOD = timedelta(days=1)
ACCOUNTS_PAGE = "/admin/accounts"
THIS_PROGRAM = Actor("dateline", Face.COMMAND)


def create_account(db: Database, email: str, role: str, *, now: datetime, actor: Actor = THIS_PROGRAM) -> str:
    """Create an account and return its one-time password, which its owner must change. For the first start only.

    Raises InvalidInputError for an unknown role or a malformed address, ConflictError if the address has an account.
    """
    password = _new_one_time_password()
    hashed = password_hashing.hash_password(password)
    with db.begin() as tx:
        add_account(tx, email, role, hashed, one_time=True, now=now, actor=actor)
    return password


def invite(db: Database, email: str, role: str, *, actor: Actor, now: datetime) -> int:
    """Create an account without a password, and plan the mail in which its owner chooses one. Returns its id.

    Raises the errors of `create_account`.
    """
    with db.begin() as tx:
        account = add_account(tx, email, role, "", one_time=False, now=now, actor=actor)
        letters.add(tx, account.id, AccountLetterKind.INVITATION, now=now)
        return account.id


def add_account(
    tx: Tx, email: str, role: str, password_hash: str, *, one_time: bool, now: datetime, actor: Actor
) -> Account:
    """Add an account with the hash of a password, "" for none. Raises the errors of `create_account`."""
    if role not in ROLES:
        raise InvalidInputError(
            NewsroomText(
                '"%(role)s" is not a role; the roles are %(names)s.', role=role, names=", ".join(ROLES)
            )
        )
    email = valid_address(email)
    if store.find_by_email(tx, email) is not None:
        raise ConflictError(
            NewsroomText(
                "%(email)s has an account already; to let its owner choose a new password: "
                "dateline accounts reset %(email)s",
                email=email,
            )
        )
    account = Account(
        email=email,
        email_key=store.account_key(email),
        password_hash=password_hash,
        one_time=one_time,
        role=Role(role),
        session_key=secrets.token_hex(8),
        created_at=now,
    )
    tx.add(account)
    tx.flush()
    _record(tx, actor, SecurityEvent.CREATED, account, now, after={"role": role})
    return account


def sign_out(db: Database, account_id: int, *, actor: Actor, now: datetime) -> None:
    """End all sessions of an account, so that a copied cookie is useless."""
    with db.begin() as tx:
        account = store.by_id(tx, account_id)
        account.session_key = secrets.token_hex(8)
        record_security_event(tx, actor, SecurityEvent.SIGNED_OUT, now=now)


def change_password(
    db: Database, account_id: int, *, current: str, new: str, site_name: str = "", actor: Actor, now: datetime
) -> Account:
    """Change the password of an account and end its other sessions. Raises InvalidInputError."""
    with db.read() as tx:
        account = store.by_id(tx, account_id)
    if not password_hashing.matches(account.password_hash, current):
        raise InvalidInputError(NewsroomText("The current password is not right."))
    require_good_password(new, account, site_name)
    if new == current:
        raise InvalidInputError(NewsroomText("The new password is the old one."))
    return _set_password(db, account, new, actor=actor, now=now)


def choose_password(
    db: Database, links: PasswordLinks, token: str, new: str, *, site_name: str, network: str, now: datetime
) -> Account:
    """Set the password of the account that a link was made for, once. Raises InvalidInputError."""
    account = account_of_link(db, links, token, now)
    require_good_password(new, account, site_name)
    actor = Actor(account.email, Face.NEWSROOM, network, account.id)
    return _set_password(db, account, new, actor=actor, now=now)


def account_of_link(db: Database, links: PasswordLinks, token: str, now: datetime) -> Account:
    """The active account that a link was made for. Raises InvalidInputError if the link does not work any more."""
    account_id = links.account_id(token, now)
    with db.read() as tx:
        account = store.by_id(tx, account_id)
    links.verify(token, linked(account), now)
    if account.state is not AccountState.ACTIVE:
        raise InvalidInputError(NewsroomText("This account is closed. Ask an admin."))
    return account


def linked(account: Account) -> LinkedAccount:
    """The state of an account that a link is bound to."""
    return LinkedAccount(
        account.id, account.email_key, account.password_hash, account.session_key, account.state.value
    )


def plan_reset(db: Database, email: str, *, actor: Actor, now: datetime) -> bool:
    """Plan the mail with which the owner of an account chooses a new password.

    False if there is no open account with this address, or if it got several such mails today.
    """
    with db.begin() as tx:
        lock_for_transaction(tx, "account letters")
        account = store.find_by_email(tx, email)
        if account is None or account.state is not AccountState.ACTIVE:
            return False
        if letters.count_links_since(tx, account.id, now - LETTER_PERIOD) >= MAX_LETTERS:
            return False
        has_password = bool(account.password_hash)
        kind = AccountLetterKind.RESET if has_password else AccountLetterKind.INVITATION
        letters.add(tx, account.id, kind, now=now)
        record_security_event(
            tx, actor, SecurityEvent.RESET_REQUESTED, account.email, now=now, change=Change(ACCOUNTS_PAGE)
        )
        return True


def new_first_password(db: Database, account_id: int) -> str:
    """Replace the one-time password of the first account, until its owner has chosen one. Returns the new one."""
    password = _new_one_time_password()
    hashed = password_hashing.hash_password(password)
    with db.begin() as tx:
        account = store.by_id(tx, account_id)
        account.password_hash, account.one_time = hashed, True
        account.session_key = secrets.token_hex(8)
    return password


def set_role(
    db: Database, account_id: int, role: str, *, actor: Actor, now: datetime, check: Check | None = None
) -> Account:
    """Change the role of an account. Its sessions go on with the new role. Raises ConflictError for the last admin."""
    if role not in ROLES:
        raise InvalidInputError(
            NewsroomText(
                '"%(role)s" is not a role; the roles are %(names)s.', role=role, names=", ".join(ROLES)
            )
        )
    with db.begin() as tx:
        lock_for_transaction(tx, "accounts")
        account = store.by_id(tx, account_id)
        if check is not None:
            check(tx, account)
        if account.role is not Role(role):
            _require_another_admin(tx, account)
            before, account.role = account.role, Role(role)
            change = Change(ACCOUNTS_PAGE, {"role": before}, {"role": role})
            record_security_event(
                tx, actor, SecurityEvent.ROLE_CHANGED, account.email, now=now, change=change
            )
        return account


def close_account(db: Database, account_id: int, *, actor: Actor, now: datetime) -> Account:
    """Close an account and end its sessions. Raises ConflictError for the last admin."""
    with db.begin() as tx:
        lock_for_transaction(tx, "accounts")  # two admins must not close each other
        account = store.by_id(tx, account_id)
        _require_another_admin(tx, account)
        before = account.state
        account.state, account.session_key = AccountState.CLOSED, secrets.token_hex(8)
        _record(
            tx,
            actor,
            SecurityEvent.CLOSED,
            account,
            now,
            before={"state": before},
            after={"state": AccountState.CLOSED},
        )
        return account


def reopen_account(db: Database, account_id: int, *, actor: Actor, now: datetime) -> Account:
    """Open a closed account again."""
    with db.begin() as tx:
        account = store.by_id(tx, account_id)
        before, account.state = account.state, AccountState.ACTIVE
        _record(
            tx,
            actor,
            SecurityEvent.REOPENED,
            account,
            now,
            before={"state": before},
            after={"state": AccountState.ACTIVE},
        )
        return account


def require_good_password(new: str, account: Account, site_name: str) -> None:
    """Raise InvalidInputError if a new password is too short, too long, common or easily guessed."""
    context = (site_name, "dateline", *account.email.replace("@", ".").split("."))
    if problem := password_problem(new, context):
        raise InvalidInputError(NewsroomText("The new password can't be used. %(problem)s", problem=problem))


def valid_address(email: str) -> str:
    """The address without spaces and invisible characters around it. Raises InvalidInputError.

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
        NewsroomText(
            '"%(email)s" is not an e-mail address: %(problem)s (example: editor@example.org).',
            email=email[:80],
            problem=problem,
        )
    )


def _require_another_admin(tx: Tx, account: Account) -> None:
    is_open_admin = account.role is Role.ADMIN and account.state is AccountState.ACTIVE
    if is_open_admin and store.count_admins(tx) == 1:
        raise ConflictError(
            NewsroomText("%(email)s is the last admin; create another admin first.", email=account.email)
        )


def _set_password(db: Database, account: Account, password: str, *, actor: Actor, now: datetime) -> Account:
    hashed = password_hashing.hash_password(password)
    with db.begin() as tx:
        current = store.by_id(tx, account.id)
        if current.password_hash != account.password_hash:
            raise ConflictError(NewsroomText("The password was changed meanwhile. Sign in with the new one."))
        current.password_hash, current.one_time = hashed, False
        current.session_key = secrets.token_hex(8)
        if account.password_hash:  # not the first one, after an invitation
            letters.add(tx, account.id, AccountLetterKind.PASSWORD_CHANGED, now=now)
        record_security_event(
            tx, actor, SecurityEvent.PASSWORD_CHANGED, account.email, now=now, change=Change(ACCOUNTS_PAGE)
        )
        return current


def _record(
    tx: Tx, actor: Actor, event: SecurityEvent, account: Account, now: datetime, **values: dict[str, object]
) -> None:
    change = Change(ACCOUNTS_PAGE, values.get("before"), values.get("after"))
    record_security_event(tx, actor, event, account.email, now=now, change=change)


def _new_one_time_password() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(4))
