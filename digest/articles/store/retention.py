"""Queries that keep the articles of digests, and delete old articles of no digest."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select, update

from digest.articles.models import Article, Story
from digest.database import Tx, chunked


def mark_kept(tx: Tx, story_ids: Iterable[int], *, told_at: datetime | None = None) -> None:
    """Record that these stories are in a digest, so that they and their articles are never deleted.

    `told_at` is the cutoff of the digest's edition, which tells them; the first edition of a story counts. A test
    edition tells nobody, and has None.
    """
    for chunk in chunked(sorted(set(story_ids))):
        of_chunk = update(Story).where(Story.id.in_(chunk))
        tx.execute(of_chunk.where(Story.kept.is_(False)).values(kept=True))
        if told_at is not None:
            tx.execute(of_chunk.where(Story.told_at.is_(None)).values(told_at=told_at))


def unmark_told(tx: Tx, story_ids: Iterable[int], cutoff: datetime) -> None:
    """Take back that an edition with this cutoff tells these stories; stories of an earlier one stay told."""
    for chunk in chunked(sorted(set(story_ids))):
        query = update(Story).where(Story.id.in_(chunk), Story.told_at == cutoff)
        tx.execute(query.values(told_at=None))


def prune_articles(tx: Tx, source_id: int, *, before: datetime, unlisted_since: datetime, limit: int) -> int:
    """Delete articles of a source that are in no digest. Returns how many.

    They were seen before `before`, and their source last listed them before `unlisted_since`.
    """
    is_kept = select(Story.id).where(Story.id == Article.story_id, Story.kept.is_(True)).exists()
    old = select(Article.id).where(
        Article.source_id == source_id,
        Article.seen_at < before,
        Article.listed_at < unlisted_since,
        ~is_kept,
    )
    query = delete(Article).where(Article.id.in_(old.limit(limit))).returning(Article.id)
    return len(tx.scalars(query, execution_options={"synchronize_session": False}).all())


def prune_stories(tx: Tx, *, before: datetime, limit: int) -> int:
    """Delete stories without articles that were first seen before `before` and are in no digest. Returns how many."""
    has_article = select(Article.id).where(Article.story_id == Story.id).exists()
    empty = select(Story.id).where(Story.first_seen_at < before, Story.kept.is_(False), ~has_article)
    query = delete(Story).where(Story.id.in_(empty.limit(limit))).returning(Story.id)
    return len(tx.scalars(query, execution_options={"synchronize_session": False}).all())
