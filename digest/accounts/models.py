"""Tables of accounts and of the audit trail."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from digest.accounts.states import AccountState, Role
from digest.database import Base, StrEnumType, UtcDateTime


class Account(Base):
    """An editor or admin, who can sign in to the newsroom."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Text, unique=True)
    password_hash: Mapped[str] = mapped_column(Text)  # argon2id
    one_time: Mapped[bool] = mapped_column(default=False)  # the password is generated and must be changed
    role: Mapped[Role] = mapped_column(StrEnumType(Role, 16))
    state: Mapped[AccountState] = mapped_column(StrEnumType(AccountState, 16), default=AccountState.ACTIVE)
    session_key: Mapped[str] = mapped_column(String(32))  # a new key ends all sessions
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditEntry(Base):
    """An action of an account: when, and on what."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    account: Mapped[str] = mapped_column(Text)  # its address
    action: Mapped[str] = mapped_column(String(32))
    target: Mapped[str] = mapped_column(Text, default="")
