"""Queries over the articles that have excluded words, and those that may have them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, func, insert, select

from digest.articles.models import BY_ID, Article, ArticleTag, ArticleToTag, ExclusionUse, Story
from digest.database import Tx, chunked, insert_missing, is_one_of


class ExclusionUses(NamedTuple):
    """In how many stored articles an exclusion applied, and when the newest of them was seen."""

    articles: int
    last_seen_at: datetime


class OpenArticle(NamedTuple):
    """An article that no digest has had yet; it may be held, and then has no story."""

    id: int
    title: str
    text: str


def add_uses(tx: Tx, ids_by_article: Mapping[int, Iterable[int]]) -> None:
    """Record which exclusions applied to articles."""
    rows = [
        {"article_id": article_id, "exclusion_id": exclusion_id}
        for article_id, ids in ids_by_article.items()
        for exclusion_id in ids
    ]
    if rows:
        tx.execute(insert(ExclusionUse), rows)


def set_uses(tx: Tx, ids_by_article: Mapping[int, Iterable[int]]) -> None:
    """Replace which exclusions applied to articles."""
    for chunk in chunked(sorted(ids_by_article)):
        tx.execute(delete(ExclusionUse).where(is_one_of(tx, ExclusionUse.article_id, chunk)))
    add_uses(tx, ids_by_article)


def uses(tx: Tx, exclusion_ids: Sequence[int]) -> dict[int, ExclusionUses]:
    """By exclusion, its uses; those without any are missing."""
    query = (
        select(ExclusionUse.exclusion_id, func.count(), func.max(ExclusionUse.article_id))
        .where(ExclusionUse.exclusion_id.in_(exclusion_ids))
        .group_by(ExclusionUse.exclusion_id)
    )
    found = {row[0]: (row[1], row[2]) for row in tx.execute(query)}
    newest = [article_id for _, article_id in found.values()]
    dates = select(Article.id, Article.seen_at).where(Article.id.in_(newest))
    seen_at = {row[0]: row[1] for row in tx.execute(dates)}
    return {one: ExclusionUses(count, seen_at[newest]) for one, (count, newest) in found.items()}


def open_articles(
    tx: Tx, country: str, source_id: int | None, since: datetime, *, below: int, limit: int
) -> Sequence[OpenArticle]:
    """Articles seen since `since` that are about a country and that no digest has had, the newest first.

    Those whose countries an editor chose are left out. `below` bounds the ids.
    """
    ids = tx.scalars(_about(country, source_id, since, below).order_by(BY_ID.desc()).limit(limit)).all()
    query = select(Article.id, Article.title, Article.text).where(is_one_of(tx, Article.id, ids))
    return [OpenArticle(*row) for row in tx.execute(query.order_by(Article.id.desc()))]


def count_open(tx: Tx, country: str, source_id: int | None, since: datetime, *, below: int) -> int:
    """How many articles `open_articles` has."""
    found = _about(country, source_id, since, below).subquery()
    return tx.scalar(select(func.count()).select_from(found)) or 0


def open_uses(tx: Tx, exclusion_id: int, since: datetime) -> Sequence[int]:
    """The articles to which an exclusion applied, seen since `since`, that no digest has had."""
    query = (
        select(Article.id)
        .join(ExclusionUse, ExclusionUse.article_id == Article.id)
        .outerjoin(Story, Story.id == Article.story_id)
        .where(ExclusionUse.exclusion_id == exclusion_id, *_is_open(since))
    )
    return tx.scalars(query).all()


def let_wait(tx: Tx, article_ids: Iterable[int]) -> None:
    """Record that articles have to be tagged again."""
    rows = [{"article_id": article_id} for article_id in sorted(article_ids)]
    insert_missing(tx, ArticleToTag, rows, keys=["article_id"])


def take_waiting(tx: Tx, limit: int) -> Sequence[int]:
    """The newest articles that have to be tagged again. The caller tags them, in the same transaction."""
    newest = select(ArticleToTag.article_id).order_by(ArticleToTag.article_id.desc()).limit(limit)
    ids = tx.scalars(newest).all()
    tx.execute(delete(ArticleToTag).where(is_one_of(tx, ArticleToTag.article_id, ids)))
    return ids


def count_waiting(tx: Tx) -> int:
    """How many articles have to be tagged again because exclusions were removed."""
    return tx.scalar(select(func.count()).select_from(ArticleToTag)) or 0


def _about(country: str, source_id: int | None, since: datetime, below: int) -> Select[int]:
    query = (
        select(Article.id)
        .join(ArticleTag, ArticleTag.article_id == Article.id)
        .outerjoin(Story, Story.id == Article.story_id)
        .where(ArticleTag.country == country, below > BY_ID, *_is_open(since))
    )
    return query if source_id is None else query.where(Article.source_id == source_id)


def _is_open(since: datetime) -> tuple[Any, ...]:
    return Article.seen_at >= since, Article.retagged.is_(False), Story.sent_at.is_(None)
