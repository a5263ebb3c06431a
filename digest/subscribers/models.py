"""The tables of subscribers, their preferences, consents and letters, and of suppressed addresses."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Dialect, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from digest.database import Base, StrEnumType, UtcDateTime
from digest.subscribers.pure.content_choices import DEFAULT_CONTENT, ContentChoices
from digest.subscribers.states import (
    Cadence,
    ConsentAction,
    DigestSize,
    LetterKind,
    LetterState,
    RequestKind,
    SubscriberState,
    SuppressionReason,
)


class StoredContent(TypeDecorator[ContentChoices]):
    """A column of content choices, stored as JSON; NULL for the defaults, as in rows from before there were choices."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: ContentChoices | None, _dialect: Dialect) -> Any:
        return None if value is None or value == DEFAULT_CONTENT else value.as_json()

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> ContentChoices:
        return ContentChoices.from_json(value or {})


class Preferences(Base):
    """What a digest is made from. Subscribers with equal preferences share a row, and so share a digest."""

    __tablename__ = "preferences"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)  # see `Subscription.preferences_key`
    regions: Mapped[list[str]] = mapped_column(JSON)  # slugs, in the subscriber's order
    language: Mapped[str] = mapped_column(String(16))
    size: Mapped[DigestSize] = mapped_column(
        StrEnumType(DigestSize, 16), default=DigestSize.STANDARD, server_default="standard"
    )
    # NULL: the defaults.
    content: Mapped[ContentChoices] = mapped_column(StoredContent, default=DEFAULT_CONTENT, nullable=True)


class Subscriber(Base):
    """A person who subscribed to the digest."""

    __tablename__ = "subscribers"
    __table_args__ = (
        Index("ix_subscribers_due", "state", "next_due_at"),
        Index(
            "ix_subscribers_first_digest",
            "first_digest_since",
            postgresql_where=text("first_digest_since is not null"),
            sqlite_where=text("first_digest_since is not null"),
        ),
        Index("ix_subscribers_confirmed", "confirmed_at"),
        Index("ix_subscribers_left", "left_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)  # random; what signed links carry
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Text, unique=True)  # case-folded
    state: Mapped[SubscriberState] = mapped_column(
        StrEnumType(SubscriberState, 16), default=SubscriberState.PENDING
    )
    preferences_key: Mapped[str] = mapped_column(ForeignKey("preferences.key"), index=True)
    cadence: Mapped[Cadence] = mapped_column(StrEnumType(Cadence, 16))
    weekday: Mapped[int] = mapped_column(default=0)  # Monday is 0; used if the cadence is weekly
    send_minute: Mapped[int]  # minutes after local midnight, a multiple of 15
    zone: Mapped[str] = mapped_column(String(64))  # IANA
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Confirmation links in letters written before this moment no longer work.
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The window of the next digest starts here.
    last_cutoff: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_slot_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the slot last planned
    next_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: the next planning computes it
    # Since when a first digest is due, which is sent at once; None: none is due.
    first_digest_since: Mapped[datetime | None] = mapped_column(UtcDateTime)

    preferences: Mapped[Preferences] = relationship()

    @property
    def domain(self) -> str:
        """The domain of the address, case-folded."""
        return self.email_key.rpartition("@")[2]


class Consent(Base):
    """What a subscriber agreed to: when, from where, and in which wording."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[ConsentAction] = mapped_column(StrEnumType(ConsentAction, 16))
    origin: Mapped[str] = mapped_column(Text)  # network address, or "import"
    wording: Mapped[str] = mapped_column(Text)


class Letter(Base):
    """A transactional mail to a subscriber. It is sent from this row, at once and before any digest."""

    __tablename__ = "letters"
    __table_args__ = (
        Index("ix_letters_due", "state", "not_before"),
        Index("ix_letters_mailbox", "mailbox_key", "created_at"),
        Index("ix_letters_created", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(
        String(32), unique=True
    )  # random; what the link to confirm carries
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), index=True)
    kind: Mapped[LetterKind] = mapped_column(StrEnumType(LetterKind, 16))
    # The subscription that the letter describes; the subscriber gets it by confirming.
    requested_subscription: Mapped[dict[str, Any]] = mapped_column("wishes", JSON)
    state: Mapped[LetterState] = mapped_column(StrEnumType(LetterState, 16), default=LetterState.PLANNED)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)  # while claimed: the end of the lease
    attempts: Mapped[int] = mapped_column(default=0)
    in_doubt: Mapped[bool] = mapped_column(default=False)  # an earlier attempt may have been accepted
    answer: Mapped[str] = mapped_column(Text, default="")
    # Where it goes if not to the subscriber's address: to the one that they want to move to.
    address: Mapped[str] = mapped_column(Text, default="", server_default="")
    # The letters of a day are counted by it, see `pure.mailbox`.
    mailbox_key: Mapped[str] = mapped_column(Text, default="", server_default="")


class LetterRequest(Base):
    """What somebody asked for on a page. Every page does only this insert, so its time reveals nothing."""

    __tablename__ = "letter_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[RequestKind] = mapped_column(StrEnumType(RequestKind, 16))
    email: Mapped[str] = mapped_column(Text)
    subscription: Mapped[dict[str, Any]] = mapped_column(JSON)  # empty for the link
    origin: Mapped[str] = mapped_column(Text)  # network address
    network: Mapped[str] = mapped_column(Text, default="", server_default="")  # the wide network of `origin`
    turn: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # requests of its network that waited before it
    wording: Mapped[str] = mapped_column(Text)  # what they agreed to
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_letter_requests_turn", "turn", "id"),
        Index("ix_letter_requests_network", "network"),
    )


class Suppression(Base):
    """An address to which nothing is sent. Only its keyed hash is stored, so that it outlives erasure."""

    __tablename__ = "suppressions"

    address_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[SuppressionReason] = mapped_column(StrEnumType(SuppressionReason, 16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    subscriber_id: Mapped[int | None] = mapped_column(
        ForeignKey("subscribers.id", ondelete="SET NULL"), index=True
    )
    detail: Mapped[str] = mapped_column(Text, default="", server_default="")  # the reason in words
