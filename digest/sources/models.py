"""The tables of sources, of their polls, and of the hosts that serve them."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, StrEnumType, UtcDateTime
from digest.sources.states import PollOutcome, SourceKind, SourceState


class Source(Base):
    """A feed, sitemap or page that is polled for entries. The row holds everything that the next poll needs."""

    __tablename__ = "sources"
    __table_args__ = (Index("ix_sources_due", "state", "next_poll_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[SourceKind] = mapped_column(StrEnumType(SourceKind, 8), default=SourceKind.FEED)
    host: Mapped[str] = mapped_column(Text, default="", index=True)  # of `url`; one worker at a time asks it
    title: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(35), default="")
    home: Mapped[str] = mapped_column(String(2), default="")  # ISO code of its country, a hint for the tagger
    # The path of its folder in the newsroom; "" for none. The other two are for taking the last move back.
    folder: Mapped[str] = mapped_column(Text, default="", server_default="")
    folder_before: Mapped[str] = mapped_column(Text, default="", server_default="")
    folder_move: Mapped[str] = mapped_column(String(16), default="", server_default="")
    # The licence or credit that is shown with its articles.
    attribution: Mapped[str] = mapped_column(Text, default="")
    excerpt_length: Mapped[int] = mapped_column(default=280)  # characters; 0 shows only the headline
    # Multiplies the rank of its stories in a digest.
    weight: Mapped[float] = mapped_column(default=1.0, server_default="1")
    state: Mapped[SourceState] = mapped_column(StrEnumType(SourceState, 16), default=SourceState.ACTIVE)
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(Text)
    body_hash: Mapped[str] = mapped_column(String(64), default="")  # SHA-256 of the last document stored
    ttl: Mapped[int] = mapped_column(default=0)  # seconds that the document asks us to wait; 0 if it does not
    skip_hours: Mapped[int] = mapped_column(default=0)  # a bit per hour of the day in GMT: RSS skipHours
    skip_days: Mapped[int] = mapped_column(default=0)  # a bit per day, Monday the lowest: RSS skipDays
    # Where permanent redirects lead, until enough polls have confirmed them.
    moved_to: Mapped[str] = mapped_column(Text, default="")
    moved_seen: Mapped[int] = mapped_column(default=0)  # polls that confirmed them, at least a day apart
    moved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when `moved_seen` last rose
    rate: Mapped[float] = mapped_column(default=0.0)  # new articles a day, see pure/schedule/rates.py
    # The start of the time that `rate` covers.
    watched_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_poll_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_polled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_success_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When the document last differed from the one before.
    last_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_new_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when it last had a new article
    # What could not be read of the last document, and which of its entries became no article.
    notes: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    last_error: Mapped[str] = mapped_column(Text, default="")
    failures: Mapped[int] = mapped_column(default=0)  # in a row


class SourcePoll(Base):
    """What a poll of a source brought; or several in a row on one UTC day that ended alike and brought nothing."""

    __tablename__ = "source_polls"
    __table_args__ = (Index("ix_source_polls_source", "source_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    outcome: Mapped[PollOutcome] = mapped_column(StrEnumType(PollOutcome, 16))
    status: Mapped[int] = mapped_column(default=0)  # of HTTP; 0 if there was no answer
    error: Mapped[str] = mapped_column(Text, default="")
    polls: Mapped[int] = mapped_column(default=1)  # how many the row stands for
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    duration_ms: Mapped[int] = mapped_column(default=0)  # of all its requests together
    slowest_ms: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0)  # octets of the newest document, unpacked; 0 without one
    entries: Mapped[int] = mapped_column(default=0)  # that the newest document lists
    new: Mapped[int] = mapped_column(default=0)  # articles
    changed: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)


class Host(Base):
    """A publisher's server. One worker at a time may ask it, and none during a pause that it asked for."""

    __tablename__ = "hosts"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    busy_until: Mapped[datetime] = mapped_column(UtcDateTime)  # end of the lease of the worker that asks it
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)  # when it may be asked again
    reason: Mapped[str] = mapped_column(Text, default="")  # why it wants a pause; "" for the usual gap
