"""Queries for what ranks stories: who reported each, when, and where it stands in the sources' own orders."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from digest.articles.models import Article, Story
from digest.articles.pure.voices import owner_key, voice_of
from digest.database import Tx
from digest.editions.pure.publishers_order import PublishedReport
from digest.editions.pure.ranking import RankedReport
from digest.sources.models import Source
from digest.sources.states import SourceState


class RankedSource(NamedTuple):
    """A source as ranking sees it."""

    owner: str
    title: str
    home: str
    weight: float
    active: bool


class StoryReport(NamedTuple):
    """A report of a story, for ranking by news and for a publisher's own order."""

    story_id: int
    ranked: RankedReport
    published: PublishedReport


def load_sources(tx: Tx) -> dict[int, RankedSource]:
    """All sources by id."""
    query = select(Source.id, Source.url, Source.link, Source.title, Source.home, Source.weight, Source.state)
    return {
        source_id: RankedSource(
            owner_key(source_id, url, link), title, home, weight, state == SourceState.ACTIVE
        )
        for source_id, url, link, title, home, weight, state in tx.execute(query)
    }


def load_reports(
    tx: Tx,
    conditions: Collection[ColumnElement[bool]],
    end: datetime,
    sources: dict[int, RankedSource],
) -> dict[int, Sequence[StoryReport]]:
    """The reports seen before `end` of the stories that meet the conditions, by story id."""
    query = (
        select(
            Story.id, Article.id, Article.source_id, Article.author, Article.excerpt,
            Article.published_at, Article.seen_at, Article.position,
        )
        .join(Article, Article.story_id == Story.id)
        .where(*conditions, Article.seen_at < end)
    )  # fmt: skip
    reports: defaultdict[int, list[StoryReport]] = defaultdict(list)
    for story_id, article_id, source_id, author, excerpt, published_at, seen_at, position in tx.execute(
        query
    ):
        source = sources[source_id]
        voice = voice_of(source.owner, source.title, author=author, text=excerpt)
        ranked = RankedReport(voice, published_at, seen_at, source.home, source.weight, position)
        published = PublishedReport(story_id, article_id, source_id, published_at, position)
        reports[story_id].append(StoryReport(story_id, ranked, published))
    return dict(reports)
