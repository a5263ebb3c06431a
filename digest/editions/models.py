"""The tables of editions and their digests."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Dialect, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from digest.database import Base, StrEnumType, UtcDateTime
from digest.editions.pure.sections import Section, decode_sections, encode_sections
from digest.editions.pure.updates import NO_UPDATES, Updates, decode_updates, encode_updates
from digest.editions.states import EditionKind, EditionState


class Edition(Base):
    """All digests of one cutoff. A 15-minute slot has one scheduled edition, however many planners there are."""

    __tablename__ = "editions"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[EditionKind] = mapped_column(StrEnumType(EditionKind, 16))
    # The UTC time of a scheduled edition's slot; of any other edition "hand:" and a hash.
    slot: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[EditionState] = mapped_column(StrEnumType(EditionState, 16), default=EditionState.SENDING)
    audience: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    note: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(
        Text, default="", server_default=""
    )  # why it was paused automatically
    rate: Mapped[int] = mapped_column(default=0, server_default="0")  # mails a second at most; 0: no limit
    cutoff: Mapped[datetime] = mapped_column(UtcDateTime)
    # A manual edition has the news of this many hours. With 0, subscribers get all news since their last cutoff.
    hours: Mapped[int] = mapped_column(default=0, server_default="0")
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when all its digests were written
    send_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when a frozen edition goes out by itself
    # The version of the look that its mails have; NULL: the one that counts when they are made.
    look: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EditionSnapshot(Base):
    """What an editor last saw of an edition that is not sent yet, to compare with what it is later."""

    __tablename__ = "edition_snapshots"

    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    author: Mapped[str] = mapped_column(Text)  # the editor's address
    mails: Mapped[int]  # how many it would have been
    stories: Mapped[list[Any]] = mapped_column(JSON)  # in their order: id, headline, countries


class StoredSections(TypeDecorator[tuple[Section, ...]]):
    """A column of sections, stored as JSON."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[Section, ...] | None, _dialect: Dialect) -> Any:
        return None if value is None else encode_sections(value)

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> tuple[Section, ...] | None:
        return None if value is None else decode_sections(value)


class StoredUpdates(TypeDecorator[Updates]):
    """A column of updates, stored as JSON; NULL for none, as in digests from before there were updates."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Updates | None, _dialect: Dialect) -> Any:
        return encode_updates(value) if value else None

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> Updates:
        return decode_updates(value) if value else NO_UPDATES


class DayNoteVersion(Base):
    """What an editor wrote as the note of a day for a region. The last version of a region in its time counts.

    Rows never change, so digests keep the words that they were composed with.
    """

    __tablename__ = "day_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(String(64))  # "world": for all readers
    text: Mapped[str] = mapped_column(Text)  # Markdown; "" and no subject: the note before it was taken back
    subject: Mapped[str] = mapped_column(Text)  # "": the news make the subject
    author: Mapped[str] = mapped_column(Text)  # the editor's address
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)  # midnight in the publication's zone
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)  # the next midnight


class StoredIds(TypeDecorator[tuple[int, ...]]):
    """A column of ids, stored as JSON; NULL for none."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: tuple[int, ...] | None, _dialect: Dialect) -> Any:
        return list(value) if value else None

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> tuple[int, ...]:
        return tuple(value) if value else ()


class Digest(Base):
    """What one group of subscribers gets from an edition: the stories to show, not the HTML."""

    __tablename__ = "digests"
    __table_args__ = (
        UniqueConstraint("edition_id", "preferences_key", "window_start", "without"),
        Index("ix_digests_edition", "edition_id"),
        Index("ix_digests_preferences", "preferences_key", "window_start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)  # random; in the URL of the web edition
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"))
    preferences_key: Mapped[str] = mapped_column(ForeignKey("preferences.key"))
    window_start: Mapped[datetime] = mapped_column(UtcDateTime)
    # Hash of the stories left out because its subscribers had them already; "" for nearly all digests.
    without: Mapped[str] = mapped_column(String(32), default="", server_default="")
    subject: Mapped[str] = mapped_column(Text)
    sections: Mapped[tuple[Section, ...]] = mapped_column(StoredSections)
    # NULL when none of its stories continues one that its subscribers received before.
    updates: Mapped[Updates] = mapped_column(StoredUpdates, default=NO_UPDATES, nullable=True)
    day_note_ids: Mapped[tuple[int, ...]] = mapped_column(StoredIds, default=(), nullable=True)
    hash: Mapped[str] = mapped_column(String(64))  # see `composer.fingerprint`
