"""Queries over articles, their tags, and stories."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.orm import aliased, defer, joinedload, selectinload

from digest.articles.models import Article, ArticleTag, Story
from digest.articles.pure.shown_story import Report, ShownStory, Told, shown
from digest.database import Tx
from digest.errors import NotFoundError
from digest.regions.pure.tagger import Tag
from digest.sources.models import Source

PAGE = 50  # articles of a page in the admin
LISTED_EVERY = timedelta(days=1)
AT_ONCE = 500  # values in one IN (…): below every database's limit, above what a chunk needs
LATEST = aliased(Story)  # what a story is part of now; made once, as making it takes longer than asking


def known(tx: Tx, source_id: int, guids: Sequence[str], urls: Sequence[str]) -> Sequence[Article]:
    """Articles that a source's entries may be: same guid of the same source, or same canonical address of any."""
    found: dict[int, Article] = {}
    for same, values in (
        (Article.guid, guids),
        (Article.url, urls),
    ):
        whose = (Article.source_id == source_id,) if same is Article.guid else ()
        for start in range(0, len(values), AT_ONCE):
            query = select(Article).where(*whose, same.in_(values[start : start + AT_ONCE]))
            found |= {a.id: a for a in tx.scalars(query.options(defer(Article.text)))}
    return list(found.values())


def published_at(tx: Tx, source_id: int, dates: Sequence[datetime]) -> Sequence[Article]:
    """A source's articles that were published at just these moments."""
    found: list[Article] = []
    for start in range(0, len(dates), AT_ONCE):
        same = Article.published_at.in_(dates[start : start + AT_ONCE])
        query = select(Article).where(Article.source_id == source_id, same)
        found += tx.scalars(query.options(defer(Article.text)))
    return found


def still_listed(tx: Tx, articles: Iterable[Article], now: datetime) -> None:
    """Their source has them still. Written once a day: pruning needs it no closer."""
    ids = [article.id for article in articles if now - article.listed_at >= LISTED_EVERY]
    for start in range(0, len(ids), AT_ONCE):
        some = Article.id.in_(ids[start : start + AT_ONCE])
        tx.execute(
            update(Article).where(some).values(listed_at=now),
            execution_options={"synchronize_session": False},
        )


def add(tx: Tx, articles: Sequence[tuple[Article, Iterable[Tag]]]) -> None:
    """New articles with their tags; their ids come in this order."""
    tx.add_all(article for article, _ in articles)
    tx.flush()
    _insert_tags(tx, articles, lambda _article_id, _country: None)


def set_tags(tx: Tx, articles: Sequence[tuple[Article, Iterable[Tag]]], now: datetime) -> None:
    """Replace articles' tags; whatever shows their stories is then out of date.

    To readers of a country that was not among them it is news from now on.
    """
    ids = [article.id for article, _ in articles]
    since: dict[tuple[int, str], datetime | None] = {}
    for start in range(0, len(ids), AT_ONCE):
        gone = delete(ArticleTag).where(ArticleTag.article_id.in_(ids[start : start + AT_ONCE]))
        told = gone.returning(ArticleTag.article_id, ArticleTag.country, ArticleTag.since)
        since |= {(row[0], row[1]): row[2] for row in tx.execute(told)}
    _insert_tags(tx, articles, lambda article_id, country: since.get((article_id, country), now))
    touch_stories(tx, (article.story_id for article, _ in articles))


def _insert_tags(
    tx: Tx,
    articles: Iterable[tuple[Article, Iterable[Tag]]],
    since: Callable[[int, str], datetime | None],
) -> None:
    rows = [
        {
            "article_id": article.id,
            "country": tag.country,
            "weight": tag.weight,
            "since": since(article.id, tag.country),
            "evidence": [{"where": e.where, "words": e.words, "kind": e.kind} for e in tag.evidence],
        }
        for article, tags in articles
        for tag in tags
    ]
    if rows:
        tx.execute(insert(ArticleTag), rows)


def touch_stories(tx: Tx, story_ids: Iterable[int | None]) -> None:
    """What a digest shows of these stories has changed."""
    ids = sorted({story_id for story_id in story_ids if story_id is not None})
    for start in range(0, len(ids), AT_ONCE):
        some = Story.id.in_(ids[start : start + AT_ONCE])
        tx.execute(update(Story).where(some).values(version=Story.version + 1))


def shown_stories(tx: Tx, story_ids: Iterable[int]) -> dict[int, ShownStory]:
    """What digests show of these stories."""
    ids = sorted(set(story_ids))
    out: dict[int, ShownStory] = {}
    moved = merged(tx, ids)
    if moved:
        taken = shown_stories(tx, moved.values())
        out |= {old: taken[new] for old, new in moved.items() if new in taken}
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        reports, weights = _reports(tx, some), _weights(tx, some)
        query = select(Story.id, Story.version, Story.first_seen_at, Story.hidden).where(Story.id.in_(some))
        for key, version, first_seen_at, hidden in tx.execute(query):
            if key in reports:
                told = Told(tuple(reports[key]), _best_first(weights.get(key, {})))
                out[key] = shown(key, version, first_seen_at, hidden=hidden, told=told)
    return out


def _reports(tx: Tx, story_ids: Sequence[int]) -> dict[int, list[Report]]:
    """The articles of each story. No digest shows an article's whole text, nor the evidence of its tags: of thousands
    they would fill the memory."""
    name = case((Source.title != "", Source.title), else_=Source.url)
    query = (
        select(
            Article.story_id, Article.id, Article.source_id, name, Article.title, Article.url, Article.excerpt,
            Article.published_at, Article.language, Article.image_url, Article.image_width, Article.image_height,
        )
        .join(Source, Source.id == Article.source_id)
        .where(Article.story_id.in_(story_ids))
        .order_by(Article.id)
    )  # fmt: skip
    found: defaultdict[int, list[Report]] = defaultdict(list)
    for story, *fields in tx.execute(query):
        found[story].append(Report(*fields))
    return found


def _weights(tx: Tx, story_ids: Sequence[int]) -> Mapping[int | None, Mapping[str, float]]:
    """How strongly each story is about which countries, by the article that says so most."""
    query = (
        select(Article.story_id, ArticleTag.country, func.max(ArticleTag.weight))
        .join(ArticleTag, ArticleTag.article_id == Article.id)
        .where(Article.story_id.in_(story_ids))
        .group_by(Article.story_id, ArticleTag.country)
    )
    found: defaultdict[int | None, dict[str, float]] = defaultdict(dict)
    for row in tx.execute(query):
        found[row[0]][row[1]] = row[2]
    return found


def _best_first(weights: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(weights, key=lambda code: (-weights[code], code)))


def merged(tx: Tx, story_ids: Iterable[int]) -> dict[int, int]:
    """Those of these stories that were merged, and into which."""
    ids = sorted(set(story_ids))
    found: dict[int, int] = {}
    for start in range(0, len(ids), AT_ONCE):
        some = Story.id.in_(ids[start : start + AT_ONCE])
        query = select(Story.id, Story.merged_into).where(some, Story.merged_into.is_not(None))
        found |= {old: new for old, new in tx.execute(query) if new is not None}
    return found


def story_marks(tx: Tx, story_ids: Iterable[int]) -> dict[int, tuple[int, bool]]:
    """Version and whether hidden of each story: enough to know whether what one has of it is still true.

    Of a story that is part of another now, that other's.
    """
    ids = sorted(set(story_ids))
    out: dict[int, tuple[int, bool]] = {}
    for start in range(0, len(ids), AT_ONCE):
        query = (
            select(Story.id, LATEST.version, LATEST.hidden)
            .join(LATEST, LATEST.id == func.coalesce(Story.merged_into, Story.id))
            .where(Story.id.in_(ids[start : start + AT_ONCE]))
        )
        out |= {row[0]: (row[1], row[2]) for row in tx.execute(query)}
    return out


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


def retagged(tx: Tx) -> Iterator[tuple[Article, str]]:
    """The articles whose countries an editor chose, each with its source's home country; not all at once in memory."""
    query = (
        select(Article, Source.home)
        .join(Source, Source.id == Article.source_id)
        .options(selectinload(Article.tags))
        .where(Article.retagged)
        .order_by(Article.id)
    )
    for row in tx.execute(query.execution_options(yield_per=AT_ONCE)):
        yield row[0], row[1]


def set_hidden(tx: Tx, story_id: int, *, hidden: bool, now: datetime) -> None:
    """Take a story out of every digest not yet sent, or let it in again, as news to whoever had not got it."""
    changed = {"hidden": hidden, "version": Story.version + 1} | ({} if hidden else {"released_at": now})
    tx.execute(update(Story).where(Story.id == story_id).values(**changed))


def set_pinned(tx: Tx, story_id: int, rank: int) -> None:
    """Put a story before all others of its section: the higher its rank, the nearer the top; 0 lets it go."""
    tx.execute(update(Story).where(Story.id == story_id).values(pinned=rank))


def pinned(tx: Tx, since: datetime) -> Sequence[tuple[int, int]]:
    """The stories first seen since a moment that are pinned, with their ranks, from the top down."""
    query = select(Story.id, Story.pinned).where(Story.pinned > 0, Story.first_seen_at >= since)
    return [(row[0], row[1]) for row in tx.execute(query.order_by(Story.pinned.desc(), Story.id))]


def count_since(tx: Tx, since: datetime) -> int:
    """How many articles were seen since a moment."""
    return tx.scalar(select(func.count()).where(Article.seen_at >= since)) or 0


def count_fresh(tx: Tx, source_id: int, since: datetime) -> int:
    """How many articles of a source were seen since a moment and were news."""
    of_source = (Article.source_id == source_id, Article.seen_at >= since)
    return tx.scalar(select(func.count()).where(*of_source, Article.story_id.is_not(None))) or 0


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
