"""The models of articles, stories and regions."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from digest.api.v1.answers import PageQuery, Query
from digest.api.v1.schemas.base import Answer, Body, CountryCode, RegionSlug, RowId
from digest.articles.models import Article, Story
from digest.articles.pure.shown_story import ShownStory
from digest.articles.states import ArticleKind, ArticleState


class TagOut(Answer):
    """A country that an article is about."""

    country: str
    weight: float
    evidence: list[dict[str, Any]]


class GroupTagOut(Answer):
    """A group of countries that an article is about as a whole."""

    region: str
    weight: float


class ArticleQuery(PageQuery):
    """Which articles are asked for; the newest come first."""

    q: str = Field("", max_length=200, description="Text in the headline.")
    country: str = Field("", pattern="^([A-Za-z]{2})?$")
    source: RowId | None = None
    story: RowId | None = None
    kind: ArticleKind | None = None
    state: Literal["released", "flood", "old", "dropped"] | None = None


class ArticleOut(Answer):
    """One publication of one source."""

    id: int
    source_id: int
    story_id: int | None
    url: str
    title: str
    excerpt: str
    author: str
    language: str
    published_at: datetime
    seen_at: datetime
    state: str = Field(description="`released`; or held (`flood`, `old`); or `dropped`.")
    kind: ArticleKind
    kind_reason: str
    kind_chosen: bool = Field(description="Whether an editor chose the kind.")
    retagged: bool = Field(description="Whether an editor chose the countries.")
    image_url: str
    tags: list[TagOut]
    groups: list[GroupTagOut]

    @classmethod
    def of(cls, article: Article) -> "ArticleOut":
        """The article with its tags."""
        names = cls.model_fields.keys() - {"state", "tags", "groups"}
        return cls(
            **{name: getattr(article, name) for name in names},
            state="released" if article.state == ArticleState.RELEASED else article.state,
            tags=[TagOut.model_validate(tag) for tag in article.tags],
            groups=[GroupTagOut.model_validate(tag) for tag in article.groups],
        )


class Tags(Body):
    """The countries and groups that an article is about; both may be empty. They stay when the article changes."""

    countries: list[CountryCode] = Field(max_length=50)
    groups: list[RegionSlug] = Field(default_factory=list, max_length=50)


class Kind(Body):
    """The kind of an article. It stays when the article changes."""

    kind: ArticleKind


class StoryQuery(PageQuery):
    """Which stories are asked for; the newest come first."""

    hidden: bool | None = None


class StoryOut(Answer):
    """One event, reported by one or more articles."""

    id: int
    title: str = Field(description="The headline of its lead article.")
    url: str
    countries: list[str]
    article_ids: list[int] = Field(description="Its lead, then one article of each other source.")
    first_seen_at: datetime
    hidden: bool
    pinned: int = Field(description="0: not pinned; else the highest comes first.")
    version: int
    merged_into: int | None
    thread_id: int | None
    sent_at: datetime | None

    @classmethod
    def of(cls, story: Story, shown: ShownStory | None) -> "StoryOut":
        """The story with what digests show of it; a story whose articles are gone shows nothing."""
        names = ("id", "first_seen_at", "hidden", "pinned", "version", "merged_into", "thread_id", "sent_at")
        reports = (shown.lead, *shown.also_in) if shown else ()
        return cls(
            **{name: getattr(story, name) for name in names},
            title=shown.lead.title if shown else "",
            url=shown.lead.url if shown else "",
            countries=list(shown.countries) if shown else [],
            article_ids=[report.article_id for report in reports],
        )


class StoryArrangement(Body):
    """What is to change of a story; fields that are left out stay."""

    pin: Literal["pin", "unpin", "up", "down"] | None = Field(
        None, description="Its place before the other stories of every digest that has it."
    )
    hidden: bool | None = Field(
        None, description="Whether it is kept out of all mails that are not sent yet."
    )


class Merge(Body):
    """The story to join with."""

    story: RowId


class RegionQuery(Query):
    """Which regions are asked for."""

    q: str = Field("", max_length=100, description="Part of a name, in any language.")
    lang: str = Field("en", max_length=10, pattern="^[A-Za-z_-]*$", description="Language of the names.")


class RegionOut(Answer):
    """A region that subscribers can choose."""

    slug: str
    name: str
    kind: Literal["world", "continent", "subregion", "group", "country"]
    parent: str | None
    countries: list[str]
    retired: bool = Field(description="Not offered any more; subscribers who have it keep it.")


class RegionList(Answer):
    """All regions that match, in the order of the tree or, for a search, best first."""

    data: list[RegionOut]
