"""The newest stories about countries, for pages and feeds."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from digest.articles.models import Article, ArticleGroup, ArticleTag, Story
from digest.database import Tx


def newest_about(
    tx: Tx,
    countries: Collection[str],
    *,
    groups: Collection[str] = (),
    since: datetime,
    until: datetime | None = None,
    words: str = "",
    limit: int,
) -> Sequence[int]:
    """The ids of the stories about any of these countries or groups (slugs) that are not hidden, newest first.

    With `words`, only those with an article whose headline contains them.
    """
    about = Story.articles.any(
        Article.tags.any(ArticleTag.country.in_(sorted(countries)))
        | Article.groups.any(ArticleGroup.region.in_(sorted(groups)))
    )
    query = select(Story.id).where(Story.first_seen_at >= since, Story.hidden.is_(False), about)
    if until is not None:
        query = query.where(Story.first_seen_at < until)
    if words:
        query = query.where(Story.articles.any(Article.title.icontains(words, autoescape=True)))
    return tx.scalars(query.order_by(Story.first_seen_at.desc(), Story.id.desc()).limit(limit)).all()


def first_seen(tx: Tx) -> datetime | None:
    """When the oldest story was first seen; None without stories."""
    return tx.scalar(select(Story.first_seen_at).order_by(Story.first_seen_at).limit(1))
