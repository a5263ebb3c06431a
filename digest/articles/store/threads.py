"""Queries over threads: which chapters of its affair were told before a story."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from digest.articles.models import Story
from digest.articles.pure.chapters import Chapter
from digest.articles.pure.shown_story import ShownStory, lead_order
from digest.articles.store.articles import current_stories
from digest.database import Tx, chunked

MAX_EARLIER_CHAPTERS = 20  # of a thread, the newest; an affair of months has hundreds


class _ToldStory(NamedTuple):
    id: int
    told_at: datetime


def earlier_chapters(tx: Tx, story_ids: Iterable[int]) -> dict[int, tuple[Chapter, ...]]:
    """By story id, the chapters of its thread that were told before the story was first seen, oldest first.

    Stories without any are missing. Hidden stories are no chapters.
    """
    threads: dict[int, tuple[int, datetime]] = {}
    for chunk in chunked(sorted(set(story_ids))):
        query = select(Story.id, Story.thread_id, Story.first_seen_at)
        rows = tx.execute(query.where(Story.id.in_(chunk), Story.thread_id.is_not(None)))
        threads |= {story_id: (thread_id, seen_at) for story_id, thread_id, seen_at in rows if thread_id}
    told_stories = _load_told(tx, {thread_id for thread_id, _ in threads.values()})
    earlier = {
        story_id: [one for one in told_stories[thread_id] if one.id != story_id and one.told_at <= seen_at]
        for story_id, (thread_id, seen_at) in threads.items()
    }
    newest = {
        story_id: chapters[-MAX_EARLIER_CHAPTERS:] for story_id, chapters in earlier.items() if chapters
    }
    shown = current_stories(tx, {one.id for chapters in newest.values() for one in chapters})
    return {
        story_id: tuple(
            Chapter(one.id, _told_headline(shown[one.id], one.told_at), one.told_at)
            for one in chapters
            if one.id in shown
        )
        for story_id, chapters in newest.items()
    }


def _told_headline(story: ShownStory, told_at: datetime) -> str:
    """The headline that led a story when it was told: reports that came later may lead it now."""
    articles = (story.lead, *story.also_in)
    known = [article for article in articles if article.published_at <= told_at]
    return lead_order(known or articles)[0].title


def _load_told(tx: Tx, thread_ids: Collection[int]) -> defaultdict[int, list[_ToldStory]]:
    """By thread, its stories that were told and are not hidden, in the order in which they were told."""
    by_thread: defaultdict[int, list[_ToldStory]] = defaultdict(list)
    for chunk in chunked(sorted(thread_ids)):
        query = select(Story.thread_id, Story.id, Story.told_at).where(
            Story.thread_id.in_(chunk), Story.told_at.is_not(None), Story.hidden.is_(False)
        )
        for thread_id, story_id, told_at in tx.execute(query.order_by(Story.told_at, Story.id)):
            if thread_id is not None and told_at is not None:
                by_thread[thread_id].append(_ToldStory(story_id, told_at))
    return by_thread
