"""The statements of the version before run on this version's schema, so that an upgrade need not stop anything.

The tables of the version before are read from a database that has only its migrations. Statements with just its columns
then run on the newest schema: what a migration removed, renamed, narrowed or made obligatory lets one of them fail.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import alembic.command
import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    delete,
    insert,
    select,
    text,
    update,
)

from digest.database import Database
from digest.database_migrations import alembic_config

RELEASED = "0018"  # the newest revision of the version before; raise it with each release
MOMENT = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def released(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of the version before."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'released.sqlite3'}")
    else:
        shared = Database(request.getfixturevalue("postgres_url"))
        with shared.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("drop database if exists released"))
            connection.execute(text("create database released"))
        database = Database(shared.engine.url.set(database="released").render_as_string(hide_password=False))
        shared.close()
    alembic.command.upgrade(alembic_config(database.engine), RELEASED)
    yield database
    database.close()


def test_the_statements_of_the_version_before_run_on_this_schema(released: Database) -> None:
    known = MetaData()
    known.reflect(released.engine)
    tables = [table for table in known.sorted_tables if table.name != "alembic_version"]
    assert len(tables) > 25
    released.upgrade()
    with released.begin() as tx:
        for table in tables:
            tx.execute(delete(table))
        for table in tables:
            tx.execute(insert(table).values(row_of(table)))
            tx.execute(update(table).values({column: column for column in table.columns}))
            assert len(tx.execute(select(table)).all()) == 1
        for table in reversed(tables):
            tx.execute(delete(table))


def test_a_process_of_the_version_before_is_ready_on_a_later_schema(released: Database) -> None:
    released.upgrade()
    with released.begin() as tx:
        tx.execute(text("update alembic_version set version_num = 'later'"))
    assert released.pending_migrations() == []


def row_of(table: Table) -> dict[str, Any]:
    """A row with the columns that have no default; all ids are 1, so that rows refer to each other."""
    return {
        column.name: value_of(column.type)
        for column in table.columns
        if not column.nullable and column.server_default is None
    }


def value_of(kind: Any) -> Any:
    """A value that a column of this type takes; texts are ones that other rows refer to."""
    values: dict[type, Any] = {
        Boolean: False,
        Integer: 1,
        Float: 1.0,
        DateTime: MOMENT,
        JSON: [],
        LargeBinary: b"x",
    }
    return next((value for parent, value in values.items() if isinstance(kind, parent)), "x")
