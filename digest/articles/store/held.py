"""Queries over articles that are held for an editor, and those that an editor dropped."""

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import selectinload

from digest.articles.models import BY_SOURCE, Article
from digest.articles.states import HELD_STATES, ArticleState
from digest.database import Tx


def count_by_source(tx: Tx) -> dict[int, int]:
    """By source id, how many articles are held."""
    query = select(BY_SOURCE, func.count()).where(Article.state.in_(HELD_STATES)).group_by(BY_SOURCE)
    return {row[0]: row[1] for row in tx.execute(query)}


def pending_articles(tx: Tx, source_id: int) -> Sequence[Article]:
    """The held articles of a source, in the order in which they came."""
    query = select(Article).where(Article.state.in_(HELD_STATES), Article.source_id == source_id)
    return tx.scalars(query.options(selectinload(Article.tags)).order_by(Article.id)).all()


def drop_pending(tx: Tx, source_id: int) -> int:
    """Drop all held articles of a source. Returns how many."""
    query = update(Article).where(Article.state.in_(HELD_STATES), Article.source_id == source_id)
    return len(tx.scalars(query.values(state=ArticleState.DROPPED).returning(Article.id)).all())


def restore_dropped(tx: Tx, source_id: int) -> int:
    """Hold the dropped articles of a source again. Returns how many."""
    query = update(Article).where(Article.state == ArticleState.DROPPED, Article.source_id == source_id)
    return len(tx.scalars(query.values(state=ArticleState.FLOOD).returning(Article.id)).all())


def count_dropped(tx: Tx, source_id: int) -> int:
    """How many articles of a source were dropped."""
    query = select(func.count()).where(Article.state == ArticleState.DROPPED, Article.source_id == source_id)
    return tx.scalar(query) or 0
