"""Queries over articles that wait for an editor, and those that were turned down."""

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import selectinload

from digest.articles.models import Article
from digest.database import Tx

WAITING = ("flood", "old")  # what `held` says of an article that an editor has not decided on


def counts(tx: Tx) -> dict[int, int]:
    """How many articles of each source wait for an editor."""
    query = select(Article.source_id, func.count()).where(Article.held.in_(WAITING))
    return {row[0]: row[1] for row in tx.execute(query.group_by(Article.source_id))}


def waiting(tx: Tx, source_id: int) -> Sequence[Article]:
    """The articles of a source that wait for an editor, in the order in which they came."""
    query = select(Article).where(Article.held.in_(WAITING), Article.source_id == source_id)
    return tx.scalars(query.options(selectinload(Article.tags)).order_by(Article.id)).all()


def drop(tx: Tx, source_id: int) -> int:
    """Turn down all that a source has waiting."""
    query = update(Article).where(Article.held.in_(WAITING), Article.source_id == source_id)
    return len(tx.scalars(query.values(held="dropped").returning(Article.id)).all())


def take_back(tx: Tx, source_id: int) -> int:
    """Let wait again what was turned down."""
    query = update(Article).where(Article.held == "dropped", Article.source_id == source_id)
    return len(tx.scalars(query.values(held="flood").returning(Article.id)).all())


def count_dropped(tx: Tx, source_id: int) -> int:
    """How many articles of a source were turned down."""
    return (
        tx.scalar(select(func.count()).where(Article.held == "dropped", Article.source_id == source_id)) or 0
    )
