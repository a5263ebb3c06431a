"""No page, feed or API answer reads a whole table that grows with readers or with history."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, text

from digest.accounts.states import Scope
from digest.app import create_app
from digest.database import Database
from digest.deliveries.planning.edition_planner import plan_due
from digest.parts import EXTENSION_KEY, Parts
from tests.api.v1.conftest import new_client
from tests.builders import World
from tests.web.browser_session import sign_in_as

if TYPE_CHECKING:
    from digest.settings import Settings

OF_ARTICLES = ("articles", "article_tags", "article_groups", "stories")
LARGE_TABLES = (*OF_ARTICLES, "deliveries", "delivery_ranges", "digests", "refusals", "subscribers")
# Reads that end after some rows, in the order of an index or of the rows themselves.
BOUNDED = re.compile(r"\blimit\b", re.IGNORECASE)
# Indexes that have only the few rows of a kind.
SMALL_INDEXES = ("ix_articles_retagged", "ix_articles_kind_chosen")
# Statements that count all rows of an index with the columns that they need, and the pages that cannot do without.
WHOLE_INDEXES = {
    "SELECT subscribers.state, count(*)": "the overview",
}
API = "/api/v1"
SAMPLE_VALUES = {"int": "1", "slug": "kz", "path": "dateline.css"}
PART = re.compile(
    r"<(?:(\w+)(?:\(([\w.]+)[^)]*\))?:)?(\w+)>"
)  # of a route: converter, its first choice, name


@pytest.fixture
def served(db: Database, settings: "Settings") -> Iterator[Flask]:
    """The whole application on the database, with some news, a reader and their digest."""
    url = db.engine.url.render_as_string(hide_password=False)
    app = create_app(replace(settings, database_url=url))
    app.testing, app.config["RATELIMIT_ENABLED"] = True, False
    parts: Parts = app.extensions[EXTENSION_KEY]
    world = World(parts.db, parts.tree, parts.clock)
    for _ in range(3):
        world.article(countries=("KZ", "GE"))
    world.subscriber()
    assert plan_due(parts.db, parts.planner(), parts.clock()).deliveries == 1
    yield app
    parts.db.close()


def addresses(app: Flask) -> Iterator[str]:
    """An address of every route that can be read, and of lists that are searched or filtered."""
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            yield PART.sub(
                lambda part: part[2] or SAMPLE_VALUES.get(part[1] or "", SAMPLE_VALUES.get(part[3], "x")),
                rule.rule,
            )
    yield from ("/admin/articles?q=harbour", "/admin/articles?source=1", "/admin/articles?country=kz")
    yield from ("/admin/articles?kind=sport", "/admin/today?region=central-asia")
    yield from ("/admin/subscribers?q=reader1@example.com", "/admin/subscribers?state=paused")


def read_statements(app: Flask, db: Database) -> Mapping[str, tuple[Any, str]]:
    """The statements that read when each address is asked for, with their values and the address."""
    found: dict[str, tuple[Any, str]] = {}
    asked = [""]

    def note(
        _connection: object, _cursor: object, statement: str, values: Any, _context: object, many: bool
    ) -> None:
        if statement.lstrip().lower().startswith(("select", "with")) and not many:
            found.setdefault(statement, (values, asked[0]))

    browser, program = sign_in_as(app, "admin"), new_client(app, Scope.ADMIN)
    event.listen(db.engine, "before_cursor_execute", note)
    for asked[0] in addresses(app):
        if asked[0].startswith(API):
            program.send("GET", asked[0].removeprefix(API))
        else:
            browser.get(asked[0])
    event.remove(db.engine, "before_cursor_execute", note)
    return found


def whole_tables(connection: Connection, statement: str, values: Any) -> Sequence[str]:
    """The large tables that the statement reads from beginning to end."""
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql(f"explain query plan {statement}", values)
        steps = [re.match(r"SCAN (\w+)", row[3]) for row in plan if not row[3].endswith(SMALL_INDEXES)]
    else:
        connection.execute(text("set enable_seqscan = off"))  # with few rows it would be chosen in any case
        plan = connection.exec_driver_sql(f"explain {statement}", values)
        steps = [re.search(r"Seq Scan on (\w+)", row[0]) for row in plan]
    if BOUNDED.search(statement) or statement.startswith(tuple(WHOLE_INDEXES)):
        return ()
    return [step[1] for step in steps if step and step[1] in LARGE_TABLES]


@pytest.mark.parametrize(
    "db", ["sqlite", pytest.param("postgresql", marks=pytest.mark.release)], indirect=True
)
def test_no_page_reads_a_large_table_as_a_whole(served: Flask) -> None:
    db: Database = served.extensions[EXTENSION_KEY].db
    statements = read_statements(served, db)
    assert len(statements) > 100
    with db.engine.connect() as connection:
        found = {
            f"{asked}: {' '.join(statement.split())}": tables
            for statement, (values, asked) in statements.items()
            if (tables := whole_tables(connection, statement, values))
        }
    assert not found, "\n".join(found)
