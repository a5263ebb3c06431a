"""Queries over stories and their articles, for assigning articles to stories and for moderation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, or_, select, update

from digest.articles.models import Article, Story
from digest.database import Tx, chunked
from digest.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class ArticleText:
    """The fields of an article that decide which story it belongs to."""

    id: int
    title: str
    text: str
    seen_at: datetime


class StoryArticle(NamedTuple):
    """An article with its source and its story."""

    id: int
    source_id: int
    story_id: int


class PinnedStory(NamedTuple):
    """A pinned story with its rank: the higher, the nearer the top."""

    id: int
    rank: int


def seen_since(tx: Tx, since: datetime) -> Sequence[ArticleText]:
    """Articles in stories, seen since `since`, with their texts, oldest first."""
    query = select(Article.id, Article.title, Article.text, Article.seen_at).order_by(Article.id)
    query = query.where(Article.seen_at >= since, Article.story_id.is_not(None))
    return [ArticleText(*row) for row in tx.execute(query)]


def story_ids_of(tx: Tx, article_ids: Iterable[int]) -> set[int]:
    """The stories that these articles are in now."""
    ids: set[int | None] = set()
    for chunk in chunked(sorted(set(article_ids))):
        query = select(Article.story_id).where(Article.id.in_(chunk), Article.story_id.is_not(None))
        ids |= set(tx.scalars(query))
    return {story_id for story_id in ids if story_id is not None}


def story_ids_by_title_key(tx: Tx, keys: Iterable[str], since: datetime) -> set[int]:
    """The stories whose first headline has one of these keys, first seen since `since`."""
    ids: set[int] = set()
    for chunk in chunked(sorted(set(keys) - {""})):
        query = select(Story.id).where(Story.title_key.in_(chunk), Story.first_seen_at >= since)
        ids |= set(tx.scalars(query))
    return ids


def open_story_articles(tx: Tx, story_ids: Iterable[int], since: datetime) -> Sequence[StoryArticle]:
    """The articles of these stories; not of stories first seen before `since`, which take no new articles."""
    articles: list[StoryArticle] = []
    for chunk in chunked(sorted(set(story_ids))):
        query = select(Article.id, Article.source_id, Story.id).join(Story, Story.id == Article.story_id)
        query = query.where(Story.id.in_(chunk), Story.first_seen_at >= since).order_by(Article.id)
        articles += [StoryArticle(*row) for row in tx.execute(query)]
    return articles


def stories_by_id(tx: Tx, story_ids: Iterable[int]) -> dict[int, Story]:
    """These stories by id."""
    stories: dict[int, Story] = {}
    for chunk in chunked(sorted(set(story_ids))):
        stories |= {story.id: story for story in tx.scalars(select(Story).where(Story.id.in_(chunk)))}
    return stories


def story_by_id(tx: Tx, story_id: int) -> Story:
    """A story; raises NotFoundError."""
    story = tx.get(Story, story_id)
    if story is None:
        raise NotFoundError(f"There is no story {story_id}; it may have been joined with another.")
    return story


def articles_of(tx: Tx, story_id: int) -> Sequence[Article]:
    """The articles of a story, in the order in which they came."""
    return tx.scalars(select(Article).where(Article.story_id == story_id).order_by(Article.id)).all()


def merge_into(tx: Tx, merged_id: int, target_id: int) -> None:
    """Make one story part of another: its articles, and the stories that were merged into it before."""
    tx.execute(update(Article).where(Article.story_id == merged_id).values(story_id=target_id))
    merged = or_(Story.id == merged_id, Story.merged_into == merged_id)
    tx.execute(update(Story).where(merged).values(merged_into=target_id))


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
