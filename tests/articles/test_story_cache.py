"""Stories in memory are as those in the database, whatever changes."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from digest.articles import bulk_moderation, moderation
from digest.articles.store import articles
from digest.articles.story_cache import StoryCache
from digest.database import Database
from digest.sources.models import Source
from tests.builders import World


def rename(db: Database, world: World) -> None:
    with db.begin() as tx:
        tx.execute(update(Source).where(Source.id == 1).values(title="Another name", weight=3))


BRIDGE = "A new bridge over the river Chu was opened on Friday"
PORT = "The port of Lima gets a second pier for container ships"
CHANGES: dict[str, Callable[[Database, World], object]] = {
    "nothing": lambda _db, _world: None,
    "a new report": lambda _db, world: world.article(BRIDGE, source="Harbour Wire"),
    "hidden": lambda db, world: bulk_moderation.set_hidden(db, [1], hidden=True, now=world.clock()),
    "merged": lambda db, world: bulk_moderation.merge_all(db, [1, 2], world.clock()),
    "another name of a source": rename,
    "split": lambda db, _world: moderation.split(db, 3),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_seen_at_once(db: Database, world: World, name: str) -> None:
    world.article(BRIDGE)
    world.article(PORT, ["PE"])
    world.article(PORT, ["PE"], source="Harbour Wire")
    cache = StoryCache()
    with db.read() as tx:
        before = cache.load(tx, [1, 2, 99])
    CHANGES[name](db, world)
    with db.read() as tx:
        assert cache.load(tx, [1, 2, 3]) == articles.current_stories(tx, [1, 2, 3])
        assert (cache.load(tx, [1, 2]) == before) == (name == "nothing")
