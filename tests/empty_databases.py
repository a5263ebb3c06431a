"""The tables of the tests' databases, and how a PostgreSQL database is emptied between two tests."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from digest.database import Database

MOST_OCTETS_TO_DELETE = 512 * 1024  # of a PostgreSQL table, its dead rows included


def load_metadata() -> Any:
    """The metadata of all tables. Importing the application imports all models."""
    import digest.app  # noqa: F401
    from digest.database import Base

    return Base.metadata


@cache
def statement_that_deletes_all() -> str:
    return "; ".join(str(table.delete()) for table in load_metadata().sorted_tables)


def empty_postgresql(database: Database) -> None:
    """Remove all rows, and begin the ids at 1 again.

    Each table that is truncated costs new files. So rows are deleted, without the checks of foreign keys, unless a
    table has grown: then its dead rows would slow the tests that follow.
    """
    from sqlalchemy import text

    tables = load_metadata().sorted_tables
    with database.engine.begin() as connection:
        largest = connection.scalar(
            text(
                "select max(pg_table_size(oid)) from pg_class"
                " where relkind = 'r' and relnamespace = current_schema()::regnamespace"
            )
        )
        if largest > MOST_OCTETS_TO_DELETE:
            names = ", ".join(table.name for table in tables)
            connection.execute(text(f"truncate {names} restart identity cascade"))
            return
        connection.execute(text("set local session_replication_role = replica"))
        connection.exec_driver_sql(statement_that_deletes_all())
        connection.execute(
            text(
                "select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
                " from pg_sequences where last_value is not null"
            )
        )
