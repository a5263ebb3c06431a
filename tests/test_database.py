"""Connections to PostgreSQL: their limits and names, and what happens to them when the server refuses writes."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from digest import database_engines, database_migrations
from digest.database import Database
from digest.errors import UnavailableError
from tests.postgres_failover import FailingOver, failing_over_database, options

SHOW_LIMITS = "select current_setting('statement_timeout'), current_setting('lock_timeout')"


@pytest.fixture
def failing_over(postgres_url: str) -> Iterator[FailingOver]:
    with failing_over_database(postgres_url) as opened:
        yield opened


def limits(db: Database, *, time_limit: bool = True) -> tuple[str, str]:
    with db.begin(time_limit=time_limit) as tx:
        return tuple(tx.execute(text(SHOW_LIMITS)).one())


def write(db: Database) -> None:
    with db.begin() as tx:
        tx.execute(text("create table written (at timestamptz)"))


def test_a_transaction_has_limits_unless_it_asks_for_none(failing_over: FailingOver) -> None:
    db = failing_over.db
    assert limits(db) == ("1min", "30s")
    assert limits(db, time_limit=False) == ("0", "30s")
    with db.read() as tx:
        assert tuple(tx.execute(text(SHOW_LIMITS)).one()) == ("1min", "30s")
    with db.read(time_limit=False) as tx:
        assert tuple(tx.execute(text(SHOW_LIMITS)).one()) == ("0", "30s")
    with db.writer_connection().begin() as connection:
        assert tuple(connection.execute(text(SHOW_LIMITS)).one()) == ("1min", "30s")


def test_the_limits_end_with_the_transaction(failing_over: FailingOver) -> None:
    with failing_over.db.begin() as tx:
        tx.execute(text("select 1"))
    with failing_over.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        assert tuple(connection.execute(text(SHOW_LIMITS)).one()) == ("0", "0")


def test_limits_of_the_url_or_the_role_count_and_the_others_are_added(failing_over: FailingOver) -> None:
    db = Database(options(failing_over.url, "statement_timeout=5s"))
    assert limits(db) == ("5s", "30s")
    db.close()
    failing_over.configure("lock_timeout = '2s'")
    db = Database(failing_over.url)
    assert limits(db) == ("1min", "2s")
    db.close()


def test_a_statement_that_takes_too_long_is_an_outage_and_changes_nothing(failing_over: FailingOver) -> None:
    db = Database(options(failing_over.url, "statement_timeout=50ms"))
    with pytest.raises(UnavailableError, match="statement_timeout"), db.begin() as tx:
        tx.execute(text("create table written (at timestamptz); select pg_sleep(5)"))
    with db.begin(time_limit=False) as tx:
        tx.execute(text("select pg_sleep(0.2)"))
        assert tx.scalar(text("select to_regclass('written')")) is None
    db.close()


def test_a_lock_that_another_transaction_keeps_is_an_outage(failing_over: FailingOver) -> None:
    db = Database(options(failing_over.url, "lock_timeout=50ms"))
    with failing_over.db.begin() as first:
        first.execute(text("lock table editions"))
        with pytest.raises(UnavailableError, match="lock"), db.begin() as tx:
            tx.execute(text("lock table editions"))
    db.close()


def test_a_deadlock_is_an_outage_for_one_of_the_two(failing_over: FailingOver) -> None:
    db, errors, both_hold_one = failing_over.db, [], threading.Barrier(2)

    def lock(first: str, second: str) -> None:
        try:
            with db.begin() as tx:
                tx.execute(text(f"lock table {first}"))
                both_hold_one.wait(10)
                tx.execute(text(f"lock table {second}"))
        except UnavailableError as error:
            errors.append(error)

    threads = [
        threading.Thread(target=lock, args=names)
        for names in (("editions", "digests"), ("digests", "editions"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert ["deadlock" in str(error) for error in errors] == [True]


def test_a_broken_rule_of_the_schema_is_no_outage(failing_over: FailingOver) -> None:
    with pytest.raises(IntegrityError), failing_over.db.begin() as tx:
        tx.execute(text("insert into editions (id) values (1)"))


def test_more_transactions_than_connections_are_an_outage(
    failing_over: FailingOver, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = Database(failing_over.url, pool_size=1)
    monkeypatch.setattr(db.engine.pool, "_timeout", 0.1)  # instead of 30 s
    with db.begin() as first, db.begin() as second:
        first.execute(text("select 1"))
        second.execute(text("select 1"))
        with pytest.raises(UnavailableError, match="timed out"), db.begin() as third:
            third.execute(text("select 1"))
    db.close()


def test_connections_are_shown_under_the_name_of_the_program(failing_over: FailingOver) -> None:
    name = text("select application_name from pg_stat_activity where pid = pg_backend_pid()")
    for suffix, expected in (("", "dateline-web"), ("&application_name=mine", "mine")):
        db = Database(failing_over.url + suffix, application_name="dateline-web")
        with db.read() as tx:
            assert tx.scalar(name) == expected
        db.close()


def test_a_server_that_accepts_connections_and_says_nothing_is_an_outage() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        db = Database(f"postgresql+psycopg://nobody@127.0.0.1:{silent.getsockname()[1]}/x?connect_timeout=2")
        started = time.monotonic()
        with pytest.raises(UnavailableError, match="running"):
            db.check_writable()
    assert time.monotonic() - started < database_engines.CONNECT_OPTIONS["connect_timeout"]


def test_nothing_is_prepared_on_the_server(failing_over: FailingOver) -> None:
    with failing_over.db.begin() as tx:
        for number in range(20):
            tx.execute(text("select :number"), {"number": number})
        assert tx.scalar(text("select count(*) from pg_prepared_statements")) == 0


def test_a_read_only_server_is_an_outage_for_writers_and_answers_readers(failing_over: FailingOver) -> None:
    db = failing_over.db
    db.check_writable()
    failing_over.demote()
    with pytest.raises(UnavailableError, match="primary"):
        write(db)
    with pytest.raises(UnavailableError, match="primary"):
        db.check_writable()
    with db.read() as tx:
        assert tx.scalar(text("select count(*) from editions")) == 0
    failing_over.promote()
    db.check_writable()
    write(db)


def test_sessions_that_cannot_write_are_not_kept_for_the_time_after_it(failing_over: FailingOver) -> None:
    failing_over.demote()
    db = Database(failing_over.url)
    for _ in range(3):
        with db.read() as tx:
            tx.execute(text("select 1"))
    failing_over.promote(terminate=False)  # a session that is still open stays read-only
    write(db)
    db.close()


def test_a_refused_write_closes_all_connections_to_that_server(failing_over: FailingOver) -> None:
    db = failing_over.db
    with db.read() as first, db.read() as second:
        pids = {tx.scalar(text("select pg_backend_pid()")) for tx in (first, second)}
    # As on a server that is demoted while its sessions go on.
    with pytest.raises(UnavailableError, match="read-only"), db.begin() as tx:
        tx.execute(text("set transaction read only; create table written (at timestamptz)"))
    with db.read() as first, db.read() as second:
        assert not pids & {tx.scalar(text("select pg_backend_pid()")) for tx in (first, second)}


def test_a_migration_that_has_to_wait_for_a_table_says_so_and_changes_nothing(
    failing_over: FailingOver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_migrations, "MIGRATION_LOCK_TIMEOUT", "50ms")
    db = failing_over.db
    with db.begin() as tx:
        tx.execute(text("drop schema public cascade"))
        tx.execute(text("create schema public"))
        tx.execute(text("create table alembic_version (version_num varchar(32) not null)"))
    with db.begin() as user:
        user.execute(text("lock table alembic_version"))
        with pytest.raises(UnavailableError, match="in use"):
            db.upgrade()
    db.upgrade()
    assert db.pending_migrations() == []


def test_a_second_migration_waits_for_the_first_however_short_its_limits(failing_over: FailingOver) -> None:
    db = Database(options(failing_over.url, "statement_timeout=50ms", "lock_timeout=50ms"))
    with failing_over.db.begin() as tx:
        tx.execute(text("drop schema public cascade"))
        tx.execute(text("create schema public"))
    second = threading.Thread(target=db.upgrade)
    with db.begin() as first:
        first.execute(text("select pg_advisory_xact_lock(8531)"))
        second.start()
        second.join(0.5)
        assert second.is_alive()
    second.join(30)
    assert db.pending_migrations() == []
    db.close()


def test_a_commit_to_sqlite_is_on_the_disk_when_it_returns(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'real.sqlite3'}")
    with db.begin() as tx:
        assert tx.scalar(text("pragma synchronous")) == 2  # FULL
    db.close()
