"""Which errors mean that the database is unavailable. SQLite makes its own; PostgreSQL's have the driver's classes."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from digest.database_errors import outage_advice, sqlstate

CLASSES = {
    error.sqlstate: error
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, psycopg.Error) and error.sqlstate
}
OUTAGES = {
    *("25006", "25P03", "25P04", "40001", "40P01", "42703", "42P01", "55P03"),
    *("57014", "57P01", "57P02", "57P03", "57P04", "57P05"),
    *(state for state in CLASSES if state[:2] in ("08", "53", "58")),
}


def test_by_its_sqlstate_an_error_of_postgresql_is_an_outage_or_a_mistake() -> None:
    assert len(CLASSES) > 200
    assert {state for state, error in CLASSES.items() if outage_advice(error())} == OUTAGES


@pytest.mark.parametrize(
    ("state", "advice"),
    [
        ("25006", "does DATABASE_URL lead to the primary"),
        ("42P01", "dateline db upgrade"),
        ("53100", "disk space"),
        ("55P03", "lock"),
        ("57014", "statement_timeout"),
        ("57P03", "is it running?"),
    ],
)
def test_the_advice_fits_the_error(state: str, advice: str) -> None:
    assert advice in outage_advice(CLASSES[state]())


def test_a_server_that_does_not_answer_has_no_sqlstate() -> None:
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect("host=127.0.0.1 port=1 connect_timeout=2")
    assert sqlstate(caught.value) == ""
    assert "running" in outage_advice(caught.value)


@pytest.mark.parametrize("error", [psycopg.DataError("NUL"), psycopg.ProgrammingError("2 parameters"), None])
def test_a_mistake_in_our_call_is_no_outage_unless_the_connection_was_lost(
    error: psycopg.Error | None,
) -> None:
    assert outage_advice(error) == ""
    assert "running" in outage_advice(error, connection_lost=True)


def locked(path: Path) -> None:
    with closing(sqlite3.connect(path)) as first, closing(sqlite3.connect(path, timeout=0)) as second:
        first.execute("begin immediate")
        second.execute("begin immediate")


def table_locked_by_its_own_reader(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        reader = connection.execute("select * from t union all select * from t")
        reader.fetchone()
        connection.execute("drop table t")


def full(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma max_page_count = 3")
        connection.execute("insert into t values (zeroblob(100000))")


def read_only(path: Path) -> None:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.execute("insert into t values (1)")


def folder(path: Path) -> None:
    with closing(sqlite3.connect(path.parent)) as connection:
        connection.execute("select 1 from t")


def disk_failure(path: Path) -> None:
    path.with_name(f"{path.name}-journal").mkdir()  # so that the journal cannot be written
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("insert into t values (1)")


def missing_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("select * from missing")


def missing_column(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("insert into t (missing) values (1)")


@pytest.mark.parametrize(
    ("cause", "advice"),
    [
        (locked, "lock"),
        (table_locked_by_its_own_reader, "lock"),
        (full, "disk space"),
        (read_only, "writable"),
        (folder, "opened"),
        (disk_failure, "disk failed"),
        (missing_table, "dateline db upgrade"),
        (missing_column, "dateline db upgrade"),
    ],
)
def test_an_outage_of_sqlite_has_its_advice(
    cause: Callable[[Path], None], advice: str, tmp_path: Path
) -> None:
    with pytest.raises(sqlite3.Error) as caught:
        cause(sqlite_file(tmp_path))
    assert advice in outage_advice(caught.value)


def test_an_extended_result_code_counts_like_its_primary_one() -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    assert "disk" in outage_advice(error)


@pytest.mark.parametrize("statement", ["selec 1", "insert into t values (1, 2)", "select no_function()"])
def test_a_mistake_in_a_statement_for_sqlite_is_no_outage(statement: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(sqlite_file(tmp_path))) as connection:
        with pytest.raises(sqlite3.OperationalError) as caught:
            connection.execute(statement)
        assert outage_advice(caught.value) == ""


def test_a_closed_connection_to_sqlite_is_a_mistake(tmp_path: Path) -> None:
    connection = sqlite3.connect(sqlite_file(tmp_path))
    connection.close()
    with pytest.raises(sqlite3.ProgrammingError) as caught:
        connection.execute("select 1")
    assert outage_advice(caught.value) == ""


def sqlite_file(folder_path: Path) -> Path:
    path = folder_path / "file.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table t (a)")
        connection.execute("insert into t values (1)")
        connection.commit()
    return path
