"""Queries that keep the articles of digests, and delete old articles of no digest."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from digest.articles.models import Article, Story
from digest.database import Tx, chunked, is_one_of

# `shown_at` is written once a day, because a story is in many editions of a day.
SHOWN_AT_TOLERANCE = timedelta(days=1)


def mark_kept(tx: Tx, story_ids: Iterable[int], *, sent_at: datetime | None = None) -> None:
    """Record that these stories are in a digest, so that they and their articles are kept as long as the digest.

    `sent_at` is the cutoff of the digest's edition; the first edition of a story counts. Test editions
    reach no reader, and have None.
    """
    for chunk in chunked(sorted(set(story_ids))):
        of_chunk = update(Story).where(is_one_of(tx, Story.id, chunk))
        tx.execute(of_chunk.where(Story.kept.is_(False)).values(kept=True))
        if sent_at is not None:
            tx.execute(of_chunk.where(Story.sent_at.is_(None)).values(sent_at=sent_at))


def mark_shown(tx: Tx, story_ids: Iterable[int], cutoff: datetime) -> None:
    """Record that an edition with this cutoff has these stories. It is stored to within SHOWN_AT_TOLERANCE."""
    for chunk in chunked(sorted(set(story_ids))):
        outdated = or_(Story.shown_at.is_(None), Story.shown_at < cutoff - SHOWN_AT_TOLERANCE)
        tx.execute(update(Story).where(is_one_of(tx, Story.id, chunk), outdated).values(shown_at=cutoff))


def date_undated(tx: Tx, now: datetime, limit: int) -> int:
    """Count kept stories of which it is not known when they were last in an edition as shown now. Returns how many."""
    undated = select(Story.id).where(Story.kept, Story.shown_at.is_(None)).limit(limit)
    query = update(Story).where(Story.id.in_(undated)).values(shown_at=now).returning(Story.id)
    return len(tx.scalars(query, execution_options={"synchronize_session": False}).all())


def release(tx: Tx, before: datetime, limit: int) -> int:
    """Let stories be deleted whose last edition was closed before `before`, which has no digests any more."""
    last_shown = select(Story.id).where(Story.kept, Story.shown_at < before - SHOWN_AT_TOLERANCE)
    query = update(Story).where(Story.id.in_(last_shown.limit(limit))).values(kept=False).returning(Story.id)
    return len(tx.scalars(query, execution_options={"synchronize_session": False}).all())


def unmark_sent(tx: Tx, story_ids: Iterable[int], cutoff: datetime) -> None:
    """Take back that an edition with this cutoff sent these stories; stories of an earlier one stay sent."""
    for chunk in chunked(sorted(set(story_ids))):
        query = update(Story).where(is_one_of(tx, Story.id, chunk), Story.sent_at == cutoff)
        tx.execute(query.values(sent_at=None))


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
