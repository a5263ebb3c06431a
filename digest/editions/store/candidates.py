"""Queries for the stories that digests may show."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select, union

from digest.articles.models import Article, ArticleGroup, ArticleTag, Story
from digest.articles.pure.headline_words import story_words
from digest.articles.pure.shown_story import ShownStory
from digest.articles.pure.story_countries import ReportTag, story_countries
from digest.articles.store import articles
from digest.database import Tx, chunked, is_one_of
from digest.editions.models import Digest, Edition
from digest.editions.pure.sections import story_ids
from digest.editions.pure.selection import MAX_NEWS_AGE, Candidate, CountryRelevance
from digest.editions.store import group_relevance, story_scores

MAX_LISTED_IDS = 5_000  # SQLite takes 32,766 values in a statement
LoadShown = Callable[[Tx, Iterable[int]], dict[int, ShownStory]]


@dataclass(frozen=True, slots=True)
class CandidateStories:
    """The stories of a period that digests may show, and what digests show of each."""

    candidates: Sequence[Candidate]
    shown: dict[int, ShownStory]
    publishers_order: bool = False  # digests follow the order of the one or two publishers that there are


@dataclass(frozen=True, slots=True)
class _News:
    """The stories that became news: a condition for queries, and their ids unless they are too many for a statement."""

    condition: ColumnElement[bool]
    ids: Sequence[int] | None


def load_candidates(
    tx: Tx,
    start: datetime,
    end: datetime,
    window: timedelta,
    load_shown: LoadShown = articles.current_stories,
) -> CandidateStories:
    """The stories that became news in [start, end): first seen, released by an editor, or tagged with a new country.

    A story about a group of countries has the group's slug among its countries; one about no country, which several
    sources report, has the world's. Hidden stories are left out. Reports, tags and releases after `end` do not make a
    story news. `window` is the usual time between two digests: what was reported in it counts as new when stories are
    ranked. `load_shown` reads what digests show of stories.
    """
    news = _find_news(tx, start, end)
    conditions = [news.condition]
    countries = _load_places(tx, news, end)
    shown = load_shown(tx, countries)
    scores = story_scores.score_stories(tx, conditions, countries, story_scores.Moment(end, window))
    query = select(Story.id, Story.version, Story.first_seen_at, Story.pinned).where(*conditions)
    candidates = [
        Candidate(
            id=story_id,
            version=version,
            first_seen_at=first_seen_at,
            countries=tuple(countries[story_id]),
            owner=scores.owners[story.lead.source_id],
            source_count=1 + len(story.also_in),
            score=scores.of(story_id),
            pinned=pinned,
            affair=scores.affairs.get(story_id, story_id),
            words=story_words(story.lead.source_title, [report.source_title for report in story.also_in]),
            kind=story.kind,
        )
        for story_id, version, first_seen_at, pinned in tx.execute(query)
        if (story := shown.get(story_id)) is not None
    ]
    return CandidateStories(candidates, shown, scores.publishers_order)


def has_digests(tx: Tx, slot: str) -> bool:
    """Whether the edition of a slot has digests already."""
    query = select(Digest.id).join(Edition, Edition.id == Digest.edition_id).where(Edition.slot == slot)
    return tx.scalar(query.limit(1)) is not None


def hidden_story_ids(tx: Tx, start: datetime, end: datetime) -> Sequence[int]:
    """The stories first seen in [start, end) that an editor hid, newest first."""
    conditions = (Story.hidden.is_(True), Story.first_seen_at >= start, Story.first_seen_at < end)
    return tx.scalars(select(Story.id).where(*conditions).order_by(Story.first_seen_at.desc())).all()


def _became_news(start: datetime, end: datetime) -> Select[int]:
    """The ids of the stories. Each part of the union has an index of its own to begin with."""
    is_shown = [
        Story.hidden.is_(False),
        Story.first_seen_at < end,
        or_(Story.released_at.is_(None), Story.released_at < end),
    ]
    earlier = [*is_shown, Story.first_seen_at >= start - MAX_NEWS_AGE, Story.first_seen_at < start]
    released = select(Story.id).where(Story.released_at >= start)
    reported = select(Article.story_id).where(Article.seen_at >= start, Article.story_id.is_not(None))
    tagged = (
        select(Article.story_id)
        .join(ArticleTag, ArticleTag.article_id == Article.id)
        .where(ArticleTag.since >= start, Article.story_id.is_not(None))
    )
    grouped = (
        select(Article.story_id)
        .join(ArticleGroup, ArticleGroup.article_id == Article.id)
        .where(ArticleGroup.since >= start, Article.story_id.is_not(None))
    )
    ids = union(
        select(Story.id).where(*is_shown, Story.first_seen_at >= start),
        select(Story.id).where(*earlier, Story.id.in_(union(released, reported, tagged, grouped))),
    ).subquery()
    return select(ids.c.id)


def _find_news(tx: Tx, start: datetime, end: datetime) -> _News:
    """The stories that became news.

    Each query would look through the stories of a week for them; with a list of their ids, only the first does.
    """
    ids = _became_news(start, end)
    listed = tx.scalars(ids.limit(MAX_LISTED_IDS + 1)).all()
    if len(listed) > MAX_LISTED_IDS:
        return _News(Story.id.in_(ids), None)
    return _News(is_one_of(tx, Story.id, listed), listed)


def _load_places(tx: Tx, news: _News, end: datetime) -> dict[int, list[CountryRelevance]]:
    """The countries and groups that each story is about; of one about none, which several sources report, the world."""
    places = _load_countries(tx, [news.condition], end)
    for story_id, groups in group_relevance.load_groups(tx, [news.condition], end).items():
        places[story_id].extend(groups)
    return places | _load_countryless(tx, news, places, end)


def _load_countryless(
    tx: Tx, news: _News, countries: Collection[int], end: datetime
) -> dict[int, list[CountryRelevance]]:
    """The stories about no country that several sources report. Asked about those not in `countries`, which are few."""
    if news.ids is None:
        return group_relevance.load_countryless(tx, [news.condition], end)
    placeless = [story_id for story_id in news.ids if story_id not in countries]
    if not placeless:
        return {}
    return group_relevance.load_countryless(tx, [is_one_of(tx, Story.id, placeless)], end)


def _load_countries(
    tx: Tx, conditions: Collection[ColumnElement[bool]], end: datetime
) -> defaultdict[int, list[CountryRelevance]]:
    """The countries that each story is about, each with the time since when it counts as news there."""
    known_since = func.coalesce(ArticleTag.since, Article.seen_at, type_=Article.seen_at.type)
    query = (
        select(
            Story.id,
            Article.id,
            ArticleTag.country,
            ArticleTag.weight,
            known_since,
            Story.released_at,
        )
        .join(Article, Article.story_id == Story.id)
        .join(ArticleTag, ArticleTag.article_id == Article.id)
        .where(*conditions, known_since < end)
    )
    tags: defaultdict[int, list[ReportTag]] = defaultdict(list)
    released: dict[int, datetime] = {}
    for story_id, article_id, country, weight, since, released_at in tx.execute(query):
        tags[story_id].append(ReportTag(article_id, country, weight, since))
        if released_at is not None:
            released[story_id] = released_at
    countries: defaultdict[int, list[CountryRelevance]] = defaultdict(list)
    for story_id, of_story in tags.items():
        for tag in story_countries(of_story):
            since = max(tag.since, released.get(story_id, tag.since))
            countries[story_id].append(CountryRelevance(tag.country, tag.weight, since))
    return countries


def story_ids_by_digest(tx: Tx, digest_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """The stories of each digest, with the stories that they have been merged into since."""
    by_digest: dict[int, frozenset[int]] = {}
    for chunk in chunked(digest_ids):
        for digest_id, sections in tx.execute(
            select(Digest.id, Digest.sections).where(is_one_of(tx, Digest.id, chunk))
        ):
            by_digest[digest_id] = story_ids(sections)
    targets = articles.merge_targets(tx, frozenset().union(*by_digest.values()))
    if not targets:
        return by_digest
    return {
        digest_id: ids | {targets[story_id] for story_id in ids & targets.keys()}
        for digest_id, ids in by_digest.items()
    }
