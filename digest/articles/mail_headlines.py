"""Headlines that editors write for mails and web editions, in place of those of the sources."""

from typing import NamedTuple

from digest.articles.article_checks import Check, checked_article
from digest.articles.models import Article
from digest.articles.store import articles as store
from digest.database import Database, lock_row
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


def clean_headline(text: str) -> str:
    """What was typed as a line of visible characters."""
    return strip_invisible(clean_line(text))


def set_headline(
    db: Database,
    article_id: int,
    text: str,
    *,
    check: Check | None = None,
    only_from: str | None = None,
) -> HeadlineChange:
    """Let digests show this headline for an article; "" or the source's own: the source's own.

    It stays when the source changes its own. With `only_from` the editor's headline stays unless it is that one. Raises
    InvalidInputError if the headline is too long, NotFoundError, and what `check` raises.
    """
    headline = clean_headline(text)
    if len(headline) > MAX_LENGTH:
        raise InvalidInputError(
            NewsroomText(
                "The headline has %(count)s characters; %(most)s are the most.",
                count=len(headline),
                most=MAX_LENGTH,
            )
        )
    with db.begin() as tx:
        article = checked_article(tx, article_id, check)
        lock_row(tx, article)  # also without a check
        before = article.mail_headline
        if only_from is not None and before != only_from:
            return HeadlineChange(before, before, article.story_id)
        article.mail_headline = "" if headline == article.title else headline
        store.increment_story_versions(tx, [article.story_id])
        return HeadlineChange(before, article.mail_headline, article.story_id)
