"""Looks at an article before an editor's change of it, within the transaction that makes the change."""

from collections.abc import Callable

from digest.articles.models import Article
from digest.articles.store import articles as store
from digest.database import Tx, lock_row

Check = Callable[[Tx, Article], None]  # raises to leave the article as it is


def checked_article(tx: Tx, article_id: int, check: Check | None) -> Article:
    """An article; with a check, nobody else can change it before this transaction ends. Raises what the check does."""
    article = store.by_id(tx, article_id)
    if check is not None:
        lock_row(tx, article)
        check(tx, article)
    return article
