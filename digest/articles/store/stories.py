"""Queries over the articles of stories that are still open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update

from digest.articles.models import Article, Story
from digest.database import Tx
from digest.errors import NotFoundError

AT_ONCE = 500  # values in one IN (…): below every database's limit, above what a chunk needs


@dataclass(frozen=True, slots=True)
class Told:
    """What of an article decides which story it is of."""

    id: int
    title: str
    text: str
    seen_at: datetime


def seen_since(tx: Tx, since: datetime) -> Sequence[Told]:
    """The articles of stories seen since a moment, with their texts, oldest first."""
    query = select(Article.id, Article.title, Article.text, Article.seen_at).order_by(Article.id)
    some = query.where(Article.seen_at >= since, Article.story_id.is_not(None))
    return [Told(*row) for row in tx.execute(some)]


def stories_of(tx: Tx, article_ids: Iterable[int]) -> set[int]:
    """The stories that these articles are in now."""
    ids = sorted(set(article_ids))
    found: set[int] = set()
    for start in range(0, len(ids), AT_ONCE):
        some = Article.id.in_(ids[start : start + AT_ONCE])
        found |= set(tx.scalars(select(Article.story_id).where(some, Article.story_id.is_not(None))))
    return {story for story in found if story is not None}


def stories_titled(tx: Tx, keys: Iterable[str], since: datetime) -> set[int]:
    """The stories first seen since a moment that began with one of these headlines."""
    wanted = sorted(set(keys) - {""})
    found: set[int] = set()
    for start in range(0, len(wanted), AT_ONCE):
        some = Story.title_key.in_(wanted[start : start + AT_ONCE])
        found |= set(tx.scalars(select(Story.id).where(some, Story.first_seen_at >= since)))
    return found


def told_of(tx: Tx, story_ids: Iterable[int], since: datetime) -> Sequence[tuple[int, int, int]]:
    """Articles (id, source, story) of those stories that were first seen since a moment: they take new ones."""
    ids = sorted(set(story_ids))
    found: list[tuple[int, int, int]] = []
    for start in range(0, len(ids), AT_ONCE):
        query = select(Article.id, Article.source_id, Story.id).join(Story, Story.id == Article.story_id)
        some = query.where(Story.id.in_(ids[start : start + AT_ONCE]), Story.first_seen_at >= since)
        found += [(row[0], row[1], row[2]) for row in tx.execute(some.order_by(Article.id))]
    return found


def stories(tx: Tx, story_ids: Iterable[int]) -> dict[int, Story]:
    """These stories by their ids."""
    return {
        story.id: story for story in tx.scalars(select(Story).where(Story.id.in_(sorted(set(story_ids)))))
    }


def story(tx: Tx, story_id: int) -> Story:
    """A story; raises NotFoundError."""
    found = tx.get(Story, story_id)
    if found is None:
        raise NotFoundError(f"There is no story {story_id}; it may have been joined with another.")
    return found


def articles_of(tx: Tx, story_id: int) -> Sequence[Article]:
    """A story's articles, in the order in which they came."""
    return tx.scalars(select(Article).where(Article.story_id == story_id).order_by(Article.id)).all()


def give(tx: Tx, given: int, kept: int) -> None:
    """Let one story be part of another: its articles, and the stories that were part of it before."""
    tx.execute(update(Article).where(Article.story_id == given).values(story_id=kept))
    part = or_(Story.id == given, Story.merged_into == given)
    tx.execute(update(Story).where(part).values(merged_into=kept))


def led_by(tx: Tx, words: str, since: datetime, *, not_story: int, limit: int) -> Sequence[Article]:
    """Of each other story seen since a moment with these words in a headline, that article; newest first."""
    first = (
        select(func.min(Article.id))
        .where(
            Article.title.icontains(words, autoescape=True),
            Article.seen_at >= since,
            Article.story_id.is_not(None),
            Article.story_id != not_story,
        )
        .group_by(Article.story_id)
    )
    query = select(Article).where(Article.id.in_(first)).order_by(Article.id.desc())
    return tx.scalars(query.limit(limit)).all()
