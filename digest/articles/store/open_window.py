"""Queries over the reports of the open window: what they say, and which stories they are in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, update

from digest.articles.models import Article, ArticleTag, Story
from digest.articles.states import ArticleKind
from digest.articles.store.stories import merge_into
from digest.database import Tx, chunked, is_one_of


class ReportRow(NamedTuple):
    """The fields of an article that decide which story it belongs to."""

    id: int
    source_id: int
    title: str
    text: str
    language: str
    published_at: datetime
    seen_at: datetime
    kind: ArticleKind


class PlacedReport(NamedTuple):
    """An article of the window, the story that it is in, and what holds the story together."""

    id: int
    seen_at: datetime
    story_id: int
    thread_id: int | None
    sent_at: datetime | None
    settled: bool
    hidden: bool
    pinned: int
    released_at: datetime | None


def reports_since(tx: Tx, since: datetime, known_ids: frozenset[int]) -> Sequence[ReportRow]:
    """The articles in stories, seen since `since`, that are not known yet; oldest first."""
    in_window = (Article.seen_at >= since, Article.story_id.is_not(None))
    ids = [id_ for id_ in tx.scalars(select(Article.id).where(*in_window)) if id_ not in known_ids]
    rows: list[ReportRow] = []
    for chunk in chunked(sorted(ids)):
        query = select(
            Article.id, Article.source_id, Article.title, Article.text, Article.language,
            Article.published_at, Article.seen_at, Article.kind,
        )  # fmt: skip
        rows += [
            ReportRow(*row)
            for row in tx.execute(query.where(is_one_of(tx, Article.id, chunk)).order_by(Article.id))
        ]
    return rows


def placed_reports(tx: Tx, since: datetime) -> Sequence[PlacedReport]:
    """The articles in stories, seen since `since`, with their stories."""
    query = (
        select(
            Article.id, Article.seen_at, Story.id, Story.thread_id, Story.sent_at, Story.settled, Story.hidden,
            Story.pinned, Story.released_at,
        )
        .join(Story, Story.id == Article.story_id)
        .where(Article.seen_at >= since)
        .order_by(Article.id)
    )  # fmt: skip
    return [PlacedReport(*row) for row in tx.execute(query)]


def countries_since(tx: Tx, since: datetime) -> Mapping[int, frozenset[str]]:
    """By article id, the countries that the articles seen since `since` are about."""
    query = (
        select(ArticleTag.article_id, ArticleTag.country)
        .join(Article, Article.id == ArticleTag.article_id)
        .where(Article.seen_at >= since, Article.story_id.is_not(None))
    )
    countries: defaultdict[int, set[str]] = defaultdict(set)
    for article_id, country in tx.execute(query):
        countries[article_id].add(country)
    return {article_id: frozenset(codes) for article_id, codes in countries.items()}


def move_articles(tx: Tx, story_id: int, article_ids: Iterable[int]) -> None:
    """Put articles into a story."""
    for chunk in chunked(sorted(article_ids)):
        query = update(Article).where(is_one_of(tx, Article.id, chunk)).values(story_id=story_id)
        tx.execute(query, execution_options={"synchronize_session": "fetch"})


def merge_emptied(tx: Tx, targets: Mapping[int, int]) -> None:
    """Make stories that have no articles left part of the story that took most of them, so that links stay valid."""
    for chunk in chunked(sorted(targets)):
        query = select(Article.story_id, func.count()).where(is_one_of(tx, Article.story_id, chunk))
        filled = {row[0] for row in tx.execute(query.group_by(Article.story_id))}
        for story_id in set(chunk) - filled:
            merge_into(tx, story_id, targets[story_id])
