"""Queries for what a digest may hold: stories with their countries, and what leads them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from digest.articles.models import Article, ArticleTag, Story
from digest.articles.pure.shown_story import ShownStory
from digest.articles.store import articles
from digest.database import Tx
from digest.editions.models import Digest
from digest.editions.pure.selection import STILL_NEWS, About, Candidate
from digest.editions.store.editions import sections_of
from digest.sources.models import Source

AT_ONCE = 500  # values in one IN (…)


@dataclass(frozen=True, slots=True)
class Stock:
    """The stories of some days, and what digests show of each."""

    candidates: Sequence[Candidate]
    shown: dict[int, ShownStory]


def stock(tx: Tx, start: datetime, end: datetime) -> Stock:
    """Stories that became news in [start, end): first seen then, let in again, or found to be about another country.

    Hidden ones are out, and so is what a story came to be about only later.
    """
    where = _news(start, end)
    countries = _countries(tx, where, end)
    shown = articles.shown_stories(tx, countries)
    trust: dict[int, float] = {row[0]: row[1] for row in tx.execute(select(Source.id, Source.weight))}
    rows = tx.execute(select(Story.id, Story.version, Story.first_seen_at, Story.pinned).where(*where))
    return Stock([_candidate(tuple(row), shown, countries, trust) for row in rows if row[0] in shown], shown)


def hidden(tx: Tx, start: datetime, end: datetime) -> Sequence[int]:
    """The stories first seen in [start, end) that an editor took out, newest first."""
    within = (Story.hidden.is_(True), Story.first_seen_at >= start, Story.first_seen_at < end)
    return tx.scalars(select(Story.id).where(*within).order_by(Story.first_seen_at.desc())).all()


def _candidate(
    row: tuple[Any, ...],
    shown: dict[int, ShownStory],
    countries: dict[int, list[About]],
    trust: dict[int, float],
) -> Candidate:
    key, version, first_seen_at, pinned = row
    story = shown[key]
    return Candidate(
        id=key,
        version=version,
        first_seen_at=first_seen_at,
        countries=tuple(countries[key]),
        source=story.lead.source_id,
        sources=1 + len(story.also_in),
        trust=trust.get(story.lead.source_id, 1.0),
        pinned=pinned,
    )


def _news(start: datetime, end: datetime) -> list[ColumnElement[bool]]:
    reported = select(Article.story_id).where(Article.seen_at >= start, Article.story_id.is_not(None))
    tagged = (
        select(Article.story_id)
        .join(ArticleTag, ArticleTag.article_id == Article.id)
        .where(ArticleTag.since >= start, Article.story_id.is_not(None))
    )
    become_news = or_(Story.released_at >= start, Story.id.in_(reported), Story.id.in_(tagged))
    return [
        Story.hidden.is_(False),
        Story.first_seen_at >= start - STILL_NEWS,
        Story.first_seen_at < end,
        or_(Story.released_at.is_(None), Story.released_at < end),
        or_(Story.first_seen_at >= start, become_news),
    ]


def _countries(tx: Tx, where: Collection[ColumnElement[bool]], end: datetime) -> dict[int, list[About]]:
    """What each story is about, and since when that is known or shown again."""
    known = func.coalesce(ArticleTag.since, Article.seen_at, type_=Article.seen_at.type)
    query = (
        select(Story.id, ArticleTag.country, func.max(ArticleTag.weight), func.min(known), Story.released_at)
        .join(Article, Article.story_id == Story.id)
        .join(ArticleTag, ArticleTag.article_id == Article.id)
        .where(*where, known < end)
        .group_by(Story.id, ArticleTag.country, Story.released_at)
    )
    found: defaultdict[int, list[About]] = defaultdict(list)
    for key, country, weight, since, released_at in tx.execute(query):
        found[key].append(About(country, weight, max(since, released_at or since)))
    return found


def stories_in(tx: Tx, digest_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """The stories of each of these digests, and those that they are part of now."""
    out: dict[int, frozenset[int]] = {}
    for first in range(0, len(digest_ids), AT_ONCE):
        query = select(Digest.id, Digest.sections).where(Digest.id.in_(digest_ids[first : first + AT_ONCE]))
        for key, sections in tx.execute(query):
            out[key] = frozenset(story for _, rows in sections_of(sections) for story, _ in rows)
    now = articles.merged(tx, frozenset().union(*out.values()))
    return {key: had | {now[story] for story in had & now.keys()} for key, had in out.items()} if now else out
