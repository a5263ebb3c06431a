"""How many articles each source brought each day."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from digest.articles.models import Article
from digest.database import Tx, utc_day


def by_source_and_day(
    tx: Tx, since: datetime, until: datetime | None = None, *, source_ids: Collection[int] | None = None
) -> dict[int, dict[str, int]]:
    """How many articles were first seen before `until`, by source and UTC day.

    An index has both columns, so no article is read.

    `source_ids` are the sources that are counted; None: all.
    """
    day = utc_day(tx, Article.seen_at)
    query = select(Article.source_id, day, func.count()).where(Article.seen_at >= since)
    if until is not None:
        query = query.where(Article.seen_at < until)
    if source_ids is not None:
        query = query.where(Article.source_id.in_(source_ids))
    counts: dict[int, dict[str, int]] = {}
    for source_id, of_day, count in tx.execute(query.group_by(Article.source_id, day)):
        counts.setdefault(source_id, {})[of_day] = count
    return counts
