"""Headlines that editors write for mails and web editions, in place of those of the sources."""

from typing import NamedTuple

from digest.articles.store import articles as store
from digest.database import Database
from digest.errors import InvalidInputError, NewsroomText
from digest.line_text import clean_line, strip_invisible

MAX_LENGTH = 200  # characters


class HeadlineChange(NamedTuple):
    """An editor's headline before a change and since ("": the source's own), and the story of the article."""

    before: str
    saved: str
    story_id: int | None


def set_headline(db: Database, article_id: int, text: str) -> HeadlineChange:
    """Let digests show this headline for an article; "" or the source's own: the source's own.

    It stays when the source changes its own. Raises InvalidInputError if it is too long, and NotFoundError.
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
        before = article.mail_headline
        article.mail_headline = "" if headline == article.title else headline
        store.increment_story_versions(tx, [article.story_id])
        return HeadlineChange(before, article.mail_headline, article.story_id)
