"""The table of what comes back: bounces, complaints and unsubscriptions, with the delivery each answers."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, UtcDateTime


class Feedback(Base):
    """One piece of feedback: what it was, from whom, and how it reached us."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    kind: Mapped[str] = mapped_column(String(16))  # bounce | complaint | unsubscribe | lifted
    origin: Mapped[str] = mapped_column(
        Text
    )  # one-click | page | mailbox | maildir | pipe | listener | ses | …
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), index=True)
    delivery_id: Mapped[int | None] = mapped_column(
        ForeignKey("deliveries.id", ondelete="SET NULL"), index=True
    )
    severity: Mapped[str] = mapped_column(
        String(8), default="", server_default=""
    )  # of a bounce: hard | soft
    status: Mapped[str] = mapped_column(String(16), default="", server_default="")  # enhanced (RFC 3463)
    reason: Mapped[str] = mapped_column(String(32), default="", server_default="")  # see data/reasons.toml
    words: Mapped[str] = mapped_column(Text, default="", server_default="")  # of the server, cut
    domain: Mapped[str] = mapped_column(Text, default="", server_default="")  # of the reader's address
    fingerprint: Mapped[str | None] = mapped_column(
        String(64), unique=True
    )  # of what told us: the same told twice counts once
