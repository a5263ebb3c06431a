"""The tables of editors' changes to the region tree."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, UtcDateTime
from digest.regions.tree.groups import LONGEST_SLUG


class RegionGroup(Base):
    """A named group that editors added, or their version of a bundled one."""

    __tablename__ = "region_groups"

    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG), primary_key=True)
    # parent, countries, names, aliases, source, retired
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    # The definition before the last change, to which an undo returns; None if the group was new.
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(Text)


class RegionTreeVersion(Base):
    """One row: the number of editors' changes to the tree. Every process compares it with its own version."""

    __tablename__ = "region_tree_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
