"""The tables of who reads: subscribers, their preferences, consents, letters owed to them, and suppressions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from digest.database import Base, UtcDateTime


class Preferences(Base):
    """What a digest is made from. Readers who asked for the same share a row, and so share a digest."""

    __tablename__ = "preferences"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)  # hash of regions, language and size
    regions: Mapped[list[str]] = mapped_column(JSON)  # slugs, in tree order
    language: Mapped[str] = mapped_column(String(16))
    size: Mapped[str] = mapped_column(
        String(16), default="standard", server_default="standard"
    )  # brief | standard | full


class Subscriber(Base):
    """Somebody who asked for the digest. States: pending, active, paused, unsubscribed, suppressed."""

    __tablename__ = "subscribers"
    __table_args__ = (Index("ix_subscribers_due", "state", "next_due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)  # random; what signed links carry
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Text, unique=True)  # case-folded
    state: Mapped[str] = mapped_column(String(16), default="pending")
    preferences_key: Mapped[str] = mapped_column(ForeignKey("preferences.key"), index=True)
    cadence: Mapped[str] = mapped_column(String(16))  # daily | weekdays | weekly
    weekday: Mapped[int] = mapped_column(default=0)  # Monday is 0; for weekly
    send_minute: Mapped[int]  # minutes after local midnight, a multiple of 15
    zone: Mapped[str] = mapped_column(String(64))  # IANA
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # letters from before do not bring them back
    last_cutoff: Mapped[datetime | None] = mapped_column(UtcDateTime)  # everything seen before it was offered
    last_slot_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the slot last planned
    next_due_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # empty: to be computed by the next planning

    preferences: Mapped[Preferences] = relationship()


class Consent(Base):
    """What somebody agreed to: when, from where, and which text."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(16))  # asked | confirmed | imported
    origin: Mapped[str] = mapped_column(Text)  # network address, or who imported it
    wording: Mapped[str] = mapped_column(Text)


class Letter(Base):
    """A transactional mail that we owe somebody; sent from its row, at once and before any digest."""

    __tablename__ = "letters"
    __table_args__ = (Index("ix_letters_due", "state", "not_before"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(
        String(32), unique=True
    )  # random; what the link to confirm carries
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))  # confirm | link
    wishes: Mapped[dict[str, Any]] = mapped_column(
        JSON
    )  # what the letter tells of, and what confirming it gives
    state: Mapped[str] = mapped_column(
        String(16), default="planned"
    )  # planned | claimed | accepted | refused | expired
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)  # while claimed: when the lease runs out
    attempts: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str] = mapped_column(Text, default="")


class Suppression(Base):
    """An address that must not be written to: a keyed hash only, so that it outlives erasure."""

    __tablename__ = "suppressions"

    address_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(String(16))  # erased | bounced | complained | editor | imported
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    subscriber_id: Mapped[int | None] = mapped_column(
        ForeignKey("subscribers.id", ondelete="SET NULL"), index=True
    )
    detail: Mapped[str] = mapped_column(Text, default="", server_default="")  # the words behind it
