"""Statements that PostgreSQL runs while the thread that sent them goes on: libpq's asynchronous commands.

https://www.postgresql.org/docs/current/libpq-async.html
"""

import contextlib
import selectors
import time
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg import pq
from psycopg.errors import error_from_result
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from digest.database_errors import BackgroundError

WAIT = 1.0  # seconds between two looks while a caller waits for a statement
# Seconds after which a statement without an answer has failed. The server has no time limit for it, because that would
# need a transaction of several statements.
TIME_LIMIT = 60.0


class BackgroundConnection:
    """A connection on which one statement at a time runs in the background, each in a transaction of its own.

    After an error, the next statement begins on a new connection.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection: Connection | None = None

    def start(self, statement: bytes, parameters: Sequence[str]) -> "BackgroundStatement":
        """Send a statement, with $1, $2 … for the parameters. Raises BackgroundError."""
        with self.drop_after_errors():
            if self._connection is None:
                self._connection = self._engine.connect()
            driver: Any = self._connection.connection.driver_connection
            values = [parameter.encode() for parameter in parameters]
            driver.pgconn.send_query_params(statement, values)
            return BackgroundStatement(self, driver.pgconn)

    @contextlib.contextmanager
    def drop_after_errors(self) -> Iterator[None]:
        """After an error, close the connection, whatever it is doing, and raise BackgroundError."""
        try:
            yield
        except (psycopg.Error, SQLAlchemyError, OSError) as error:
            connection, self._connection = self._connection, None
            if connection is not None:
                with contextlib.suppress(psycopg.Error, SQLAlchemyError, OSError):
                    connection.invalidate()
                    connection.close()
            raise BackgroundError(str(error)) from error

    def close(self) -> None:
        """Return the connection to the pool. No statement may be running."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class BackgroundStatement:
    """A statement that is running. When `socket` is readable, it may be done."""

    def __init__(self, connection: BackgroundConnection, pgconn: pq.abc.PGconn) -> None:
        self._connection, self._pgconn = connection, pgconn
        self.socket = pgconn.socket
        self._is_sent = self._is_done = False
        self._give_up_at = time.monotonic() + TIME_LIMIT
        self._flush()

    def is_done(self) -> bool:
        """Whether the statement is committed. Raises BackgroundError."""
        with self._connection.drop_after_errors():
            return self._is_done or self._read()

    def wait(self) -> None:
        """Return when the statement is committed; raises BackgroundError."""
        with selectors.DefaultSelector() as selector:  # select() refuses file numbers from 1,024 on
            selector.register(self.socket, selectors.EVENT_READ)
            while not self.is_done():
                selector.select(WAIT)

    def _read(self) -> bool:
        self._flush()
        self._pgconn.consume_input()
        while not self._pgconn.is_busy():
            result = self._pgconn.get_result()
            if result is None:
                self._is_done = True
                return True
            if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
                raise error_from_result(result)
        if time.monotonic() > self._give_up_at:
            raise psycopg.OperationalError(f"no answer for {TIME_LIMIT:.0f} s")
        return False

    def _flush(self) -> None:
        if not self._is_sent:
            self._is_sent = not self._pgconn.flush()
            if self._pgconn.status == pq.ConnStatus.BAD:
                raise psycopg.OperationalError("the connection is lost")
