"""The articles and stories of a day with what they are counted by, and the counts of days that are over."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, delete, func, select

from digest.articles.models import Article, ArticleGroup, ArticleTag, DailyNewsCount, Story
from digest.articles.states import CountedBy
from digest.database import Tx, insert_missing, is_one_of


class NewsCount(NamedTuple):
    """How many articles and stories there were."""

    articles: int = 0
    stories: int = 0


@dataclass(frozen=True, slots=True)
class NewsOfDay:
    """The articles, or the stories, of a time by their ids, with their sources and what they are about."""

    sources: Mapping[int, Collection[int]]  # each of them is here
    abouts: Mapping[int, Collection[str]]  # ISO 3166-1 codes of countries, and slugs of groups


def articles_of(tx: Tx, since: datetime, until: datetime) -> NewsOfDay:
    """The articles that were first seen in a time."""
    seen = (Article.seen_at >= since, Article.seen_at < until)
    return NewsOfDay(
        _collect(tx, select(Article.id, Article.source_id).where(*seen)),
        _collect(tx, *_abouts(Article.id, seen)),
    )


def stories_of(tx: Tx, since: datetime, until: datetime) -> NewsOfDay:
    """The stories that were first seen in a time, with what their articles are about now. Hidden ones are left out."""
    seen = (
        Article.story_id == Story.id,
        Story.first_seen_at >= since,
        Story.first_seen_at < until,
        Story.hidden.is_(False),
    )
    return NewsOfDay(
        _collect(tx, select(Story.id, Article.source_id).where(*seen).distinct()),
        _collect(tx, *_abouts(Story.id, seen)),
    )


def counted_days(tx: Tx, first: str) -> frozenset[str]:
    """The days from `first` on that were counted."""
    is_total = (DailyNewsCount.counted_by == CountedBy.REGION, DailyNewsCount.subject == "")
    return frozenset(tx.scalars(select(DailyNewsCount.day).where(*is_total, DailyNewsCount.day >= first)))


def save(tx: Tx, day: str, counts: Mapping[CountedBy, Mapping[str, NewsCount]]) -> None:
    """Save the counts of a day. A day that was counted already stays as it is."""
    rows = [
        {"day": day, "counted_by": by, "subject": subject, **count._asdict()}
        for by, of_subject in counts.items()
        for subject, count in of_subject.items()
    ]
    insert_missing(tx, DailyNewsCount, rows, keys=["day", "counted_by", "subject"])


def load(tx: Tx, regions: Collection[str], first: str) -> dict[CountedBy, dict[str, dict[str, NewsCount]]]:
    """The counts of these regions and of all sources by day, for the days from `first` on."""
    table = DailyNewsCount
    is_wanted = (table.counted_by == CountedBy.SOURCE) | (
        (table.counted_by == CountedBy.REGION) & is_one_of(tx, table.subject, regions)
    )
    query = select(table.counted_by, table.subject, table.day, table.articles, table.stories)
    counts: dict[CountedBy, dict[str, dict[str, NewsCount]]] = {by: {} for by in CountedBy}
    for by, subject, day, articles, stories in tx.execute(query.where(table.day >= first, is_wanted)):
        counts[by].setdefault(subject, {})[day] = NewsCount(articles, stories)
    return counts


def prune_day(tx: Tx, before: str) -> int:
    """Delete the counts of the oldest day if it is before a day. Returns how many rows."""
    oldest = tx.scalar(select(func.min(DailyNewsCount.day)).where(DailyNewsCount.day < before))
    deleted = delete(DailyNewsCount).where(DailyNewsCount.day == oldest).returning(DailyNewsCount.subject)
    return len(tx.scalars(deleted, execution_options={"synchronize_session": False}).all())


def _abouts(key: Any, seen: Sequence[ColumnElement[bool]]) -> Iterable["Select[Any, Any]"]:
    """Queries for the ids with a country, and for those with a group."""
    yield select(key, ArticleTag.country).where(ArticleTag.article_id == Article.id, *seen).distinct()
    yield select(key, ArticleGroup.region).where(ArticleGroup.article_id == Article.id, *seen).distinct()


def _collect(tx: Tx, *queries: "Select[Any, Any]") -> dict[int, set[Any]]:
    found: dict[int, set[Any]] = {}
    for query in queries:
        for key, value in tx.execute(query):
            found.setdefault(key, set()).add(value)
    return found
