"""Scores stories by their reports in the database: who reported each, when, and its place in the sources' orders."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select

from digest.articles.models import Article, Story
from digest.articles.pure.headline_weight import headline_weight
from digest.articles.pure.voices import owner_key, voice_of
from digest.articles.states import ArticleKind
from digest.database import Tx
from digest.editions.pure.publishers_order import PublishedReport, follows_publishers, score_by_publishers
from digest.editions.pure.ranking import (
    RankedReport,
    RankingMoment,
    StoryFacts,
    StoryScore,
    score_story,
    source_standing,
    specialists,
)
from digest.editions.pure.selection import CountryRelevance
from digest.sources.models import Source
from digest.sources.states import SourceState

UNSCORED = StoryScore()


class RankedSource(NamedTuple):
    """A source as ranking sees it."""

    owner: str
    title: str
    home: str
    weight: float
    active: bool


class Moment(NamedTuple):
    """The end of the period whose stories are scored, and the usual time between two digests."""

    end: datetime
    window: timedelta


@dataclass(frozen=True, slots=True)
class StoryScores:
    """The points of stories, and what else ranking knows of them."""

    scores: Mapping[int, StoryScore]
    affairs: Mapping[int, int]  # by story id, the first story of its thread
    owners: Mapping[int, str]  # by source id
    # The points are the place in the order of the one or two publishers that there are.
    publishers_order: bool

    def of(self, story_id: int) -> StoryScore:
        """The points of a story; none for one without reports."""
        return self.scores.get(story_id, UNSCORED)


@dataclass(frozen=True, slots=True)
class _Reports:
    """The reports of stories, by story id, for ranking by news and for a publisher's own order."""

    ranked: Mapping[int, Sequence[RankedReport]]
    published: Sequence[PublishedReport]
    affairs: Mapping[int, int]


def score_stories(
    tx: Tx,
    conditions: Collection[ColumnElement[bool]],
    countries: Mapping[int, Sequence[CountryRelevance]],
    moment: Moment,
) -> StoryScores:
    """The points of the stories that meet the conditions, by their reports seen before the end of the period."""
    sources = _load_sources(tx)
    reports = _load_reports(tx, conditions, moment.end, sources)
    publishers_order = follows_publishers(source.owner for source in sources.values() if source.active)
    scores = (
        score_by_publishers(reports.published) if publishers_order else _score(reports, countries, moment)
    )
    owners = {source_id: source.owner for source_id, source in sources.items()}
    return StoryScores(scores, reports.affairs, owners, publishers_order)


def _load_sources(tx: Tx) -> dict[int, RankedSource]:
    query = select(Source.id, Source.url, Source.link, Source.title, Source.home, Source.weight, Source.state)
    return {
        source_id: RankedSource(
            owner_key(source_id, url, link), title, home, weight, state == SourceState.ACTIVE
        )
        for source_id, url, link, title, home, weight, state in tx.execute(query)
    }


def _load_reports(
    tx: Tx, conditions: Collection[ColumnElement[bool]], end: datetime, sources: Mapping[int, RankedSource]
) -> _Reports:
    query = (
        select(
            Story.id, func.coalesce(Story.thread_id, Story.id), Article.id, Article.source_id, Article.author,
            Article.excerpt, Article.published_at, Article.seen_at, Article.position, Article.kind, Article.title,
            Article.language,
        )
        .join(Article, Article.story_id == Story.id)
        .where(*conditions, Article.seen_at < end)
    )  # fmt: skip
    ranked: defaultdict[int, list[RankedReport]] = defaultdict(list)
    published: list[PublishedReport] = []
    affairs: dict[int, int] = {}
    for row in tx.execute(query):
        story_id, affair, article_id, source_id, author, excerpt, *report_fields, title, language = row
        published_at, seen_at, position, kind = report_fields
        affairs[story_id] = affair
        source = sources[source_id]
        voice = voice_of(source.owner, source.title, author=author, text=excerpt)
        weight = headline_weight(title, language)
        report = RankedReport(
            voice, published_at, seen_at, source.home, source.weight, position, ArticleKind(kind), weight
        )
        ranked[story_id].append(report)
        published.append(PublishedReport(story_id, article_id, source_id, published_at, position))
    return _Reports(ranked, published, affairs)


def _score(
    reports: _Reports, countries: Mapping[int, Sequence[CountryRelevance]], moment: Moment
) -> dict[int, StoryScore]:
    voices = {story_id: {report.voice for report in rows} for story_id, rows in reports.ranked.items()}
    by_affair: defaultdict[int, set[Hashable]] = defaultdict(set)
    for story_id, affair in reports.affairs.items():
        by_affair[affair] |= voices[story_id]
    trade = specialists((report.voice, report.kind) for rows in reports.ranked.values() for report in rows)
    ranking = RankingMoment(moment.end, moment.window, source_standing(voices.values()), trade)
    return {
        story_id: score_story(
            StoryFacts(
                rows,
                frozenset(relevance.country for relevance in countries.get(story_id, ())),
                len(by_affair[reports.affairs[story_id]] - voices[story_id]),
            ),
            ranking,
        )
        for story_id, rows in reports.ranked.items()
    }
