"""Queries over stories and their articles, for assigning articles to stories and for moderation."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, func, or_, select, update

from digest.articles.models import Article, Story
from digest.database import Tx, chunked, is_one_of
from digest.errors import NewsroomText, NotFoundError


class PinnedStory(NamedTuple):
    """A pinned story with its rank: the higher, the nearer the top."""

    id: int
    rank: int


def stories_by_id(tx: Tx, story_ids: Iterable[int]) -> dict[int, Story]:
    """These stories by id."""
    stories: dict[int, Story] = {}
    for chunk in chunked(sorted(set(story_ids))):
        stories |= {
            story.id: story for story in tx.scalars(select(Story).where(is_one_of(tx, Story.id, chunk)))
        }
    return stories


def titles_of(tx: Tx, article_ids: Iterable[int]) -> dict[int, str]:
    """The headlines of these articles by id."""
    titles: dict[int, str] = {}
    for chunk in chunked(sorted(article_ids)):
        query = select(Article.id, Article.title).where(is_one_of(tx, Article.id, chunk))
        titles |= {row[0]: row[1] for row in tx.execute(query)}
    return titles


def story_by_id(tx: Tx, story_id: int) -> Story:
    """A story; raises NotFoundError."""
    story = tx.get(Story, story_id)
    if story is None:
        raise NotFoundError(
            NewsroomText(
                "There is no story %(story_id)s; it may have been joined with another.", story_id=story_id
            )
        )
    return story


def articles_of(tx: Tx, story_id: int) -> Sequence[Article]:
    """The articles of a story, in the order in which they came."""
    return tx.scalars(select(Article).where(Article.story_id == story_id).order_by(Article.id)).all()


def merge_into(tx: Tx, merged_id: int, target_id: int) -> None:
    """Make one story part of another: its articles, and the stories that were merged into it before."""
    tx.execute(update(Article).where(Article.story_id == merged_id).values(story_id=target_id))
    merged = or_(Story.id == merged_id, Story.merged_into == merged_id)
    tx.execute(update(Story).where(merged).values(merged_into=target_id))


def parts_of(tx: Tx, story_id: int) -> tuple[int, ...]:
    """The stories that were merged into one, by id."""
    return tuple(tx.scalars(select(Story.id).where(Story.merged_into == story_id).order_by(Story.id)))


def move_parts(tx: Tx, part_ids: Sequence[int], *, from_id: int, to_id: int) -> None:
    """Let stories that are part of one be part of another."""
    parts = and_(is_one_of(tx, Story.id, part_ids), Story.merged_into == from_id)
    tx.execute(update(Story).where(parts).values(merged_into=to_id))


def pinned_stories(tx: Tx, since: datetime) -> Sequence[PinnedStory]:
    """The pinned stories that were first seen since `since`, from the top down."""
    query = select(Story.id, Story.pinned).where(Story.pinned > 0, Story.first_seen_at >= since)
    rows = tx.execute(query.order_by(Story.pinned.desc(), Story.id))
    return [PinnedStory(row[0], row[1]) for row in rows]


def search_other_stories(
    tx: Tx, text: str, since: datetime, *, excluded_story_id: int, limit: int
) -> Sequence[Article]:
    """One article of each other story that has `text` in a headline, seen since `since`; newest first."""
    first_articles = (
        select(func.min(Article.id))
        .where(
            Article.title.icontains(text, autoescape=True),
            Article.seen_at >= since,
            Article.story_id.is_not(None),
            Article.story_id != excluded_story_id,
        )
        .group_by(Article.story_id)
    )
    query = select(Article).where(Article.id.in_(first_articles)).order_by(Article.id.desc())
    return tx.scalars(query.limit(limit)).all()
