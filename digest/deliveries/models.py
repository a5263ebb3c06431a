"""The table of deliveries: each subscriber's copy of an edition, and what became of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, UtcDateTime


class Delivery(Base):
    """planned > claimed > accepted | refused | expired | in_doubt | skipped | cancelled.

    What was deferred is planned again, with a later not_before."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("edition_id", "subscriber_id"),
        # Claims go along it, and counts are read off it alone; `not_before` is when it ended for what has ended.
        Index("ix_deliveries_due", "edition_id", "state", "not_before", "digest_id"),
        Index("ix_deliveries_subscriber", "subscriber_id"),
        Index("ix_deliveries_digest", "digest_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"))
    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"))
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))
    test_address: Mapped[str] = mapped_column(
        Text, default=""
    )  # an editor's test: goes here, to no subscriber
    state: Mapped[str] = mapped_column(String(16), default="planned")
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)  # while claimed: when the lease runs out
    claim: Mapped[str] = mapped_column(
        String(32), default=""
    )  # who holds it; a late answer of a lost claim is known by it
    attempts: Mapped[int] = mapped_column(default=0)
    in_doubt: Mapped[bool] = mapped_column(default=False)  # it broke between the final dot and the reply
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(Text, default="")  # the mail server's own words


class Tally(Base):
    """How many deliveries of an old edition ended how: what is left of them once their rows are gone."""

    __tablename__ = "tallies"

    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int]
