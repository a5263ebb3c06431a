"""Queries over articles, their tags, and stories."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import joinedload, selectinload

from digest.articles.models import Article, ArticleTag, Story
from digest.articles.stories import Report, ShownStory, Told, shown
from digest.database import Tx
from digest.errors import NotFoundError
from digest.regions.tagging import Tag
from digest.sources.models import Source

PAGE = 50  # articles of a page in the admin
AT_ONCE = 500  # values in one IN (…): below every database's limit, above what a chunk needs


@dataclass(frozen=True, slots=True)
class NewStory:
    """What selection needs to know of a story."""

    id: int
    version: int
    first_seen_at: datetime
    countries: tuple[tuple[str, float], ...]
    sources: int


def known(tx: Tx, source_id: int, guids: Sequence[str], urls: Sequence[str]) -> Sequence[Article]:
    """Articles that a source's entries may be: same guid of the same source, or same canonical address of any."""
    found: dict[int, Article] = {}
    for start in range(0, len(guids), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        same = or_(
            (Article.source_id == source_id) & Article.guid.in_(guids[some]),
            Article.url.in_(urls[some]),
        )
        found |= {
            a.id: a for a in tx.scalars(select(Article).options(selectinload(Article.tags)).where(same))
        }
    return list(found.values())


def add(tx: Tx, article: Article, tags: Iterable[Tag]) -> None:
    """A new article with its tags."""
    article.tags = _rows(tags)
    tx.add(article)


def set_tags(tx: Tx, article: Article, tags: Iterable[Tag]) -> None:
    """Replace an article's tags; whatever shows its story is then out of date."""
    tx.execute(delete(ArticleTag).where(ArticleTag.article_id == article.id))
    tx.add_all(row for row in _rows(tags, article.id))
    touch_story(tx, article.story_id)


def _rows(tags: Iterable[Tag], article_id: int | None = None) -> list[ArticleTag]:
    given = {} if article_id is None else {"article_id": article_id}
    return [
        ArticleTag(
            country=tag.country,
            weight=tag.weight,
            evidence=[{"where": e.where, "words": e.words} for e in tag.evidence],
            **given,
        )
        for tag in tags
    ]


def touch_story(tx: Tx, story_id: int | None) -> None:
    """What a digest shows of this story has changed."""
    tx.execute(update(Story).where(Story.id == story_id).values(version=Story.version + 1))


def story_with_title(tx: Tx, key: str, since: datetime, *, not_of: int) -> Story | None:
    """The newest story first seen since a moment that has this headline, and no article of the source yet."""
    of_source = select(Article.story_id).where(Article.source_id == not_of, Article.story_id.is_not(None))
    query = select(Story).where(
        Story.title_key == key, Story.first_seen_at >= since, Story.id.not_in(of_source)
    )
    return tx.scalar(query.order_by(Story.id.desc()).limit(1))


def new_stories(tx: Tx, start: datetime, end: datetime) -> Sequence[NewStory]:
    """Stories first seen in [start, end) that are not hidden, with their countries; oldest first."""
    within = (Story.first_seen_at >= start, Story.first_seen_at < end, Story.hidden.is_(False))
    countries: defaultdict[int, list[tuple[str, float]]] = defaultdict(list)
    tags = (
        select(Story.id, ArticleTag.country, func.max(ArticleTag.weight))
        .join(Article, Article.story_id == Story.id)
        .join(ArticleTag, ArticleTag.article_id == Article.id)
        .where(*within)
        .group_by(Story.id, ArticleTag.country)
    )
    for story_id, country, weight in tx.execute(tags):
        countries[story_id].append((country, weight))
    stories = (
        select(Story.id, Story.version, Story.first_seen_at, func.count(Article.source_id.distinct()))
        .join(Article, Article.story_id == Story.id)
        .where(*within)
        .group_by(Story.id, Story.version, Story.first_seen_at)
        .order_by(Story.first_seen_at, Story.id)
    )
    return [NewStory(r[0], r[1], r[2], tuple(countries[r[0]]), r[3]) for r in tx.execute(stories)]


def shown_stories(tx: Tx, story_ids: Iterable[int]) -> dict[int, ShownStory]:
    """What digests show of these stories."""
    ids = sorted(set(story_ids))
    out: dict[int, ShownStory] = {}
    for start in range(0, len(ids), AT_ONCE):
        query = select(Story).where(Story.id.in_(ids[start : start + AT_ONCE]))
        stories = tx.scalars(query.options(selectinload(Story.articles).selectinload(Article.tags))).all()
        names = _source_names(tx, {a.source_id for s in stories for a in s.articles})
        for story in stories:
            if story.articles:
                out[story.id] = _shown(story, names)
    return out


def story_marks(tx: Tx, story_ids: Iterable[int]) -> dict[int, tuple[int, bool]]:
    """Version and whether hidden of each story: enough to know whether what one has of it is still true."""
    ids = sorted(set(story_ids))
    out: dict[int, tuple[int, bool]] = {}
    for start in range(0, len(ids), AT_ONCE):
        query = select(Story.id, Story.version, Story.hidden).where(
            Story.id.in_(ids[start : start + AT_ONCE])
        )
        out |= {row[0]: (row[1], row[2]) for row in tx.execute(query)}
    return out


def _source_names(tx: Tx, ids: Iterable[int]) -> dict[int, str]:
    rows = tx.execute(select(Source.id, Source.title, Source.url).where(Source.id.in_(list(ids))))
    return {row[0]: row[1] or row[2] for row in rows}


def _shown(story: Story, names: dict[int, str]) -> ShownStory:
    reports = tuple(
        Report(
            a.id,
            a.source_id,
            names.get(a.source_id, ""),
            a.title,
            a.url,
            a.excerpt,
            a.published_at,
            a.language,
        )
        for a in story.articles
    )
    weights: defaultdict[str, float] = defaultdict(float)
    for article in story.articles:
        for tag in article.tags:
            weights[tag.country] = max(weights[tag.country], tag.weight)
    countries = tuple(sorted(weights, key=lambda code: (-weights[code], code)))
    told = Told(reports, countries)
    return shown(story.id, story.version, story.first_seen_at, hidden=story.hidden, told=told)


@dataclass(frozen=True, slots=True)
class Filter:
    """What an editor looks for among the articles."""

    text: str = ""
    country: str = ""
    source_id: int | None = None
    untagged: bool = False


def latest(tx: Tx, wanted: Filter, *, page: int = 1) -> tuple[Sequence[Article], int]:
    """A page of articles, newest seen first, and how many there are in all."""
    query = select(Article)
    if wanted.text:
        query = query.where(Article.title.icontains(wanted.text, autoescape=True))
    if wanted.source_id is not None:
        query = query.where(Article.source_id == wanted.source_id)
    if wanted.country:
        query = query.where(Article.tags.any(ArticleTag.country == wanted.country.upper()))
    if wanted.untagged:
        query = query.where(~Article.tags.any())
    total = tx.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = query.options(selectinload(Article.tags), joinedload(Article.story)).order_by(
        Article.seen_at.desc(), Article.id.desc()
    )
    return tx.scalars(rows.limit(PAGE).offset((page - 1) * PAGE)).all(), total


def by_id(tx: Tx, article_id: int) -> Article:
    """An article with its tags and story; raises NotFoundError."""
    found = tx.get(Article, article_id, options=[selectinload(Article.tags), joinedload(Article.story)])
    if found is None:
        raise NotFoundError(f"There is no article {article_id}.")
    return found


def set_hidden(tx: Tx, story_id: int, *, hidden: bool) -> None:
    """Take a story out of every digest not yet composed, or let it in again."""
    tx.execute(update(Story).where(Story.id == story_id).values(hidden=hidden, version=Story.version + 1))


def count_since(tx: Tx, since: datetime) -> int:
    """How many articles were seen since a moment."""
    return tx.scalar(select(func.count()).where(Article.seen_at >= since)) or 0


def count_of_source(tx: Tx, source_id: int) -> int:
    """How many articles of a source we keep."""
    return tx.scalar(select(func.count()).where(Article.source_id == source_id)) or 0


def count_by_source(tx: Tx, since: datetime) -> dict[int, int]:
    """How many articles each source brought since a moment."""
    query = (
        select(Article.source_id, func.count()).where(Article.seen_at >= since).group_by(Article.source_id)
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def newest_about(
    tx: Tx, countries: Collection[str], *, since: datetime, limit: int
) -> Sequence[tuple[int, int]]:
    """Ids and versions of the stories about any of these countries that are not hidden, newest first."""
    about = Story.articles.any(Article.tags.any(ArticleTag.country.in_(sorted(countries))))
    query = select(Story.id, Story.version).where(
        Story.first_seen_at >= since, Story.hidden.is_(False), about
    )
    rows = tx.execute(query.order_by(Story.first_seen_at.desc(), Story.id.desc()).limit(limit))
    return [(row[0], row[1]) for row in rows]
