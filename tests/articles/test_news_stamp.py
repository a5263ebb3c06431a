"""Every committed write of stories, articles and tags changes the stamp of the news, and nothing else does."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, insert, update

from digest.articles.models import NEWS, Article, ArticleTag, DataStamp, Story
from digest.database import Database, Tx
from digest.sources.models import Source
from tests.builders import World


def stamp(db: Database) -> str | None:
    with db.read() as tx:
        row = tx.get(DataStamp, NEWS)
        return row.value if row else None


def take_back(tx: Tx) -> None:
    tx.execute(update(Story).values(pinned=1))
    tx.rollback()


WRITES: dict[str, tuple[Callable[[Tx], object], bool]] = {
    "a changed object": (lambda tx: setattr(tx.get_one(Story, 1), "pinned", 3), True),
    "a removed object": (lambda tx: tx.delete(tx.get_one(ArticleTag, (1, "KZ"))), True),
    "an update": (lambda tx: tx.execute(update(Article).values(position=1)), True),
    "many updates": (lambda tx: tx.execute(update(Article), [{"id": 1, "position": 2}]), True),
    "a removal": (lambda tx: tx.execute(delete(ArticleTag)), True),
    "an insertion": (
        lambda tx: tx.execute(
            insert(ArticleTag), [{"article_id": 1, "country": "PE", "weight": 1, "evidence": []}]
        ),
        True,
    ),
    "another table": (lambda tx: tx.execute(update(Source).values(title="Wire")), False),
    "what is taken back": (take_back, False),
}


@pytest.mark.parametrize("name", WRITES)
def test_every_write_of_the_news_changes_their_stamp(db: Database, world: World, name: str) -> None:
    world.article()
    before = stamp(db)
    change, changes_stamp = WRITES[name]
    with db.begin() as tx:
        change(tx)
        tx.flush() if tx.is_active else None
        assert stamp(db) == before, "it changes with the news, and not before"
    assert before
    assert (stamp(db) != before) == changes_stamp
    if changes_stamp:  # and the transaction after it has nothing left to say
        after = stamp(db)
        with db.begin() as tx:
            tx.execute(update(Source).values(title="Post"))
        assert stamp(db) == after
