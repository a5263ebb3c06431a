"""The tables of webhooks: endpoints, the messages to each of them, and the attempts to post a message."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, StrEnumType, UtcDateTime
from digest.webhooks.states import EndpointState, EventType, MessageState


class WebhookEndpoint(Base):
    """An address to which messages are posted."""

    __tablename__ = "webhook_endpoints"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(Text, unique=True)
    secret: Mapped[str] = mapped_column(Text)  # encrypted with SECRET_KEY; it signs the messages
    events: Mapped[list[str]] = mapped_column(JSON)  # that it wants; none: all
    state: Mapped[EndpointState] = mapped_column(StrEnumType(EndpointState, 16), default=EndpointState.ACTIVE)
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was disabled
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    failing_since: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # first failure after the last success


class WebhookMessage(Base):
    """Something that happened, for one endpoint. It is posted from this row. It has no address of a subscriber."""

    __tablename__ = "webhook_messages"
    __table_args__ = (Index("ix_webhook_messages_due", "state", "not_before"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(
        ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), index=True
    )
    # The same for each attempt, so that an endpoint that got a message twice can tell.
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    event: Mapped[EventType] = mapped_column(StrEnumType(EventType, 32))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    state: Mapped[MessageState] = mapped_column(StrEnumType(MessageState, 16), default=MessageState.PLANNED)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    first_tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)


class WebhookAttempt(Base):
    """One post of a message, and what came back."""

    __tablename__ = "webhook_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("webhook_messages.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[int | None]  # None: no answer
    reason: Mapped[str] = mapped_column(Text, default="")  # why it counts as a failure; "" for a success
