"""Queries over the groups of countries that articles are about."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, insert

from digest.articles.models import ArticleGroup
from digest.database import Tx, chunked, is_one_of
from digest.regions.pure.group_tags import GroupTag


def add_groups(tx: Tx, groups_by_article: Mapping[int, Iterable[GroupTag]]) -> None:
    """Write the groups of new articles, by article id."""
    _insert(tx, groups_by_article, lambda _article_id, _group: None)


def set_groups(tx: Tx, groups_by_article: Mapping[int, Iterable[GroupTag]], now: datetime) -> None:
    """Replace the groups of articles. For readers of a group that is new to an article, it is news from `now` on."""
    old_since: dict[tuple[int, str], datetime | None] = {}
    for chunk in chunked(sorted(groups_by_article)):
        query = delete(ArticleGroup).where(is_one_of(tx, ArticleGroup.article_id, chunk))
        rows = tx.execute(query.returning(ArticleGroup.article_id, ArticleGroup.region, ArticleGroup.since))
        old_since |= {(row[0], row[1]): row[2] for row in rows}
    _insert(tx, groups_by_article, lambda article_id, group: old_since.get((article_id, group), now))


def _insert(
    tx: Tx,
    groups_by_article: Mapping[int, Iterable[GroupTag]],
    since_of: Callable[[int, str], datetime | None],
) -> None:
    rows = [
        {
            "article_id": article_id,
            "region": tag.group,
            "weight": tag.weight,
            "since": since_of(article_id, tag.group),
            "evidence": [item._asdict() for item in tag.evidence],
        }
        for article_id, tags in groups_by_article.items()
        for tag in tags
    ]
    if rows:
        tx.execute(insert(ArticleGroup), rows)
