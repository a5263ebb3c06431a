"""The engines of SQLite and PostgreSQL: how they connect, begin transactions, and drop connections."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url

from digest.database_errors import READ_ONLY, sqlstate
from digest.database_stamps import renew_stamps_of_written_tables

BUSY_TIMEOUT = 30  # seconds a writer waits for SQLite's single write lock before it gives up
# SQLite copies its write-ahead log into the database after so many pages of 4 KB. The default is 1000; we copy more
# rarely, because each copy waits for the disk.
CHECKPOINT_PAGES = 8000
SYNCHRONOUS = "FULL"  # of SQLite: a commit is on the disk when it returns, as on PostgreSQL

# Execution options of our transactions.
WRITE = "dateline_write"  # it may write
NO_TIME_LIMIT = "dateline_no_time_limit"  # its statements may take as long as they need

# Under these names, a connection to PostgreSQL keeps the statements with which its transactions begin.
BEGIN, BEGIN_WITHOUT_TIME_LIMIT = "dateline_begin", "dateline_begin_without_time_limit"

# How PostgreSQL is connected to, unless DATABASE_URL says otherwise
# (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS). Without these limits, a machine
# that disappears without a word keeps its clients waiting for a quarter of an hour or longer.
CONNECT_OPTIONS = {
    "connect_timeout": 5,  # seconds, for each host
    "keepalives_idle": 20,  # seconds without an answer, after which the machine is asked whether it is there
    "keepalives_interval": 5,  # seconds between two such questions
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds in which the machine must confirm what it was sent
}
# Limits of a transaction's statements, where the role, the database and DATABASE_URL set none. Nobody waits longer for
# a page, and the statements of senders and pollers concern some hundred rows.
STATEMENT_TIMEOUT = "60s"
LOCK_TIMEOUT = f"{BUSY_TIMEOUT}s"  # as on SQLite
# Parameters that a server reports by itself whenever they change: whether a session can write.
READ_ONLY_PARAMETERS = ("in_hot_standby", "default_transaction_read_only")


def make_engine(url: str, pool_size: int, application_name: str) -> Engine:
    """An engine with a connection pool. It opens no connection yet."""
    is_sqlite = make_url(url).get_backend_name() == "sqlite"
    engine = (
        _sqlite_engine(url, pool_size) if is_sqlite else _postgresql_engine(url, pool_size, application_name)
    )
    renew_stamps_of_written_tables(engine)
    return engine


def _postgresql_engine(url: str, pool_size: int, application_name: str) -> Engine:
    defaults = {**CONNECT_OPTIONS, "fallback_application_name": application_name}
    given = make_url(url).query
    engine = create_engine(
        url,
        connect_args={name: value for name, value in defaults.items() if name not in given}
        # A prepared statement belongs to a session, and PgBouncer gives each transaction another one.
        | {"prepare_threshold": None},
        isolation_level="AUTOCOMMIT",  # the driver sends no BEGIN, because _begin_postgresql does
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _note_limits)
    event.listen(engine, "begin", _begin_postgresql)
    event.listen(engine, "handle_error", _leave_read_only_server)
    event.listen(engine, "checkin", _drop_if_read_only)
    return engine


def _note_limits(connection: Any, record: Any) -> None:
    """Decide how transactions of a new connection begin: with our limits, where nobody else has set one."""
    query = "select current_setting('statement_timeout') = '0', current_setting('lock_timeout') = '0'"
    sets_statement_timeout, sets_lock_timeout = connection.execute(query).fetchone()
    limit = f"; set local statement_timeout = '{STATEMENT_TIMEOUT}'" if sets_statement_timeout else ""
    lock_limit = f"; set local lock_timeout = '{LOCK_TIMEOUT}'" if sets_lock_timeout else ""
    record.info[BEGIN] = f"begin{limit}{lock_limit}"
    record.info[BEGIN_WITHOUT_TIME_LIMIT] = f"begin; set local statement_timeout = 0{lock_limit}"


def _begin_postgresql(connection: Connection) -> None:
    """Begin a transaction and set its limits, in one round trip.

    The limits end with the transaction, as PgBouncer requires: it gives the session to another client then. They can't
    be startup parameters, because PgBouncer refuses those.
    """
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":  # a caller who asked for it wants no transaction
        begin = BEGIN_WITHOUT_TIME_LIMIT if options.get(NO_TIME_LIMIT) else BEGIN
        connection.exec_driver_sql(connection.info[begin])


def _leave_read_only_server(context: ExceptionContext) -> None:
    """After a write that a read-only server refused, close this connection and all that wait in the pool.

    The next transaction connects again, and gets to the new primary server once there is one.
    """
    if sqlstate(context.original_exception) == READ_ONLY:
        context.is_disconnect = True


def _drop_if_read_only(connection: Any, record: Any) -> None:
    """Do not keep a connection whose session cannot write: the next one may reach a server that accepts writes."""
    if connection is not None and any(
        connection.info.parameter_status(name) == "on" for name in READ_ONLY_PARAMETERS
    ):
        record.invalidate()


def _sqlite_engine(url: str, pool_size: int) -> Engine:
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT}, pool_size=pool_size, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # _begin_sqlite sends the BEGIN
    for pragma in (
        "journal_mode=WAL",
        f"synchronous={SYNCHRONOUS}",
        "foreign_keys=ON",
        "cache_size=-16000",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
    ):
        connection.execute("PRAGMA " + pragma)


def _begin_sqlite(connection: Any) -> None:
    """Begin a transaction. A writer takes the write lock at once: two that read first and then write would deadlock.

    https://sqlite.org/lang_transaction.html#deferred_immediate_and_exclusive_transactions
    """
    write = connection.get_execution_options().get(WRITE)
    connection.connection.driver_connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
