"""Queries over threads: which chapters of its affair were sent before a story."""

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


class _SentStory(NamedTuple):
    id: int
    sent_at: datetime


def earlier_chapters(tx: Tx, story_ids: Iterable[int]) -> dict[int, tuple[Chapter, ...]]:
    """By story id, the chapters of its thread that were sent before the story was first seen, oldest first.

    Stories without any are missing. Hidden stories are no chapters.
    """
    threads: dict[int, tuple[int, datetime]] = {}
    for chunk in chunked(sorted(set(story_ids))):
        query = select(Story.id, Story.thread_id, Story.first_seen_at)
        rows = tx.execute(query.where(Story.id.in_(chunk), Story.thread_id.is_not(None)))
        threads |= {story_id: (thread_id, seen_at) for story_id, thread_id, seen_at in rows if thread_id}
    sent_stories = _load_sent(tx, {thread_id for thread_id, _ in threads.values()})
    earlier = {
        story_id: [one for one in sent_stories[thread_id] if one.id != story_id and one.sent_at <= seen_at]
        for story_id, (thread_id, seen_at) in threads.items()
    }
    newest = {
        story_id: chapters[-MAX_EARLIER_CHAPTERS:] for story_id, chapters in earlier.items() if chapters
    }
    shown = current_stories(tx, {one.id for chapters in newest.values() for one in chapters})
    return {
        story_id: tuple(
            Chapter(one.id, _headline_when_sent(shown[one.id], one.sent_at), one.sent_at)
            for one in chapters
            if one.id in shown
        )
        for story_id, chapters in newest.items()
    }


def _headline_when_sent(story: ShownStory, sent_at: datetime) -> str:
    """The headline that led a story when it was sent: reports that came later may lead it now."""
    articles = (story.lead, *story.also_in)
    known = [article for article in articles if article.published_at <= sent_at]
    return lead_order(known or articles)[0].title


def _load_sent(tx: Tx, thread_ids: Collection[int]) -> defaultdict[int, list[_SentStory]]:
    """By thread, its stories that were sent and are not hidden, in the order in which they were sent."""
    by_thread: defaultdict[int, list[_SentStory]] = defaultdict(list)
    for chunk in chunked(sorted(thread_ids)):
        query = select(Story.thread_id, Story.id, Story.sent_at).where(
            Story.thread_id.in_(chunk), Story.sent_at.is_not(None), Story.hidden.is_(False)
        )
        for thread_id, story_id, sent_at in tx.execute(query.order_by(Story.sent_at, Story.id)):
            if thread_id is not None and sent_at is not None:
                by_thread[thread_id].append(_SentStory(story_id, sent_at))
    return by_thread
