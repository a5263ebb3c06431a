"""Queries for the newsroom's desk: which stories an editor reviewed, and the articles that a correction changes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import selectinload

from digest.articles.models import Article, ArticleGroup, Story
from digest.database import Tx, chunked, is_one_of


def reviewed_stories(tx: Tx, story_ids: Iterable[int]) -> frozenset[int]:
    """Those of the stories that an editor reviewed."""
    reviewed: set[int] = set()
    for chunk in chunked(sorted(set(story_ids))):
        reviewed |= set(
            tx.scalars(select(Story.id).where(is_one_of(tx, Story.id, chunk), Story.reviewed_at.is_not(None)))
        )
    return frozenset(reviewed)


def mark_reviewed(tx: Tx, story_ids: Collection[int], now: datetime) -> frozenset[int]:
    """Mark stories as reviewed. Returns those that were not before."""
    marked: set[int] = set()
    for chunk in chunked(sorted(set(story_ids))):
        statement = update(Story).where(is_one_of(tx, Story.id, chunk), Story.reviewed_at.is_(None))
        marked |= set(tx.scalars(statement.values(reviewed_at=now).returning(Story.id)))
    return frozenset(marked)


def unmark_reviewed(tx: Tx, story_ids: Collection[int]) -> frozenset[int]:
    """Make stories unreviewed again. Returns those that were reviewed before."""
    marked: set[int] = set()
    for chunk in chunked(sorted(set(story_ids))):
        statement = update(Story).where(is_one_of(tx, Story.id, chunk), Story.reviewed_at.is_not(None))
        marked |= set(tx.scalars(statement.values(reviewed_at=None).returning(Story.id)))
    return frozenset(marked)


def headlines(tx: Tx, story_ids: Sequence[int]) -> Sequence[str]:
    """A headline of each of these stories that has articles, in their order: that of its first article."""
    first = select(func.min(Article.id)).where(is_one_of(tx, Article.story_id, story_ids))
    query = select(Article.story_id, Article.title).where(Article.id.in_(first.group_by(Article.story_id)))
    titles = {row[0]: row[1] for row in tx.execute(query)}
    return [titles[story_id] for story_id in story_ids if story_id in titles]


def articles_of_stories(tx: Tx, story_ids: Collection[int]) -> Sequence[Article]:
    """The articles of some stories with their tags, by id."""
    query = select(Article).where(is_one_of(tx, Article.story_id, story_ids)).order_by(Article.id)
    return tx.scalars(query.options(selectinload(Article.tags), selectinload(Article.groups))).all()


def articles_by_id(tx: Tx, article_ids: Collection[int]) -> Sequence[Article]:
    """These articles with their tags, by id; those that do not exist are missing."""
    query = select(Article).where(is_one_of(tx, Article.id, article_ids)).order_by(Article.id)
    return tx.scalars(query.options(selectinload(Article.tags), selectinload(Article.groups))).all()


def groups_by_article(tx: Tx, article_ids: Collection[int]) -> dict[int, list[str]]:
    """By article, the slugs of the groups of countries that it is about as a whole."""
    query = select(ArticleGroup.article_id, ArticleGroup.region).where(
        is_one_of(tx, ArticleGroup.article_id, article_ids)
    )
    groups: defaultdict[int, list[str]] = defaultdict(list)
    for article_id, region in tx.execute(query.order_by(ArticleGroup.weight.desc())):
        groups[article_id].append(region)
    return groups
