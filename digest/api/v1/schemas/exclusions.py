"""Words that never mean a country, as the API takes and shows them."""

from datetime import datetime

from pydantic import Field

from digest.api.v1.schemas.base import Answer, Body, CountryCode, RowId
from digest.articles.exclusion_changes import ExclusionChange
from digest.articles.store.exclusions import ExclusionUses
from digest.regions.models import TagExclusion
from digest.regions.pure.exclusions import LONGEST_WORDS


class NewExclusion(Body):
    """Words that never mean a country, in all sources or in one."""

    words: str = Field(max_length=LONGEST_WORDS, examples=["Georgia Bulldogs"])
    country: CountryCode
    source_id: RowId | None = Field(None, description="null: in all sources.")


class ExclusionOut(Answer):
    """Words that never mean a country."""

    id: int
    words: str
    country: str
    source_id: int | None
    all_forms: bool = Field(description="They are one name, which is excluded in all its forms.")
    articles: int = Field(description="Stored articles in which they did not count.")
    last_article_at: datetime | None
    added_at: datetime
    added_by: str

    @classmethod
    def of(cls, row: TagExclusion, used: ExclusionUses | None) -> "ExclusionOut":
        """The exclusion with its uses."""
        return cls(
            id=row.id,
            words=row.words,
            country=row.country,
            source_id=row.source_id,
            all_forms=bool(row.base_kind),
            articles=used.articles if used else 0,
            last_article_at=used.last_seen_at if used else None,
            added_at=row.added_at,
            added_by=row.added_by,
        )


class ExclusionChanged(Answer):
    """What excluding words, or no longer excluding them, did to articles that no digest has had."""

    id: int
    tagged: int = Field(description="Articles that were tagged again.")
    untagged: int = Field(description="Older ones that the worker looks at now.")

    @classmethod
    def of(cls, change: ExclusionChange) -> "ExclusionChanged":
        """The change."""
        return cls(id=change.exclusion.id, tagged=change.tagged, untagged=change.untagged)
