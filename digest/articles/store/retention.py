"""Queries that keep what a digest has, and delete what none has."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select, update

from digest.articles.models import Article, Story
from digest.database import Tx

AT_ONCE = 500  # values in one IN (…): below every database's limit, above what a chunk needs


def keep(tx: Tx, story_ids: Iterable[int]) -> None:
    """These stories are in a digest: they and their articles stay."""
    ids = sorted(set(story_ids))
    for start in range(0, len(ids), AT_ONCE):
        some = Story.id.in_(ids[start : start + AT_ONCE])
        tx.execute(update(Story).where(some, Story.kept.is_(False)).values(kept=True))


def prune_articles(tx: Tx, source_id: int, *, before: datetime, unlisted: datetime, limit: int) -> int:
    """Delete articles of a source seen and last listed before these moments that are in no digest."""
    kept = select(Story.id).where(Story.id == Article.story_id, Story.kept.is_(True)).exists()
    old = select(Article.id).where(
        Article.source_id == source_id, Article.seen_at < before, Article.listed_at < unlisted, ~kept
    )
    gone = delete(Article).where(Article.id.in_(old.limit(limit))).returning(Article.id)
    return len(tx.scalars(gone, execution_options={"synchronize_session": False}).all())


def prune_stories(tx: Tx, *, before: datetime, limit: int) -> int:
    """Delete stories first seen before a moment that no article and no digest has."""
    told = select(Article.id).where(Article.story_id == Story.id).exists()
    empty = select(Story.id).where(Story.first_seen_at < before, Story.kept.is_(False), ~told)
    gone = delete(Story).where(Story.id.in_(empty.limit(limit))).returning(Story.id)
    return len(tx.scalars(gone, execution_options={"synchronize_session": False}).all())
