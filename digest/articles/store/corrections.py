"""Queries over articles whose countries or kinds an editor chose."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from digest.articles.models import Article
from digest.database import Tx
from digest.sources.models import Source

FETCH_SIZE = 500  # articles with their texts that are in memory at once during an export


class RetaggedArticle(NamedTuple):
    """An article whose countries an editor chose, and the home country of its source."""

    article: Article
    home: str


def retagged_articles(tx: Tx) -> Iterator[RetaggedArticle]:
    """The articles whose countries an editor chose, oldest first; only some of them are in memory at once."""
    query = (
        select(Article, Source.home)
        .join(Source, Source.id == Article.source_id)
        .options(selectinload(Article.tags))
        .where(Article.retagged)
        .order_by(Article.id)
    )
    for row in tx.execute(query.execution_options(yield_per=FETCH_SIZE)):
        yield RetaggedArticle(row[0], row[1])


def articles_with_chosen_kinds(tx: Tx) -> Iterator[Article]:
    """The articles whose kind an editor chose, oldest first; only some of them are in memory at once."""
    query = select(Article).where(Article.kind_chosen).order_by(Article.id)
    yield from tx.scalars(query.execution_options(yield_per=FETCH_SIZE))
