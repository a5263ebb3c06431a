"""The tables of what editors change of the region tree."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, UtcDateTime


class RegionGroup(Base):
    """A named group that editors made, or one that comes with the program as they want it instead."""

    __tablename__ = "region_groups"

    slug: Mapped[str] = mapped_column(String(40), primary_key=True)
    definition: Mapped[dict[str, Any]] = mapped_column(
        JSON
    )  # parent, countries, names, aliases, source, retired
    # what it was before the last change, for taking that back; none when there was nothing to go back to
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(Text)


class RegionTreeVersion(Base):
    """One row: how often editors changed the tree. Every process compares it with what it has."""

    __tablename__ = "region_tree_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
