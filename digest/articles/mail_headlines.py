"""Headlines that editors write for mails and web editions, in place of those of the sources."""

from collections.abc import Callable
from typing import NamedTuple

from digest.articles.models import Article
from digest.articles.store import articles as store
from digest.database import Database, Tx, lock_row
from digest.errors import InvalidInputError, NewsroomText
from digest.line_text import clean_line, strip_invisible

MAX_LENGTH = 200  # characters


class HeadlineChange(NamedTuple):
    """An editor's headline before a change and since ("": the source's own), and the story of the article."""

    before: str
    saved: str
    story_id: int | None


def shown_headline(article: Article) -> str:
    """What mails show: the editor's headline, or else the source's own."""
    return article.mail_headline or article.title


def set_headline(
    db: Database,
    article_id: int,
    text: str,
    *,
    check: Callable[[Tx, Article, str], None] | None = None,
    only_from: str | None = None,
) -> HeadlineChange:
    """Let digests show this headline for an article; "" or the source's own: the source's own.

    It stays when the source changes its own. `check` may raise, before anything is changed; it gets the article and the
    headline. With `only_from` the editor's headline stays unless it is that one. Raises InvalidInputError if the
    headline is too long, and NotFoundError.
    """
    headline = strip_invisible(clean_line(text))
    if len(headline) > MAX_LENGTH:
        raise InvalidInputError(
            NewsroomText(
                "The headline has %(count)s characters; %(most)s are the most.",
                count=len(headline),
                most=MAX_LENGTH,
            )
        )
    with db.begin() as tx:
        article = store.by_id(tx, article_id)
        lock_row(tx, article)
        before = article.mail_headline
        if only_from is not None and before != only_from:
            return HeadlineChange(before, before, article.story_id)
        if check is not None:
            check(tx, article, headline or article.title)
        article.mail_headline = "" if headline == article.title else headline
        store.increment_story_versions(tx, [article.story_id])
        return HeadlineChange(before, article.mail_headline, article.story_id)
