"""The tables of sources and of their hosts: where news comes from, and when to look again."""

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
    kind: Mapped[str] = mapped_column(String(8), default="feed")  # feed | sitemap | page
    host: Mapped[str] = mapped_column(Text, default="", index=True)  # of `url`; one is asked at a time
    title: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(35), default="")
    home: Mapped[str] = mapped_column(String(2), default="")  # the source's own country, a hint to the tagger
    attribution: Mapped[str] = mapped_column(
        Text, default=""
    )  # licence or credit that its articles are shown with
    excerpt_length: Mapped[int] = mapped_column(default=280)  # characters; 0 shows headlines alone
    weight: Mapped[float] = mapped_column(
        default=1.0, server_default="1"
    )  # what its word counts in a digest's order
    state: Mapped[str] = mapped_column(String(16), default="active")  # active | stopped
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(Text)
    body_hash: Mapped[str] = mapped_column(String(64), default="")  # SHA-256 of the document last taken in
    ttl: Mapped[int] = mapped_column(default=0)  # seconds that the document asks us to wait; 0: says nothing
    skip_hours: Mapped[int] = mapped_column(default=0)  # a bit per hour of the day in GMT: RSS's skipHours
    skip_days: Mapped[int] = mapped_column(default=0)  # a bit per day, Monday the lowest: RSS's skipDays
    moved_to: Mapped[str] = mapped_column(
        Text, default=""
    )  # where redirects for good lead, until that is believed
    moved_seen: Mapped[int] = mapped_column(default=0)  # how often, a day apart
    moved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when last
    rate: Mapped[float] = mapped_column(default=0.0)  # new articles a day, see rates.py
    watched_since: Mapped[datetime | None] = mapped_column(UtcDateTime)  # what the rate is drawn from
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_poll_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_polled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_success_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_changed_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # another document than the time before
    last_new_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # it had a new article
    last_error: Mapped[str] = mapped_column(Text, default="")
    failures: Mapped[int] = mapped_column(default=0)  # in a row


class Host(Base):
    """A publisher's server: whoever holds it may ask it, and when it asked for a pause, nobody may."""

    __tablename__ = "hosts"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    busy_until: Mapped[datetime] = mapped_column(UtcDateTime)  # the lease of whoever is asking it
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)  # when it may be asked again
    reason: Mapped[str] = mapped_column(Text, default="")  # why it wants a pause; "" for the usual one
