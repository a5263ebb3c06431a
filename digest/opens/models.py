"""The table of how often stories were opened."""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, StrEnumType
from digest.opens.states import Subject


class OpenCount(Base):
    """How often stories of one subject were opened in a week.

    No row has two subjects: an edition's does not say which stories or regions its readers opened.
    """

    __tablename__ = "open_counts"
    # The index has all columns: pages read thousands of rows of a subject at once.
    __table_args__ = (
        Index("ix_open_counts_week", "subject", "week", "key", "visitors", "opens", "machines"),
    )

    subject: Mapped[Subject] = mapped_column(StrEnumType(Subject, 8), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    week: Mapped[str] = mapped_column(String(10), primary_key=True)  # its Monday in UTC, as 2026-11-30
    opens: Mapped[int]  # by people, repeated ones too
    visitors: Mapped[int]  # the first ones of a visitor to an article on a day
    machines: Mapped[int]  # by programs
