"""Queries over articles whose pages are still to be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update

from digest.articles.models import Article
from digest.database import Tx
from digest.sources.models import Source


@dataclass(frozen=True, slots=True)
class Unread:
    """An article without text whose page may have one."""

    id: int
    url: str
    title: str
    home: str  # of its source
    excerpt_length: int


def unread(tx: Tx, since: datetime, *, tried_before: datetime, tries: int, limit: int) -> Sequence[Unread]:
    """Articles of pages and sitemaps published since a moment that have no text yet, the newest first."""
    untried = or_(Article.read_at.is_(None), Article.read_at < tried_before)
    query = (
        select(Article.id, Article.url, Article.title, Source.home, Source.excerpt_length)
        .join(Source, Source.id == Article.source_id)
        .where(Source.kind.in_(("page", "sitemap")), Source.state == "active")
        .where(Article.published_at >= since, Article.held == "", Article.text == "")
        .where(Article.reads < tries, untried)
    )
    rows = tx.execute(query.order_by(Article.published_at.desc(), Article.id.desc()).limit(limit))
    return [Unread(*row) for row in rows]


def claim_reading(tx: Tx, article_id: int, now: datetime, *, tried_before: datetime) -> bool:
    """Take an article for one try at its page; False when somebody else has it."""
    untried = or_(Article.read_at.is_(None), Article.read_at < tried_before)
    taken = update(Article).where(Article.id == article_id, untried, Article.text == "")
    row = tx.execute(taken.values(read_at=now, reads=Article.reads + 1).returning(Article.id)).first()
    return row is not None


def give_back_reading(tx: Tx, article_id: int) -> None:
    """The try did not take place."""
    tx.execute(update(Article).where(Article.id == article_id).values(read_at=None, reads=Article.reads - 1))
