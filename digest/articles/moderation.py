"""What editors change by hand: hide a story, choose an article's countries, or give it back to the tagger."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from digest.articles.store import articles as store
from digest.database import Database
from digest.errors import ConflictError, InvalidInputError, NotFoundError
from digest.regions.pure.tagger import Tag, Tagger
from digest.regions.tree.region_tree import RegionTree
from digest.sources.store import sources

PINNED_FOR = timedelta(days=8)  # stories that a digest may still have are among the last week's


def hide(db: Database, article_id: int, now: datetime) -> None:
    """Take an article's story out of every mail not yet sent. Raises ConflictError when it is in no story."""
    _set_hidden(db, article_id, hidden=True, now=now)


def unhide(db: Database, article_id: int, now: datetime) -> None:
    """Let an article's story in again."""
    _set_hidden(db, article_id, hidden=False, now=now)


def pin(db: Database, story_id: int, step: str, now: datetime) -> None:
    """`pin` a story before those that aren't, `unpin` it, or move it `up` or `down` among the pinned of these days."""
    with db.begin() as tx:
        found = store.pinned(tx, now - PINNED_FOR)
        order = [key for key, _ in found if key != story_id]
        place = next((n for n, (key, _) in enumerate(found) if key == story_id), len(found))
        if step == "unpin":
            store.set_pinned(tx, story_id, 0)
        else:
            order.insert(max(place + {"up": -1, "down": 1}.get(step, 0), 0), story_id)
        for rank, key in enumerate(reversed(order), start=1):
            store.set_pinned(tx, key, rank)


def retag(
    db: Database, tree: RegionTree, article_id: int, countries: Iterable[str], *, now: datetime
) -> tuple[str, ...]:
    """Say which countries (ISO codes, or none) an article is about: that holds when the article changes."""
    codes = tuple(dict.fromkeys(_country(tree, code) for code in countries))
    with db.begin() as tx:
        article = store.by_id(tx, article_id)
        store.set_tags(tx, [(article, [Tag(code, 1.0, ()) for code in codes])], now)
        article.retagged = True
    return codes


def tag_again(db: Database, tagger: Tagger, article_id: int, now: datetime) -> None:
    """Give an article back to the tagger, as if no editor had touched it."""
    with db.begin() as tx:
        article = store.by_id(tx, article_id)
        home = sources.by_id(tx, article.source_id).home or None
        store.set_tags(tx, [(article, tagger.tag(article.title, article.text, home=home))], now)
        article.retagged = False


def _set_hidden(db: Database, article_id: int, *, hidden: bool, now: datetime) -> None:
    with db.begin() as tx:
        article = store.by_id(tx, article_id)
        if article.story_id is None:
            raise ConflictError(
                f'"{article.title[:80]}" is in no story (it was old when it came), so it is in no digest.'
            )
        store.set_hidden(tx, article.story_id, hidden=hidden, now=now)


def _country(tree: RegionTree, code: str) -> str:
    try:
        region = tree.get(code.lower())
    except NotFoundError:
        region = None
    if region is None or region.kind != "country":
        raise InvalidInputError(f'"{code[:20]}" is not a country code (example: KZ).')
    return region.slug.upper()
