"""Queries over the counts of opened stories, and over what the links lead to."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Integer, bindparam, cast, delete, false, func, select

from digest.articles.models import Article, ArticleGroup, ArticleTag, Story
from digest.articles.pure.story_countries import chosen_countries
from digest.database import Tx, chunked, dialect_insert, is_one_of
from digest.opens.models import OpenCount
from digest.opens.states import Subject

# Made once, because making it takes as long as asking the database.
LINK_TARGET = (
    select(Article.url, func.coalesce(Story.hidden, false()))
    .outerjoin(Story, Story.id == Article.story_id)
    .where(Article.id == bindparam("article_id"))
)
CANDIDATES_FOR_EACH = 4  # rows of a week that are looked at for each of the most opened stories


class Opens(NamedTuple):
    """How often something was opened: by people, by different visitors of a day, and by machines."""

    opens: int = 0
    visitors: int = 0
    machines: int = 0


class CountKey(NamedTuple):
    """What a count is for."""

    subject: Subject
    key: str
    week: str  # its Monday


class LinkTarget(NamedTuple):
    """Where the link of an article leads, and whether an editor has hidden its story."""

    url: str
    is_hidden: bool


class OpenedArticle(NamedTuple):
    """What an article that was opened is counted for."""

    story_id: int | None
    source_id: int


def link_target(tx: Tx, article_id: int) -> LinkTarget | None:
    """Where the link of an article leads; None when the article is deleted."""
    row = tx.execute(LINK_TARGET, {"article_id": article_id}).first()
    return LinkTarget(row[0], bool(row[1])) if row else None


def opened_articles(tx: Tx, article_ids: Iterable[int]) -> dict[int, OpenedArticle]:
    """The stories and sources of articles, by id; those that are deleted are missing."""
    found: dict[int, OpenedArticle] = {}
    for chunk in chunked(sorted(article_ids)):
        query = select(Article.id, Article.story_id, Article.source_id).where(
            is_one_of(tx, Article.id, chunk)
        )
        found |= {row[0]: OpenedArticle(row[1], row[2]) for row in tx.execute(query)}
    return found


def places_of_stories(tx: Tx, story_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """The countries (codes) and groups (slugs) that stories are about, by story."""
    weights: dict[int, dict[tuple[int, str], float]] = {}
    groups: dict[int, set[str]] = {}
    for chunk in chunked(sorted(story_ids)):
        of_chunk = is_one_of(tx, Article.story_id, chunk)
        tags = select(Article.story_id, Article.id, ArticleTag.country, ArticleTag.weight)
        for story_id, article_id, country, weight in tx.execute(tags.join(ArticleTag).where(of_chunk)):
            weights.setdefault(story_id or 0, {})[article_id, country] = weight
        slugs = select(Article.story_id, ArticleGroup.region)
        for story_id, region in tx.execute(slugs.join(ArticleGroup).where(of_chunk)):
            groups.setdefault(story_id or 0, set()).add(region)
    return {
        story_id: frozenset((*chosen_countries(weights.get(story_id, {})), *groups.get(story_id, ())))
        for story_id in weights.keys() | groups.keys()
    }


def add(tx: Tx, amounts: Mapping[CountKey, Opens]) -> None:
    """Add to counts. They are sorted, so that two processes don't wait for each other in a circle."""
    rows = [{**key._asdict(), **amount._asdict()} for key, amount in sorted(amounts.items())]
    for chunk in chunked(rows, 100):
        statement = dialect_insert(tx, OpenCount).values(chunk)
        added = {name: getattr(OpenCount, name) + statement.excluded[name] for name in Opens._fields}
        tx.execute(statement.on_conflict_do_update(index_elements=["subject", "key", "week"], set_=added))


def totals(tx: Tx, subject: Subject, keys: Collection[str]) -> dict[str, Opens]:
    """All opens of some subjects, by key; those that were never opened are missing."""
    found: dict[str, Opens] = {}
    for chunk in chunked(sorted(keys)):
        query = _sums(OpenCount.key).where(OpenCount.subject == subject, is_one_of(tx, OpenCount.key, chunk))
        found |= {key: Opens(*counts) for key, *counts in tx.execute(query.group_by(OpenCount.key))}
    return found


def by_week(
    tx: Tx, subject: Subject, since: str, keys: Collection[str] | None = None
) -> dict[str, dict[str, Opens]]:
    """The opens of a subject since a week, by key and week. `keys`: of these alone."""
    query = select(OpenCount.key, OpenCount.week, OpenCount.opens, OpenCount.visitors, OpenCount.machines)
    query = query.where(OpenCount.week >= since, OpenCount.subject == subject)
    if keys is not None:
        query = query.where(OpenCount.key.in_(keys))
    found: dict[str, dict[str, Opens]] = {}
    for key, week, *counts in tx.execute(query):
        found.setdefault(key, {})[week] = Opens(*counts)
    return found


def most_opened(tx: Tx, subject: Subject, since: str, limit: int) -> list[tuple[str, Opens]]:
    """What was opened by most visitors in a week since a week, most first, with all its opens since then.

    Adding up everything that was opened in a year would take long, and hardly anything is opened for many weeks.
    """
    since_then = (OpenCount.week >= since, OpenCount.subject == subject)
    best_of_a_week = (
        select(OpenCount.key).where(*since_then).order_by(OpenCount.visitors.desc(), OpenCount.key)
    )
    keys = set(tx.scalars(best_of_a_week.limit(CANDIDATES_FOR_EACH * limit)))
    query = _sums(OpenCount.key).where(*since_then, OpenCount.key.in_(keys)).group_by(OpenCount.key)
    found = [(key, Opens(*counts)) for key, *counts in tx.execute(query)]
    return sorted(found, key=lambda row: (-row[1].visitors, row[0]))[:limit]


def visitors_by_week(tx: Tx, subject: Subject, since: str) -> dict[str, int]:
    """By how many visitors something of a subject was opened since a week, by week."""
    query = select(OpenCount.week, func.sum(OpenCount.visitors)).where(
        OpenCount.week >= since, OpenCount.subject == subject
    )
    return {row[0]: row[1] for row in tx.execute(query.group_by(OpenCount.week))}


def newest_editions(tx: Tx, since: str, limit: int) -> dict[int, Opens]:
    """The opens since a week of the newest editions that have any, by id, the newest first."""
    edition_id = cast(OpenCount.key, Integer)
    query = _sums(edition_id).where(OpenCount.week >= since, OpenCount.subject == Subject.EDITION)
    rows = tx.execute(query.group_by(edition_id).order_by(edition_id.desc()).limit(limit))
    return {key: Opens(*counts) for key, *counts in rows}


def prune(tx: Tx, before: str) -> int:
    """Delete the counts of the oldest week, if it is before a week. Returns how many."""
    oldest = select(func.min(OpenCount.week)).where(OpenCount.week < before).scalar_subquery()
    query = delete(OpenCount).where(OpenCount.week == oldest).returning(OpenCount.key)
    return len(tx.scalars(query, execution_options={"synchronize_session": False}).all())


def _sums(key: Any) -> Any:
    """A query for a column and the sums of the counts."""
    return select(key, *(func.sum(getattr(OpenCount, name)) for name in Opens._fields))
