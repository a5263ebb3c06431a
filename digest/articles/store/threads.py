"""Queries over threads: which chapters of its affair were sent before a story."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select

from digest.articles.models import Article, Story
from digest.articles.pure.chapters import Chapter
from digest.articles.store.articles import merge_targets
from digest.database import Tx, chunked, is_one_of

MAX_EARLIER_CHAPTERS = 20  # of a thread, the newest; an affair of months has hundreds


def earlier_chapters(tx: Tx, story_ids: Iterable[int]) -> dict[int, tuple[Chapter, ...]]:
    """By story id, the chapters of its thread that were sent before the story was first seen, oldest first.

    Stories without any are missing. Hidden stories are no chapters.
    """
    threads: dict[int, tuple[int, datetime]] = {}
    for chunk in chunked(sorted(set(story_ids))):
        query = select(Story.id, Story.thread_id, Story.first_seen_at)
        rows = tx.execute(query.where(is_one_of(tx, Story.id, chunk), Story.thread_id.is_not(None)))
        threads |= {story_id: (thread_id, seen_at) for story_id, thread_id, seen_at in rows if thread_id}
    chapters = _load_chapters(tx, {thread_id for thread_id, _ in threads.values()})
    earlier = {
        story_id: [one for one in chapters[thread_id] if one.story_id != story_id and one.sent_at <= seen_at]
        for story_id, (thread_id, seen_at) in threads.items()
    }
    newest = {story_id: found[-MAX_EARLIER_CHAPTERS:] for story_id, found in earlier.items() if found}
    with_articles = _with_articles(tx, {one.story_id for found in newest.values() for one in found})
    return {
        story_id: tuple(one for one in found if one.story_id in with_articles)
        for story_id, found in newest.items()
    }


def _with_articles(tx: Tx, story_ids: Collection[int]) -> frozenset[int]:
    """Those of the stories that have articles; a merged story has those of the one that it is part of."""
    targets = merge_targets(tx, story_ids)
    current = {targets.get(story_id, story_id) for story_id in story_ids}
    filled: set[int | None] = set()
    for chunk in chunked(sorted(current)):
        filled |= set(
            tx.scalars(select(Article.story_id).where(is_one_of(tx, Article.story_id, chunk)).distinct())
        )
    return frozenset(story_id for story_id in story_ids if targets.get(story_id, story_id) in filled)


def _load_chapters(tx: Tx, thread_ids: Collection[int]) -> defaultdict[int, list[Chapter]]:
    """By thread, its stories that were sent and are not hidden, in the order in which they were sent."""
    by_thread: defaultdict[int, list[Chapter]] = defaultdict(list)
    for chunk in chunked(sorted(thread_ids)):
        query = select(Story.thread_id, Story.id, Story.sent_at).where(
            is_one_of(tx, Story.thread_id, chunk), Story.sent_at.is_not(None), Story.hidden.is_(False)
        )
        for thread_id, story_id, sent_at in tx.execute(query.order_by(Story.sent_at, Story.id)):
            if thread_id is not None and sent_at is not None:
                by_thread[thread_id].append(Chapter(story_id, sent_at))
    return by_thread
