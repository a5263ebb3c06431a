"""The table of sources: where news comes from, and when to look again."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, UtcDateTime


class Source(Base):
    """A source is polled for entries; its row holds all that the next poll needs to know."""

    __tablename__ = "sources"
    __table_args__ = (Index("ix_sources_due", "state", "next_poll_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(Text, unique=True)
    title: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(35), default="")
    home: Mapped[str] = mapped_column(String(2), default="")  # the source's own country, a hint to the tagger
    weight: Mapped[float] = mapped_column(
        default=1.0, server_default="1"
    )  # what its word counts in a digest's order
    state: Mapped[str] = mapped_column(String(16), default="active")  # active | stopped
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_poll_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_polled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_success_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(Text, default="")
    failures: Mapped[int] = mapped_column(default=0)  # in a row
