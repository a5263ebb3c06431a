"""Queries over articles without text, whose pages are still to be fetched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from digest.articles.models import Article
from digest.articles.states import ArticleState
from digest.database import Tx
from digest.sources.models import Source
from digest.sources.states import SourceKind, SourceState


@dataclass(frozen=True, slots=True)
class ArticleWithoutText:
    """An article without text whose page may have one."""

    id: int
    source_id: int
    url: str
    title: str
    source_country: str  # the country of its source, "" if not known
    excerpt_length: int


def articles_without_text(
    tx: Tx, since: datetime, *, tried_before: datetime, max_tries: int, limit: int
) -> Sequence[ArticleWithoutText]:
    """Articles without text, published since `since`, from sources of kind page or sitemap; newest first.

    Articles that share their page with others ("…/live#n3") are left out: the page's text is not theirs alone.
    """
    query = (
        select(Article.id, Source.id, Article.url, Article.title, Source.home, Source.excerpt_length)
        .join(Source, Source.id == Article.source_id)
        .where(
            Source.kind.in_((SourceKind.PAGE, SourceKind.SITEMAP)),
            Source.state == SourceState.ACTIVE,
            Article.published_at >= since,
            Article.state == ArticleState.RELEASED,
            Article.text == "",
            Article.page_tries < max_tries,
            _not_tried_since(tried_before),
            ~Article.url.contains("#"),
            ~_shares_page(since),
        )
    )
    rows = tx.execute(query.order_by(Article.published_at.desc(), Article.id.desc()).limit(limit))
    return [ArticleWithoutText(*row) for row in rows]


def _shares_page(since: datetime) -> ColumnElement[bool]:
    """Whether the source has another recent article at a place on the same page."""
    other = aliased(Article)
    beginning = func.substr(other.url, 1, func.length(Article.url) + 1)
    return exists().where(
        other.source_id == Article.source_id, other.published_at >= since, beginning == Article.url + "#"
    )


def claim_page(tx: Tx, article_id: int, now: datetime, *, tried_before: datetime) -> bool:
    """Claim an article for one try at its page; False if another worker has it."""
    query = update(Article).where(
        Article.id == article_id, _not_tried_since(tried_before), Article.text == ""
    )
    row = tx.execute(
        query.values(page_tried_at=now, page_tries=Article.page_tries + 1).returning(Article.id)
    ).first()
    return row is not None


def release_page(tx: Tx, article_id: int) -> None:
    """Undo a claim whose try did not take place."""
    tx.execute(
        update(Article)
        .where(Article.id == article_id)
        .values(page_tried_at=None, page_tries=Article.page_tries - 1)
    )


def _not_tried_since(moment: datetime) -> ColumnElement[bool]:
    return or_(Article.page_tried_at.is_(None), Article.page_tried_at < moment)
