"""The tables of editors' changes: to the region tree, and to what the tagger counts."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, UtcDateTime
from digest.regions.pure.exclusions import LONGEST_WORDS
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


class TagExclusion(Base):
    """Words that an editor has said never mean a country, in all sources or in one.

    Its words never change. With AUTOINCREMENT an id is never used again, so the number of rows and the highest id show
    every process whether its copy is up to date.
    """

    __tablename__ = "tag_exclusions"
    __table_args__ = (
        Index(
            "uq_tag_exclusions_everywhere",
            "words_key",
            "country",
            unique=True,
            postgresql_where=text("source_id is null"),
            sqlite_where=text("source_id is null"),
        ),
        UniqueConstraint("source_id", "words_key", "country"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    words_key: Mapped[str] = mapped_column(String(LONGEST_WORDS))  # folded as the tagger folds words
    country: Mapped[str] = mapped_column(String(2))
    # None: in all sources. With a source its exclusions go.
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    # The name that the words are, as the tagger's vocabulary has it: all its forms are excluded. "": they are no name.
    base_text: Mapped[str] = mapped_column(Text, default="")
    base_kind: Mapped[str] = mapped_column(String(16), default="")
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[str] = mapped_column(Text)
    # Articles below this id that no digest has had still have tags from before. None: all have been tagged again.
    untagged_below: Mapped[int | None] = mapped_column()
