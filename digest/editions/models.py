"""The tables of what goes out: editions and their digests."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, UtcDateTime


class Edition(Base):
    """One closing over the news. A scheduled one is made once per 15-minute slot, whoever plans it."""

    __tablename__ = "editions"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  # scheduled | manual | test
    slot: Mapped[str] = mapped_column(
        String(40), unique=True
    )  # scheduled: the slot's UTC time; else "hand:" and a hash
    state: Mapped[str] = mapped_column(
        String(16), default="sending"
    )  # review | held | draft | freezing | frozen | planning | sending | paused | sent | cancelled
    audience: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    note: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")  # why it was stopped by itself
    rate: Mapped[int] = mapped_column(default=0, server_default="0")  # mails a second at most; 0: no limit
    cutoff: Mapped[datetime] = mapped_column(UtcDateTime)
    hours: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # by hand: news of the last hours; 0: all new
    frozen_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # what it holds was decided, and may be checked
    send_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # a frozen one: goes out then by itself
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Digest(Base):
    """What one distinct set of preferences gets from an edition: what it is made of, not its HTML."""

    __tablename__ = "digests"
    __table_args__ = (
        UniqueConstraint("edition_id", "preferences_key", "window_start", "without"),
        Index("ix_digests_edition", "edition_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)  # what the web edition's address carries
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"))
    preferences_key: Mapped[str] = mapped_column(ForeignKey("preferences.key"))
    window_start: Mapped[datetime] = mapped_column(UtcDateTime)
    # Hash of the stories left out because its readers had them already; empty for nearly all.
    without: Mapped[str] = mapped_column(String(32), default="", server_default="")
    subject: Mapped[str] = mapped_column(Text)
    sections: Mapped[list[Any]] = mapped_column(
        JSON
    )  # [[region slug, [story id, its version, …]], …] in order
    hash: Mapped[str] = mapped_column(String(64))
