"""The tables of changes of many subscribers, which are kept as long as they can be undone."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, StrEnumType, UtcDateTime
from digest.subscribers.states import BulkAction, SubscriberState


class BulkChange(Base):
    """A change of many subscribers. `Subscriber.bulk_change_id` says whose state is still the one that it left."""

    __tablename__ = "bulk_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[BulkAction] = mapped_column(StrEnumType(BulkAction, 16))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the end of the pause that it began
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    account: Mapped[str] = mapped_column(Text, default="", server_default="")  # who made it


class BulkChangeRow(Base):
    """A subscriber whom a change was about, as they were before."""

    __tablename__ = "bulk_change_rows"

    change_id: Mapped[int] = mapped_column(
        ForeignKey("bulk_changes.id", ondelete="CASCADE"), primary_key=True
    )
    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    state: Mapped[SubscriberState] = mapped_column(StrEnumType(SubscriberState, 16))
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_digest_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The change that had left them so: undoing this one makes them its again, so that it can be undone too.
    previous_change_id: Mapped[int | None] = mapped_column(index=True)
