"""The tables of deliveries: each subscriber's copy of an edition, and the counts that replace old copies."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, StrEnumType, UtcDateTime
from digest.deliveries.states import DeliveryState


class Delivery(Base):
    """One subscriber's copy of an edition."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("edition_id", "subscriber_id"),
        # Claims use this index, and counts read nothing else. Once accepted, `not_before` is the time of the answer.
        Index("ix_deliveries_due", "edition_id", "state", "not_before", "digest_id"),
        Index("ix_deliveries_subscriber", "subscriber_id"),
        Index("ix_deliveries_digest", "digest_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"))
    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"))
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))
    # An editor's test goes to this address and to no subscriber.
    test_address: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[DeliveryState] = mapped_column(
        StrEnumType(DeliveryState, 16), default=DeliveryState.PLANNED
    )
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)  # while claimed: when the lease runs out
    # The id of the claim's holder. A result from an earlier holder does not match it, and is ignored.
    claim: Mapped[str] = mapped_column(String(32), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    # An earlier attempt may have been accepted, because the reply to its final dot is missing.
    in_doubt: Mapped[bool] = mapped_column(default=False)
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(Text, default="")  # the mail server's own words


class ArchivedDeliveryCount(Base):
    """How many deliveries of an old edition ended in a state. These counts replace the deliveries' rows."""

    __tablename__ = "tallies"

    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[DeliveryState] = mapped_column(StrEnumType(DeliveryState, 16), primary_key=True)
    count: Mapped[int]
