"""How many articles are about each country, and which sources they are from."""

from collections import Counter, defaultdict
from datetime import datetime

from sqlalchemy import func, select

from digest.articles.models import Article, ArticleTag
from digest.database import Tx


def articles_by_country(tx: Tx, since: datetime) -> dict[str, Counter[int]]:
    """By country (ISO code), how many articles that were seen since then each source has about it."""
    query = (
        select(ArticleTag.country, Article.source_id, func.count())
        .join(Article, Article.id == ArticleTag.article_id)
        .where(Article.seen_at >= since)
        .group_by(ArticleTag.country, Article.source_id)
    )
    counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for country, source_id, count in tx.execute(query):
        counts[country][source_id] = count
    return counts
