"""A row that is compared with what a form showed is read anew, and stays so until it is saved; on both databases."""

from collections.abc import Callable
from threading import Event, Thread

import pytest
from sqlalchemy import update

from digest.articles.models import Article, Story
from digest.articles.store import articles, stories
from digest.database import Database, Tx, lock_row
from digest.sources.models import Source
from digest.sources.store import sources
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.store import subscribers
from digest.subscribers.subscription_merge import merge_subscription
from tests.builders import World
from tests.conftest import NOON

ROWS: dict[str, Callable[[Tx], Source | Article | Story | Subscriber]] = {
    "source": lambda tx: sources.by_id(tx, 1),
    "article": lambda tx: articles.by_id(tx, 1),
    "story": lambda tx: stories.story_by_id(tx, 1),
    "subscriber": lambda tx: subscribers.by_id(tx, 1),
}


@pytest.fixture
def rows(world: World) -> None:
    world.article()
    world.subscriber(regions=["kz"])


@pytest.mark.parametrize("name", ROWS)
def test_a_locked_row_is_read_anew(db: Database, rows: None, name: str) -> None:
    with db.begin() as tx:
        row = ROWS[name](tx)
        column = next(
            column.key for column in row.__table__.columns if column.key in {"title", "title_key", "zone"}
        )
        former = getattr(row, column)
        changed = update(type(row)).values({column: "Mars/Base"})
        tx.execute(changed, execution_options={"synchronize_session": False})
        assert getattr(row, column) == former
        lock_row(tx, row)
        assert getattr(row, column) == "Mars/Base"


def test_a_subscription_is_decided_by_what_is_stored_when_it_is_saved(db: Database, rows: None) -> None:
    def decide(_tx: Tx, stored: Subscription) -> Subscription:
        assert stored.regions == ("kz",)
        return Subscription(("uz",))

    before, after = merge_subscription(db, 1, decide, now=NOON)
    assert (before.preferences.regions, after.preferences.regions) == (["kz"], ["uz"])


def test_who_locks_a_row_second_sees_what_the_first_has_saved(db: Database, rows: None) -> None:
    is_locked, seen = Event(), list[str]()

    def second() -> None:
        is_locked.wait(10)
        with db.begin() as tx:
            row = sources.by_id(tx, 1)
            lock_row(tx, row)
            seen.append(row.title)

    thread = Thread(target=second)
    thread.start()
    with db.begin() as tx:
        row = sources.by_id(tx, 1)
        lock_row(tx, row)
        is_locked.set()
        row.title = "The first"
        tx.flush()
        thread.join(0.2)  # it waits
        assert seen == []
    thread.join(10)
    assert seen == ["The first"]
