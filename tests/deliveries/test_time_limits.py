"""Work on all subscribers, deliveries or articles has no time limit: what takes long in it must not be cut off."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, event, text

from digest.articles import pruning
from digest.database import Database
from digest.deliveries.oversight import archive
from digest.deliveries.planning import edition_planner, freezing, manual_editions
from digest.deliveries.planning.planner import Planner
from digest.deliveries.pure.audience import Audience
from digest.subscribers import lifecycle
from tests.builders import World

# Statements on these tables may concern a million rows. An edition or the preferences are looked up one at a time.
LARGE_TABLES = re.compile(
    r"\b(from|join|update|into) (subscribers|deliveries|articles|stories)\b", re.IGNORECASE
)


@contextmanager
def limited_statements(db: Database) -> Iterator[list[str]]:
    """The statements on large tables whose transaction has a time limit."""
    found: list[str] = []

    def record(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if LARGE_TABLES.search(statement) and not connection.get_execution_options().get(
            "dateline_no_time_limit"
        ):
            found.append(statement)

    event.listen(db.engine, "before_cursor_execute", record)
    yield found
    event.remove(db.engine, "before_cursor_execute", record)


def test_the_check_itself_finds_a_statement_with_a_limit(db: Database) -> None:
    with limited_statements(db) as found, db.begin() as tx:
        tx.execute(text("delete from deliveries"))
    assert found == ["delete from deliveries"]


def test_planning_has_no_time_limit(db: Database, world: World, planner: Planner) -> None:
    world.many_subscribers(20)
    world.subscriber(next_due_at=None)
    world.article()
    with limited_statements(db) as found:
        assert edition_planner.open_reviews(db, world.clock()) == 0
        assert edition_planner.plan_due(db, planner, world.clock()).deliveries == 20
        assert edition_planner.plan_due(db, planner, world.clock() + timedelta(days=3)).postponed > 0
    assert found == []


def test_manual_and_frozen_editions_have_no_time_limit(db: Database, world: World, planner: Planner) -> None:
    world.many_subscribers(20)
    world.article()
    ids = [
        manual_editions.create(db, Audience("everyone"), note="", now=world.clock(), draft=draft)
        for draft in (False, True)
    ]
    freezing.freeze(db, ids[1], world.clock())
    with limited_statements(db) as found:
        assert manual_editions.plan(db, planner, ids[0], world.clock()).deliveries == 20
        freezing.write_digests(db, planner, ids[1], world.clock())
    assert found == []


def test_archiving_and_deleting_have_no_time_limit(db: Database, world: World, planner: Planner) -> None:
    world.many_subscribers(20)
    world.article()
    edition_planner.plan_due(db, planner, world.clock())
    later = world.clock() + timedelta(days=400)
    with limited_statements(db) as found:
        assert archive.archive_old_deliveries(db, later) == 20
        pruning.prune(db, later, keep=timedelta(days=60))
        lifecycle.forget_unconfirmed(db, later)
    assert found == []
