"""The tables of deliveries: each subscriber's copy of an edition, refusals, the ranges in which senders claim them, the
slots of senders, and the counts that replace old deliveries."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, StrEnumType, UtcDateTime
from digest.deliveries.states import DeliveryState, RefusalKind

# SQLite counts only an INTEGER primary key up by itself; it has 64 bits there.
BigId = BigInteger().with_variant(Integer, "sqlite")


class Delivery(Base):
    """One subscriber's copy of an edition."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("edition_id", "subscriber_id"),
        Index("ix_deliveries_subscriber", "subscriber_id"),
        # The order in which ranges divide an edition.
        Index("ix_deliveries_digest", "digest_id", "id"),
        # No index has a column that an answer changes, and pages keep room for new versions of their rows: so that
        # PostgreSQL writes an answer without touching an index (heap-only tuples), which takes a third of the time.
        # SQLite would give the id of the newest delivery again once that is erased, and the ranges of its edition would
        # take the new one for one that they had (https://sqlite.org/autoinc.html).
        {"postgresql_with": {"fillfactor": "70"}, "sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"))
    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"))
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))
    # An editor's test goes to this address and to no subscriber.
    test_address: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[DeliveryState] = mapped_column(
        StrEnumType(DeliveryState, 16), default=DeliveryState.PLANNED
    )
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)  # once accepted, the time of the answer
    attempts: Mapped[int] = mapped_column(default=0)
    # An earlier attempt may have been accepted, because the reply to its final dot is missing.
    in_doubt: Mapped[bool] = mapped_column(default=False)
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(Text, default="")  # the mail server's own words


class Refusal(Base):
    """A delivery to a subscriber that the mail server refused. It is settled when `digest.feedback` has acted on it."""

    __tablename__ = "refusals"
    __table_args__ = (
        Index("ix_refusals_edition", "edition_id", "kind"),
        Index(
            "ix_refusals_unsettled",
            "edition_id",
            postgresql_where=text("settled_at is null"),
            sqlite_where=text("settled_at is null"),
        ),
    )

    delivery_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"))
    kind: Mapped[RefusalKind] = mapped_column(StrEnumType(RefusalKind, 16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeliveryRange(Base):
    """Consecutive deliveries of an edition, ordered by digest and id. A sender claims and releases them together."""

    __tablename__ = "delivery_ranges"
    __table_args__ = (
        Index("ix_delivery_ranges_edition", "edition_id"),
        Index("ix_delivery_ranges_due", "due_at"),
        Index("ix_delivery_ranges_holder", "holder"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"))
    # The range was made of the deliveries with these ids that the edition had then: after_id < id <= up_to_id.
    after_id: Mapped[int] = mapped_column(BigInteger)
    up_to_id: Mapped[int] = mapped_column(BigInteger)
    first_digest_id: Mapped[int]
    first_id: Mapped[int] = mapped_column(BigInteger)
    last_digest_id: Mapped[int]
    last_id: Mapped[int] = mapped_column(BigInteger)
    # When the first of its planned deliveries is due; None when none is planned.
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    holder: Mapped[str] = mapped_column(String(32), default="")  # the sender that has claimed it; "" for none
    reason: Mapped[str] = mapped_column(Text, default="")  # why the last sender released it before its end
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # How many of its deliveries were in each state when it was last counted. While it is claimed, this is outdated.
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)


class SenderSlot(Base):
    """The right to be one of the senders. There are as many as `SENDERS`, and each has its share of every limit."""

    __tablename__ = "sender_slots"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # from 1
    holder: Mapped[str] = mapped_column(String(32), default="")  # the sender that has it; "" for none
    renewals: Mapped[int] = mapped_column(default=0)  # grows while the holder is alive
    # The holder's process, see `digest.process_identity`.
    process: Mapped[str] = mapped_column(Text, default="")


class ArchivedDeliveryCount(Base):
    """How many deliveries of an old edition ended in a state. These counts replace the deliveries' rows."""

    __tablename__ = "tallies"

    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[DeliveryState] = mapped_column(StrEnumType(DeliveryState, 16), primary_key=True)
    count: Mapped[int]
