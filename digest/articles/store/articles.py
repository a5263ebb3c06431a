"""Queries over articles, their tags, and stories."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.orm import aliased, defer, joinedload, selectinload

from digest.articles.models import BY_SOURCE, Article, ArticleTag, Story
from digest.articles.pure.shown_story import ShownArticle, ShownStory, StoryContents, build_shown_story
from digest.articles.pure.story_countries import chosen_countries
from digest.articles.store import exclusions, group_tags
from digest.database import Tx, chunked, is_one_of, lock_for_transaction
from digest.errors import NewsroomText, NotFoundError
from digest.regions.pure.group_tags import GroupTag
from digest.regions.pure.tagger import Tag
from digest.sources.models import Source

LISTED_AT_INTERVAL = timedelta(days=1)  # how often `listed_at` is written; pruning needs it no more exact
# The story that a merged story is part of. Made once, because making the alias takes longer than the query.
MERGED_STORY = aliased(Story)
WITH_TAGS = (selectinload(Article.tags), selectinload(Article.groups))


class TaggedArticle(NamedTuple):
    """An article and the tags that it gets: countries, and groups of countries."""

    article: Article
    tags: Iterable[Tag]
    groups: Iterable[GroupTag] = ()
    exclusions: Iterable[int] = ()  # the exclusions that applied when it was tagged


class StoryVersion(NamedTuple):
    """The fields that show whether a copy of a story is up to date."""

    version: int
    hidden: bool
    shown_id: int  # of the story that is shown: of a merged one, the one that it is part of


def lock_ingest(tx: Tx) -> None:
    """Wait for the lock on writing articles and stories, and keep it until the transaction ends."""
    lock_for_transaction(tx, "intake")


def find_existing(tx: Tx, source_id: int, guids: Sequence[str], urls: Sequence[str]) -> Sequence[Article]:
    """The articles with one of these guids in this source, or one of these canonical addresses in any source."""
    articles: dict[int, Article] = {}
    for column, values in ((Article.guid, guids), (Article.url, urls)):
        in_source = (Article.source_id == source_id,) if column is Article.guid else ()
        for chunk in chunked(values):
            query = (
                select(Article).where(*in_source, is_one_of(tx, column, chunk)).options(defer(Article.text))
            )
            articles |= {article.id: article for article in tx.scalars(query)}
    return list(articles.values())


def by_published_at(tx: Tx, source_id: int, dates: Sequence[datetime]) -> Sequence[Article]:
    """The articles of a source that were published at exactly these moments."""
    articles: list[Article] = []
    for chunk in chunked(dates):
        query = select(Article).where(
            Article.source_id == source_id, is_one_of(tx, Article.published_at, chunk)
        )
        articles += tx.scalars(query.options(defer(Article.text)))
    return articles


def mark_listed(tx: Tx, articles: Iterable[Article], now: datetime) -> None:
    """Record that their source still lists these articles, at most once a day for each."""
    ids = [article.id for article in articles if now - article.listed_at >= LISTED_AT_INTERVAL]
    for chunk in chunked(ids):
        query = update(Article).where(is_one_of(tx, Article.id, chunk)).values(listed_at=now)
        tx.execute(query, execution_options={"synchronize_session": False})


def add(tx: Tx, articles: Sequence[TaggedArticle]) -> None:
    """Insert articles with their tags; their ids grow in this order."""
    tx.add_all(tagged.article for tagged in articles)
    tx.flush()
    _insert_tags(tx, articles, lambda _article_id, _country: None)
    group_tags.add_groups(tx, {tagged.article.id: tagged.groups for tagged in articles})
    exclusions.add_uses(tx, {tagged.article.id: tagged.exclusions for tagged in articles})


def set_tags(tx: Tx, articles: Sequence[TaggedArticle], now: datetime) -> None:
    """Replace the tags and groups of articles; copies of their stories are then out of date.

    For subscribers of a country that the article was not about before, it is news from `now` on.
    """
    old_since: dict[tuple[int, str], datetime | None] = {}
    for chunk in chunked(tagged.article.id for tagged in articles):
        query = delete(ArticleTag).where(is_one_of(tx, ArticleTag.article_id, chunk))
        rows = tx.execute(query.returning(ArticleTag.article_id, ArticleTag.country, ArticleTag.since))
        old_since |= {(row[0], row[1]): row[2] for row in rows}
    _insert_tags(tx, articles, lambda article_id, country: old_since.get((article_id, country), now))
    group_tags.set_groups(tx, {tagged.article.id: tagged.groups for tagged in articles}, now)
    exclusions.set_uses(tx, {tagged.article.id: tagged.exclusions for tagged in articles})
    increment_story_versions(tx, (tagged.article.story_id for tagged in articles))


def _insert_tags(
    tx: Tx, articles: Iterable[TaggedArticle], since_of: Callable[[int, str], datetime | None]
) -> None:
    rows = [
        {
            "article_id": tagged.article.id,
            "country": tag.country,
            "weight": tag.weight,
            "since": since_of(tagged.article.id, tag.country),
            "evidence": [{"where": e.where, "words": e.words, "kind": e.kind} for e in tag.evidence],
        }
        for tagged in articles
        for tag in tagged.tags
    ]
    if rows:
        tx.execute(insert(ArticleTag), rows)


def increment_story_versions(tx: Tx, story_ids: Iterable[int | None]) -> None:
    """Record that what a digest shows of these stories has changed."""
    for chunk in chunked(sorted({story_id for story_id in story_ids if story_id is not None})):
        tx.execute(update(Story).where(is_one_of(tx, Story.id, chunk)).values(version=Story.version + 1))


def current_stories(tx: Tx, story_ids: Iterable[int]) -> dict[int, ShownStory]:
    """What digests show of these stories, by id. A merged story is shown as the one that it is part of."""
    ids = sorted(set(story_ids))
    shown: dict[int, ShownStory] = {}
    targets = merge_targets(tx, ids)
    if targets:
        shown_targets = current_stories(tx, targets.values())
        shown |= {old: shown_targets[new] for old, new in targets.items() if new in shown_targets}
    for chunk in chunked(ids):
        articles, countries = _shown_articles(tx, chunk), _countries(tx, chunk)
        query = select(Story.id, Story.version, Story.first_seen_at, Story.hidden).where(
            is_one_of(tx, Story.id, chunk)
        )
        for story_id, version, first_seen_at, hidden in tx.execute(query):
            if story_id in articles:
                contents = StoryContents(tuple(articles[story_id]), countries.get(story_id, ()))
                shown[story_id] = build_shown_story(
                    story_id, version, first_seen_at, hidden=hidden, contents=contents
                )
    return shown


def _shown_articles(tx: Tx, story_ids: Sequence[int]) -> dict[int, list[ShownArticle]]:
    """The articles of each story, without their texts and the evidence of their tags.

    No digest shows those, and for thousands of articles they would fill the memory.
    """
    name = case((Source.title != "", Source.title), else_=Source.url)
    edited = Article.mail_headline != ""
    shown_title = case((edited, Article.mail_headline), else_=Article.title)
    reported_title = case((edited, Article.title), else_="")
    query = (
        select(
            Article.story_id, Article.id, Article.source_id, name, shown_title, Article.url, Article.excerpt,
            Article.published_at, Article.language, Article.image_url, Article.image_width, Article.image_height,
            Article.kind, Source.weight, reported_title,
        )
        .join(Source, Source.id == Article.source_id)
        .where(is_one_of(tx, Article.story_id, story_ids))
        .order_by(Article.id)
    )  # fmt: skip
    articles: defaultdict[int, list[ShownArticle]] = defaultdict(list)
    for story_id, *fields in tx.execute(query):
        articles[story_id].append(ShownArticle(*fields))
    return articles


def _countries(tx: Tx, story_ids: Sequence[int]) -> Mapping[int | None, tuple[str, ...]]:
    """The countries of each story, the strongest first: those of most of its articles."""
    query = (
        select(Article.story_id, ArticleTag.article_id, ArticleTag.country, ArticleTag.weight)
        .join(ArticleTag, ArticleTag.article_id == Article.id)
        .where(is_one_of(tx, Article.story_id, story_ids))
    )
    weights: defaultdict[int | None, dict[tuple[int, str], float]] = defaultdict(dict)
    for story_id, article_id, country, weight in tx.execute(query):
        weights[story_id][article_id, country] = weight
    return {story_id: tuple(chosen_countries(of_story)) for story_id, of_story in weights.items()}


def merge_targets(tx: Tx, story_ids: Iterable[int]) -> dict[int, int]:
    """By story id, the story that it was merged into; only for merged stories."""
    targets: dict[int, int] = {}
    for chunk in chunked(sorted(set(story_ids))):
        query = select(Story.id, Story.merged_into).where(
            is_one_of(tx, Story.id, chunk), Story.merged_into.is_not(None)
        )
        targets |= {old: new for old, new in tx.execute(query) if new is not None}
    return targets


def story_versions(tx: Tx, story_ids: Iterable[int]) -> dict[int, StoryVersion]:
    """By story id, what shows whether a copy of the story is up to date; for a merged story, its target's."""
    versions: dict[int, StoryVersion] = {}
    for chunk in chunked(sorted(set(story_ids))):
        query = (
            select(Story.id, MERGED_STORY.version, MERGED_STORY.hidden, MERGED_STORY.id)
            .join(MERGED_STORY, MERGED_STORY.id == func.coalesce(Story.merged_into, Story.id))
            .where(is_one_of(tx, Story.id, chunk))
        )
        versions |= {row[0]: StoryVersion(*row[1:]) for row in tx.execute(query)}
    return versions


def shown_sources(tx: Tx) -> frozenset[tuple[object, ...]]:
    """What stories show of the sources, and by which their leads are chosen."""
    return frozenset(map(tuple, tx.execute(select(Source.id, Source.title, Source.url, Source.weight))))


def by_id(tx: Tx, article_id: int) -> Article:
    """An article with its tags and story; raises NotFoundError."""
    article = tx.get(Article, article_id, options=[*WITH_TAGS, joinedload(Article.story)])
    if article is None:
        raise NotFoundError(NewsroomText("There is no article %(article_id)s.", article_id=article_id))
    return article


def set_hidden(tx: Tx, story_id: int, *, hidden: bool, now: datetime) -> None:
    """Take a story out of every digest not yet sent, or show it again, as news for all who have not received it."""
    changed = {"hidden": hidden, "version": Story.version + 1} | ({} if hidden else {"released_at": now})
    tx.execute(update(Story).where(Story.id == story_id).values(**changed))


def set_pinned(tx: Tx, story_id: int, rank: int) -> None:
    """Pin a story before all others of its section: the higher its rank, the nearer the top; 0 unpins it."""
    tx.execute(update(Story).where(Story.id == story_id).values(pinned=rank))


def count_since(tx: Tx, since: datetime) -> int:
    """How many articles were seen since `since`."""
    return tx.scalar(select(func.count()).where(Article.seen_at >= since)) or 0


def count_news(tx: Tx, source_id: int, since: datetime) -> int:
    """How many articles of a source were seen since `since` and are in a story."""
    of_source = (Article.source_id == source_id, Article.seen_at >= since)
    return tx.scalar(select(func.count()).where(*of_source, Article.story_id.is_not(None))) or 0


def count_of_source(tx: Tx, source_id: int) -> int:
    """How many articles of a source are stored."""
    return tx.scalar(select(func.count()).where(Article.source_id == source_id)) or 0


def count_by_source(tx: Tx, since: datetime) -> dict[int, int]:
    """By source id, how many articles were seen since `since`."""
    query = select(BY_SOURCE, func.count()).where(Article.seen_at >= since).group_by(BY_SOURCE)
    return {row[0]: row[1] for row in tx.execute(query)}
