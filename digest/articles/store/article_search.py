"""The search for articles in the newsroom: words of title and text, filters, and pages by key.

`articles/models.py` says how each database indexes the words. A page is found by the key that the page before it ended
with, so that the thousandth page costs as much as the first.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
    tuple_,
)
from sqlalchemy.orm import joinedload

from digest.articles.models import WORDS_EXPRESSION, Article, ArticleGroup, ArticleTag
from digest.articles.pure.search_words import fts5_query, search_words, tsquery
from digest.articles.states import ArticleKind
from digest.articles.store.articles import WITH_TAGS
from digest.database import Tx, is_one_of
from digest.list_pages import ListPage, make_page

PAGE_SIZE = 50  # articles of a page
MAX_COUNTED = 10_000  # more matches are not counted for a page: it would read the whole table
NEAREST = 2_000  # articles among which those of a page with a frequent word are looked for first
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """What an editor looks for among the articles. Empty fields do not filter."""

    text: str = ""  # words of the headline and the text
    place: str = ""  # ISO code of a country in capitals, or slug of a group
    source_id: int | None = None
    untagged: bool = False
    kind: ArticleKind | None = None
    language: str = ""
    seen_since: datetime | None = None
    seen_before: datetime | None = None


def page(tx: Tx, chosen: ArticleFilter, *, after: str = "", before: str = "") -> ListPage[Article]:
    """The page of older articles after a key, or of newer ones before it; the newest seen without a key."""
    where, backwards = _conditions(chosen), bool(before)
    if key := _parse_key(before or after):
        where.append(_beside(key, newer=backwards))
    order = (Article.seen_at, Article.id) if backwards else (Article.seen_at.desc(), Article.id.desc())
    if words := search_words(chosen.text):
        nearest = select(Article.id).where(*where).order_by(*order).limit(NEAREST)
        where.append(_has_words(tx, words, nearest))
    query = select(Article).options(*WITH_TAGS, joinedload(Article.story)).where(*where)
    found = tx.scalars(query.order_by(*order).limit(PAGE_SIZE + 1)).all()
    return make_page(found, PAGE_SIZE, _key, backwards=backwards, is_first=key is None)


def count(tx: Tx, chosen: ArticleFilter) -> int:
    """How many articles match; MAX_COUNTED + 1 if there are more than that."""
    where, words = _conditions(chosen), search_words(chosen.text)
    if words and not where and _is_sqlite(tx):
        return _count_up_to(tx, _matches(words))
    if not words:
        return _count_up_to(tx, select(Article.id).where(*where))
    matching = select(Article.id).where(*where, _has_words(tx, words))
    if _is_sqlite(tx):
        return _count_up_to(tx, matching)
    with _by_index(tx):
        return _count_up_to(tx, matching)


def _count_up_to(tx: Tx, matching: Select[Any]) -> int:
    """How many rows match; MAX_COUNTED + 1 if there are more than that."""
    return tx.scalar(select(func.count()).select_from(matching.limit(MAX_COUNTED + 1).subquery())) or 0


def languages(tx: Tx) -> list[str]:
    """The languages of articles. An index makes each of them one step."""
    found: list[str] = []
    while (language := tx.scalar(_next_language(found[-1] if found else None))) is not None:
        found.append(language)
    return [language for language in found if language]


def _next_language(last: str | None) -> Select[Any]:
    after = (Article.language > last,) if last is not None else ()
    return select(func.min(Article.language)).where(*after)


def _conditions(chosen: ArticleFilter) -> list[ColumnElement[bool]]:
    """All conditions but the words."""
    where: list[ColumnElement[bool]] = []
    if chosen.source_id is not None:
        where.append(Article.source_id == chosen.source_id)
    if chosen.kind is not None:
        where.append(Article.kind == chosen.kind)
    if chosen.language:
        where.append(Article.language == chosen.language)
    if chosen.seen_since is not None:
        where.append(Article.seen_at >= chosen.seen_since)
    if chosen.seen_before is not None:
        where.append(Article.seen_at < chosen.seen_before)
    return [*where, *_tag_conditions(chosen)]


def _tag_conditions(chosen: ArticleFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if chosen.place.isupper():
        where.append(Article.tags.any(ArticleTag.country == chosen.place))
    elif chosen.place:
        where.append(Article.groups.any(ArticleGroup.region == chosen.place))
    if chosen.untagged:
        where += [~Article.tags.any(), ~Article.groups.any()]
    return where


def _has_words(tx: Tx, words: Sequence[str], nearest: Select[int] | None = None) -> ColumnElement[bool]:
    """The condition that an article has these words. For a page, `nearest` are the first articles of its list."""
    if not _is_sqlite(tx):
        return _has_words_in_postgresql(tx, words)
    # Few matches are looked up one by one. Of many, SQLite shall read the newest articles and see which match; the
    # plus keeps it from the lookups (https://sqlite.org/optoverview.html).
    found = _matches(words)
    if _count_up_to(tx, found) <= MAX_COUNTED:
        return Article.id.in_(found)
    first = _first_with_words(tx, words, nearest) if nearest is not None else ()
    return Article.id.in_(first) if first else literal_column("+articles.id", Integer()).in_(found)


def _has_words_in_postgresql(tx: Tx, words: Sequence[str]) -> ColumnElement[bool]:
    """The condition that an article has these words.

    Few matches are found by their index first. For two frequent words that are rarely in one article, PostgreSQL would
    expect many, and make the words of article after article anew until it has a page of them.
    """
    query = func.to_tsquery("simple", tsquery(words))
    has_words: ColumnElement[bool] = literal_column(WORDS_EXPRESSION).op("@@")(query)
    with _by_index(tx):
        ids = tx.scalars(select(Article.id).where(has_words).limit(MAX_COUNTED + 1)).all()
    return is_one_of(tx, Article.id, ids) if len(ids) <= MAX_COUNTED else has_words


@contextmanager
def _by_index(tx: Tx) -> Iterator[None]:
    """Let PostgreSQL use the index of words. It takes making the words of an article anew for cheap: 0.3 ms each."""
    tx.execute(text("set local enable_seqscan = off"))
    yield
    tx.execute(text("set local enable_seqscan = on"))


def _first_with_words(tx: Tx, words: Sequence[str], nearest: Select[int]) -> Sequence[int]:
    """The ids of a page of the nearest articles that have these words; none if so many are not among them.

    SQLite takes a tenth of a second to collect all matches of a word that every article has. Among the ids of the
    nearest articles it finds them in a tenth of that, because articles that were seen together have neighbouring ids.
    """
    near = tx.scalars(nearest).all()
    among = column("rowid", Integer()).between(min(near, default=0), max(near, default=0))
    matching = set(tx.scalars(_matches(words).where(among)))
    found = [article_id for article_id in near if article_id in matching][: PAGE_SIZE + 1]
    return found if len(found) > PAGE_SIZE else ()


def _matches(words: Sequence[str]) -> Select[Any]:
    """The ids of the articles that have these words, in SQLite."""
    match = text("article_words match :words").bindparams(words=fts5_query(words))
    return select(column("rowid")).select_from(table("article_words")).where(match)


def _is_sqlite(tx: Tx) -> bool:
    return tx.get_bind().dialect.name == "sqlite"


def _beside(key: tuple[datetime, int], *, newer: bool) -> ColumnElement[bool]:
    """The articles that come before the key in the list (`newer`), or after it."""
    # One comparison of rows, because PostgreSQL reads the whole index for `seen_at < … or seen_at = … and …`.
    place = tuple_(Article.seen_at, Article.id)
    limit = tuple_(literal(key[0], Article.seen_at.type), literal(key[1]))
    return place > limit if newer else place < limit


def _key(article: Article) -> str:
    return f"{(article.seen_at - EPOCH) // MICROSECOND}-{article.id}"


def _parse_key(key: str) -> tuple[datetime, int] | None:
    """The key of an address; None for one that is none."""
    moment, _, article_id = key.partition("-")
    if not (moment.isascii() and moment.isdigit() and article_id.isascii() and article_id.isdigit()):
        return None
    if len(moment) > 17 or len(article_id) > 18:
        return None
    return EPOCH + int(moment) * MICROSECOND, int(article_id)
