"""Which errors of a database mean that it is unavailable for now, and what an operator can do about each.

PostgreSQL's errors are told apart by their SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html),
SQLite's by their result code (https://sqlite.org/rescode.html). The classes of the drivers say too little: a server
that is read-only raises an `InternalError`, as a corrupt one does.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoFreeConnectionError

from digest.errors import UnavailableError

READ_ONLY = "25006"  # read_only_sql_transaction
LOCK_NOT_AVAILABLE = "55P03"

READ_ONLY_ADVICE = "it accepts no writes; does DATABASE_URL lead to the primary server?"
_RUNNING = "is it running?"
_RESOURCES = "it lacks connections, memory or disk space"
_LOCKED = "another transaction held a lock for too long"
_SCHEMA = "is its schema up to date? `dateline db upgrade`"

# By the beginning of the SQLSTATE; the first that fits counts. In each case the transaction was rolled back or did not
# begin, so it can be repeated later as it was.
_ADVICE_BY_SQLSTATE = {
    "08": _RUNNING,  # connection exceptions; PgBouncer reports all of its own errors as 08P01
    READ_ONLY: READ_ONLY_ADVICE,
    "25P03": "the transaction was idle for too long",  # idle_in_transaction_session_timeout
    "25P04": "the transaction took too long",  # transaction_timeout
    # A serialization failure. Without SERIALIZABLE only a standby raises it, when it replays what a query still reads.
    "40001": "another transaction was in the way",
    "40P01": "another transaction was in the way",  # a deadlock, which ends one of the two transactions
    "42P01": _SCHEMA,  # undefined_table
    "42703": _SCHEMA,  # undefined_column
    "53": _RESOURCES,
    LOCK_NOT_AVAILABLE: _LOCKED,  # lock_timeout
    "57014": "the statement took too long or was cancelled; see statement_timeout",
    "57P": _RUNNING,  # stopped, crashed, not started yet, or the session was idle for too long
    "58": "its log says what failed",  # system errors, such as a failing disk
}
# By SQLite's primary result code.
_ADVICE_BY_RESULT_CODE = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_PROTOCOL: _LOCKED,  # too many processes tried to read the write-ahead log at the same time
    sqlite3.SQLITE_NOMEM: _RESOURCES,
    sqlite3.SQLITE_FULL: _RESOURCES,
    sqlite3.SQLITE_READONLY: "is its file writable?",
    sqlite3.SQLITE_IOERR: "its disk failed",
    sqlite3.SQLITE_CANTOPEN: "can its folder and file be opened?",
}
# SQLite has one result code for all mistakes in a statement, so that only its text names a missing table.
_SQLITE_SCHEMA_ERRORS = ("no such table", "no such column", "has no column named")


class BackgroundError(Exception):
    """A statement in the background failed, and had no effect, or perhaps had one if the connection was lost."""


def outage_advice(error: BaseException | None, *, connection_lost: bool = False) -> str:
    """What to do about a driver's error if it means that the database is unavailable; "" for all other errors.

    The caller says whether the connection was lost, because the errors of a lost connection may have no SQLSTATE.
    """
    if isinstance(error, sqlite3.Error):
        return _sqlite_advice(error)
    state = sqlstate(error)
    for prefix, advice in _ADVICE_BY_SQLSTATE.items():
        if state.startswith(prefix):
            return advice
    # psycopg reports a server that does not answer, or hung up, as an OperationalError without SQLSTATE. Its other
    # errors without SQLSTATE come from mistakes in our calls, such as a NUL in a text.
    never_answered = not state and type(error).__name__ in ("OperationalError", "ConnectionTimeout")
    return _RUNNING if connection_lost or never_answered else ""


@contextmanager
def outages_translated() -> Iterator[None]:
    """Raise UnavailableError in place of the errors that mean that the database is unavailable for now."""
    try:
        yield
    except sqlite3.Error as error:  # from the BEGIN of SQLite, which bypasses SQLAlchemy
        _raise_if_unavailable(error, error)
        raise
    except DBAPIError as error:
        _raise_if_unavailable(error.orig, error, connection_lost=error.connection_invalidated)
        raise
    except NoFreeConnectionError as error:
        raise UnavailableError(f"database: {error}") from error


def sqlstate(error: BaseException | None) -> str:
    """The SQLSTATE of a driver's error; "" when it has none."""
    return getattr(error, "sqlstate", None) or ""


def _raise_if_unavailable(
    original: BaseException | None, error: Exception, *, connection_lost: bool = False
) -> None:
    if advice := outage_advice(original, connection_lost=connection_lost):
        raise UnavailableError(f"database: {original} ({advice})") from error


def _sqlite_advice(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", None)  # missing when the driver itself raises the error
    if code == sqlite3.SQLITE_ERROR and any(text in str(error) for text in _SQLITE_SCHEMA_ERRORS):
        return _SCHEMA
    # The lowest eight bits of an extended result code are the primary one.
    return "" if code is None else _ADVICE_BY_RESULT_CODE.get(code & 0xFF, "")
