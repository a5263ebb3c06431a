"""Whether the news are still those that were read before."""

from collections.abc import Hashable

from sqlalchemy import select

from digest.articles.models import NEWS, DataStamp
from digest.database import Tx
from digest.sources.models import Source


def news_state(tx: Tx) -> Hashable:
    """What differs whenever stories, articles, their tags or the sources differ in what decides what digests show.

    Read it before them: what is kept for it is then never older than it. Sources have no stamp, because each poll
    writes when the next one is due.
    """
    stamp = tx.scalar(select(DataStamp.value).where(DataStamp.name == NEWS))
    sources = select(
        Source.id, Source.url, Source.link, Source.title, Source.home, Source.weight, Source.state
    )
    return stamp, frozenset(map(tuple, tx.execute(sources)))
