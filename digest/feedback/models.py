"""The tables of feedback: bounces, complaints and unsubscriptions, each with its delivery if that is known; events of
providers that could not be read; and tokens of signatures that were used."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, StrEnumType, UtcDateTime
from digest.deliveries.models import BigId
from digest.feedback.states import FeedbackKind


class Feedback(Base):
    """A piece of feedback: what it was, from which subscriber, and how it reached us."""

    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_edition_id", "edition_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    kind: Mapped[FeedbackKind] = mapped_column(StrEnumType(FeedbackKind, 16))
    origin: Mapped[str] = mapped_column(Text)  # see FeedbackChannel
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), index=True)
    delivery_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("deliveries.id", ondelete="SET NULL"), index=True
    )
    # The edition of that delivery. It stays when the delivery is archived.
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("editions.id", ondelete="SET NULL"))
    # A `Severity` for a bounce, "" for other kinds.
    severity: Mapped[str] = mapped_column(String(8), default="", server_default="")
    status: Mapped[str] = mapped_column(String(16), default="", server_default="")  # enhanced (RFC 3463)
    reason: Mapped[str] = mapped_column(String(32), default="", server_default="")  # see data/reasons.toml
    words: Mapped[str] = mapped_column(Text, default="", server_default="")  # the server's text, cut
    domain: Mapped[str] = mapped_column(Text, default="", server_default="")  # of the subscriber's address
    # Hash of the mail's or event's id, so that a repetition counts once.
    fingerprint: Mapped[str | None] = mapped_column(String(64), unique=True)


class UnreadEvent(Base):
    """An event in a signed webhook that could not be read, as it came, so that nothing is lost."""

    __tablename__ = "unread_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    origin: Mapped[str] = mapped_column(Text)  # see FeedbackChannel
    error: Mapped[str] = mapped_column(Text)  # why it could not be read
    raw: Mapped[str] = mapped_column(Text)  # cut


class UsedToken(Base):
    """A token of a signature that does not cover the body (Mailgun's). It is valid once."""

    __tablename__ = "used_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))  # the same request may come again
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
