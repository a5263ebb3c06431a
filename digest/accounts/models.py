"""The tables of who may run it: accounts and the audit trail."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, UtcDateTime


class Account(Base):
    """Somebody who signs in to the admin, as editor or admin."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Text, unique=True)
    password_hash: Mapped[str] = mapped_column(Text)  # argon2id
    one_time: Mapped[bool] = mapped_column(default=False)  # the password was made by us and must be changed
    role: Mapped[str] = mapped_column(String(16))  # editor | admin
    state: Mapped[str] = mapped_column(String(16), default="active")  # active | closed
    session_key: Mapped[str] = mapped_column(String(32))  # changes with the password, which ends all sessions
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditEntry(Base):
    """Who did what, when, to which thing."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    account: Mapped[str] = mapped_column(Text)  # the address, kept after the account is gone
    action: Mapped[str] = mapped_column(String(32))
    target: Mapped[str] = mapped_column(Text, default="")
