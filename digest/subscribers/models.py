"""The tables of subscribers, their preferences, consents and letters, and of suppressed addresses."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Dialect, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.types import TypeDecorator

from digest.database import Base, StrEnumType, UtcDateTime
from digest.subscribers.pure.content_choices import DEFAULT_CONTENT, ContentChoices
from digest.subscribers.states import (
    Cadence,
    ConsentAction,
    DigestSize,
    ImportOutcome,
    ImportState,
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
        Index("ix_subscribers_choice", "preferences_key", "state"),
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
    preferences_key: Mapped[str] = mapped_column(ForeignKey("preferences.key"))
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
    # The change of many subscribers that left their state as it is; None: something else has set it since.
    bulk_change_id: Mapped[int | None]

    preferences: Mapped[Preferences] = relationship()

    @validates("state", "paused_until", "left_at")
    def _leave_bulk_change(self, _name: str, value: Any) -> Any:
        self.leave_bulk_change()
        return value

    def leave_bulk_change(self) -> None:
        """Keep the state as it is when the change of many subscribers that set it is undone."""
        self.bulk_change_id = None
        flag_modified(self, "bulk_change_id")  # written even if the change came after this row was read

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


class SubscriberNote(Base):
    """What somebody of the newsroom wrote down about a subscriber. Readers' pages never show it."""

    __tablename__ = "subscriber_notes"
    __table_args__ = (
        Index(
            "ix_subscriber_notes_deleted",
            "deleted_at",
            postgresql_where=text("deleted_at is not null"),
            sqlite_where=text("deleted_at is not null"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)  # address of the account
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(Text, default="", server_default="")
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # it goes for good soon after


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


class SubscriberImport(Base):
    """An import of subscribers: from which files, by whose hand, with which consent, and what became of its rows."""

    __tablename__ = "subscriber_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    program: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(Text)
    state: Mapped[ImportState] = mapped_column(StrEnumType(ImportState, 16), index=True)
    files: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON
    )  # name, SHA-256, rows …; see `uploads.FileSummary`
    options: Mapped[dict[str, Any]] = mapped_column(JSON)  # columns, defaults, encoding
    consent: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of the import, not of its undoing
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)  # by outcome
    undo_counts: Mapped[dict[str, int]] = mapped_column(JSON)
    error: Mapped[str] = mapped_column(Text, default="")
    # The step of work that the state names: how many rows it has, how many are done, and until when a worker has it.
    total: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)  # claims since the last progress
    revision: Mapped[int] = mapped_column(default=0)  # of the options: a dry run of other ones does not count


class ImportFile(Base):
    """A file that was uploaded for an import, packed by zlib. It is deleted when the import ends."""

    __tablename__ = "import_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(
        ForeignKey("subscriber_imports.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(Text)
    octets: Mapped[bytes] = mapped_column(LargeBinary)


class ImportRemark(Base):
    """Why a row was left out, or what is odd about it. It is deleted some days after the import."""

    __tablename__ = "import_remarks"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(
        ForeignKey("subscriber_imports.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[ImportOutcome] = mapped_column(StrEnumType(ImportOutcome, 16))
    file: Mapped[int]  # its position in the import
    line: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    cells: Mapped[list[str]] = mapped_column(JSON)  # of the row; none where only the text matters


class ImportChange(Base):
    """Something that an import changed, with what is needed to undo it. It is deleted when it can't be undone any more.

    With an `address_hash` it suppressed the address, and `state` is what its subscriber had, if there was one. Without,
    it added the subscriber, and the other columns have what was imported.
    """

    __tablename__ = "import_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(
        ForeignKey("subscriber_imports.id", ondelete="CASCADE"), index=True
    )
    subscriber_id: Mapped[int | None] = mapped_column(
        ForeignKey("subscribers.id", ondelete="CASCADE"), index=True
    )
    address_hash: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[SubscriberState | None] = mapped_column(StrEnumType(SubscriberState, 16))
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    subscription: Mapped[str] = mapped_column(Text, default="")  # see `store.imports.subscription_mark`
    kept_for: Mapped[str] = mapped_column(String(16), default="")  # a `KeptFor`, once undoing has left it
