"""Pages of articles and stories, newest first, for programs that read all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer

from digest.articles.models import Article, ArticleTag, Story
from digest.articles.states import ArticleKind, ArticleState
from digest.articles.store.articles import WITH_TAGS
from digest.database import Tx, page_after


@dataclass(frozen=True, slots=True)
class ArticleSelection:
    """Which articles are listed. Empty fields do not filter."""

    text: str = ""  # in the headline
    country: str = ""
    source_id: int | None = None
    story_id: int | None = None
    kind: ArticleKind | None = None
    state: ArticleState | None = None


def articles_before(
    tx: Tx, selection: ArticleSelection, *, before: int | None, limit: int
) -> Sequence[Article]:
    """The articles with smaller ids than `before`, newest first; one more than `limit` if there are more."""
    query = select(Article).options(*WITH_TAGS, defer(Article.text))
    if selection.text:
        query = query.where(Article.title.icontains(selection.text, autoescape=True))
    if selection.country:
        query = query.where(Article.tags.any(ArticleTag.country == selection.country.upper()))
    exact: dict[Any, Any] = {Article.source_id: selection.source_id, Article.story_id: selection.story_id}
    exact |= {Article.kind: selection.kind, Article.state: selection.state}
    query = query.where(*(column == value for column, value in exact.items() if value is not None))
    return page_after(tx, query, Article.id, after=before, limit=limit, newest_first=True)


def stories_before(tx: Tx, *, hidden: bool | None, before: int | None, limit: int) -> Sequence[Story]:
    """The stories with smaller ids than `before`, newest first; one more than `limit` if there are more."""
    query = select(Story)
    if hidden is not None:
        query = query.where(Story.hidden.is_(hidden))
    return page_after(tx, query, Story.id, after=before, limit=limit, newest_first=True)
