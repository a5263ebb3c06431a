"""Tables of accounts, of what they sign in with, and of the audit trail."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from digest.accounts.states import AccountLetterKind, AccountLetterState, AccountState, Face, Role
from digest.database import Base, StrEnumType, UtcDateTime


class Account(Base):
    """Somebody who can sign in to the newsroom."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Text, unique=True)
    password_hash: Mapped[str] = mapped_column(Text)  # argon2id; "": no password yet, or none at all
    one_time: Mapped[bool] = mapped_column(default=False)  # the password is generated and must be changed
    role: Mapped[Role] = mapped_column(StrEnumType(Role, 16))
    state: Mapped[AccountState] = mapped_column(StrEnumType(AccountState, 16), default=AccountState.ACTIVE)
    session_key: Mapped[str] = mapped_column(String(32))  # a new key ends all sessions
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    language: Mapped[str] = mapped_column(
        String(16), default="", server_default=""
    )  # of pages; "": not settled yet
    # IANA zone of the times on pages; "": UTC.
    zone: Mapped[str] = mapped_column(String(64), default="", server_default="")
    totp_secret: Mapped[str] = mapped_column(Text, default="", server_default="")  # encrypted; "": none
    # The 30-second step of the last code that was accepted: a code works once.
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    wants_alerts: Mapped[bool] = mapped_column(default=False, server_default=false())  # by mail
    # "issuer subject" of OpenID Connect; None: signs in with a password only.
    external_id: Mapped[str | None] = mapped_column(Text, unique=True, index=True)


class Passkey(Base):
    """A WebAuthn credential of an account."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[str] = mapped_column(Text, unique=True)  # base64url without padding
    public_key: Mapped[bytes] = mapped_column(LargeBinary)  # COSE
    sign_count: Mapped[int] = mapped_column(BigInteger)  # 0 for passkeys that are synchronised
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """A code that replaces a second factor, once."""

    __tablename__ = "recovery_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)  # keyed; see pure/secrets_at_rest.py
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInFailures(Base):
    """The failed attempts at one account from one origin: a network, a known device, or anywhere."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("ix_sign_in_failures_last_at", "last_at"),)

    subject: Mapped[str] = mapped_column(
        String(64), primary_key=True
    )  # keyed hash of the address that was typed
    origin: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    wait_until: Mapped[datetime] = mapped_column(UtcDateTime)


class AccountLetter(Base):
    """A mail to an account: a link to choose a password, or a notice of a change. It is sent from this row."""

    __tablename__ = "account_letters"
    __table_args__ = (Index("ix_account_letters_due", "state", "not_before"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    kind: Mapped[AccountLetterKind] = mapped_column(StrEnumType(AccountLetterKind, 16))
    state: Mapped[AccountLetterState] = mapped_column(
        StrEnumType(AccountLetterState, 16), default=AccountLetterState.PLANNED
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)  # while claimed: the end of the lease
    attempts: Mapped[int] = mapped_column(default=0)
    in_doubt: Mapped[bool] = mapped_column(default=False)
    answer: Mapped[str] = mapped_column(Text, default="")


class ApiToken(Base):
    """A token with which a program uses the API. The row stays when it is revoked, because the audit trail names it."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)  # of the program, as the audit trail names it
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256; see pure/token_rules.py
    scopes: Mapped[list[str]] = mapped_column(JSON)
    # It works from these only; none: from anywhere.
    networks: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # to within a minute
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RepeatableRequest(Base):
    """A request with an Idempotency-Key, and its answer, so that a repetition does nothing again. Kept for a day."""

    __tablename__ = "repeatable_requests"

    token_id: Mapped[int] = mapped_column(ForeignKey("api_tokens.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))  # of method, path and body
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    status: Mapped[int | None]  # None while the request is being processed
    location: Mapped[str] = mapped_column(Text, default="", server_default="")
    body: Mapped[str] = mapped_column(Text, default="", server_default="")  # has no address


class AuditEntry(Base):
    """Something that was done or tried: when, by whom, how, and on what."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    # An account's address; of a command: "user@machine"; "": somebody who is not signed in.
    account: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(32))
    target: Mapped[str] = mapped_column(Text, default="")
    face: Mapped[Face] = mapped_column(
        StrEnumType(Face, 16), default=Face.NEWSROOM, server_default="newsroom"
    )
    event: Mapped[str] = mapped_column(
        String(64), default="", server_default=""
    )  # the name of a security event
    network: Mapped[str] = mapped_column(
        String(64), default="", server_default=""
    )  # where the request came from
    link: Mapped[str] = mapped_column(
        Text, default="", server_default="", index=True
    )  # path of the page about the target
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class UndoStep(Base):
    """What an account did on the desk, and what undoes it. No id is used twice: a page may have the button for long."""

    __tablename__ = "undo_steps"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    message: Mapped[str] = mapped_column(Text)  # what was done, in the language of the page
    about: Mapped[str] = mapped_column(Text)  # headlines
    fields: Mapped[list[list[str]]] = mapped_column(JSON)  # names and values
