"""What an editor does with stories that grouping got wrong: make two of them one, or take an article out of one."""

from datetime import datetime

from digest.articles.models import Article, Story
from digest.articles.pure.shown_story import title_key
from digest.articles.store import stories as store
from digest.articles.store.articles import by_id
from digest.database import Database, Tx, serialise
from digest.errors import ConflictError


def merge(db: Database, one: int, other: int) -> int:
    """Make two stories one: that which a digest has, else the older one, takes the articles of both. Returns its id.

    Raises NotFoundError for a story that is not there, ConflictError for one and the same, and for one that was given
    to another before: two stories given to each other would be shown nowhere.
    """
    with db.begin() as tx:
        serialise(tx, "intake")
        stories = [store.story(tx, one), store.story(tx, other)]
        if one == other:
            raise ConflictError("A story can't be joined with itself; choose another one.")
        for story in stories:
            if story.merged_into is not None:
                raise ConflictError(
                    f"Story {story.id} is part of story {story.merged_into} already; join that one."
                )
        kept, given = sorted(stories, key=lambda story: (not story.kept, story.first_seen_at, story.id))
        store.give(tx, given.id, kept.id)
        kept.version, kept.pinned = kept.version + 1, max(kept.pinned, given.pinned)
        return kept.id


def split(db: Database, article_id: int) -> int:
    """Take an article out of its story, into one of its own, as new as the article is. Returns the new story's id.

    Raises NotFoundError, and ConflictError when the article has no story or is alone in it.
    """
    with db.begin() as tx:
        serialise(tx, "intake")
        article = by_id(tx, article_id)
        if article.story is None or len(store.articles_of(tx, article.story.id)) < 2:
            raise ConflictError(f'"{article.title[:80]}" shares its story with no other article.')
        article.story.version += 1
        return _story_of_its_own(tx, article, article.seen_at)


def _story_of_its_own(tx: Tx, article: Article, seen_at: datetime) -> int:
    # Hidden like the one it was part of: taking it out must not put into mails what an editor kept out of them.
    hidden = article.story.hidden if article.story else False
    article.story = Story(first_seen_at=seen_at, title_key=title_key(article.title), hidden=hidden)
    tx.flush()
    return article.story.id
