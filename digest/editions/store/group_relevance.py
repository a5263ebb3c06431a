"""Queries for the stories that are about groups of countries, or about no country at all."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from itertools import pairwise

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from digest.articles.models import Article, ArticleGroup, Story
from digest.database import Tx
from digest.editions.pure.group_rules import COUNTRYLESS_WEIGHT, WORLD, has_group
from digest.editions.pure.selection import CountryRelevance

REPORT = aliased(Article)  # made once, because making the alias takes longer than the query


def load_groups(
    tx: Tx, conditions: Collection[ColumnElement[bool]], end: datetime
) -> dict[int, list[CountryRelevance]]:
    """By story id, the groups that it is about, each with the time since when it counts as news there."""
    known_since = func.coalesce(ArticleGroup.since, Article.seen_at, type_=Article.seen_at.type)
    query = (
        select(
            Story.id,
            ArticleGroup.region,
            func.count(),
            func.max(ArticleGroup.weight),
            func.min(known_since),
            Story.released_at,
        )
        .join(Article, Article.story_id == Story.id)
        .join(ArticleGroup, ArticleGroup.article_id == Article.id)
        .where(*conditions, known_since < end)
        .group_by(Story.id, ArticleGroup.region, Story.released_at)
    )
    rows = tx.execute(query).all()
    reports = _count_reports(tx, conditions, end) if rows else {}
    groups: defaultdict[int, list[CountryRelevance]] = defaultdict(list)
    for story_id, region, count, weight, since, released_at in rows:
        if has_group(count, reports.get(story_id, 1)):
            groups[story_id].append(CountryRelevance(region, weight, max(since, released_at or since)))
    return groups


def _count_reports(tx: Tx, conditions: Collection[ColumnElement[bool]], end: datetime) -> dict[int, int]:
    """By story id, how many of its reports are about anything."""
    counts = (
        select(Story.id, func.count())
        .join(Article, Article.story_id == Story.id)
        .where(*conditions, Article.seen_at < end, Article.groups.any() | Article.tags.any())
        .group_by(Story.id)
    )
    return {row[0]: row[1] for row in tx.execute(counts)}


def load_countryless(
    tx: Tx, conditions: Collection[ColumnElement[bool]], end: datetime
) -> dict[int, list[CountryRelevance]]:
    """By story id, the world: for stories of several sources that are about no country and no group.

    Such a story is the world's news since its second source reported it.
    """
    is_placed = (
        select(REPORT.id)
        .where(REPORT.story_id == Story.id, REPORT.tags.any() | REPORT.groups.any())
        .correlate(Story)
        .exists()
    )
    query = (
        select(Story.id, func.min(Article.seen_at), Story.released_at)
        .join(Article, Article.story_id == Story.id)
        .where(*conditions, Article.seen_at < end, ~is_placed)
        .group_by(Story.id, Article.source_id, Story.released_at)
        .order_by(Story.id, func.min(Article.seen_at))
    )
    countryless: dict[int, list[CountryRelevance]] = {}
    for (first_id, _, _), (story_id, seen_at, released_at) in pairwise(tx.execute(query)):
        if first_id == story_id and story_id not in countryless:
            since = max(seen_at, released_at or seen_at)
            countryless[story_id] = [CountryRelevance(WORLD, COUNTRYLESS_WEIGHT, since)]
    return countryless
