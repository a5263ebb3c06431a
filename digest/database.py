"""The database: engines, transactions, column types and migrations, for SQLite and PostgreSQL."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import alembic.command
import alembic.config
import alembic.script
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from digest.clock import Clock
from digest.errors import UnavailableError

Tx = Session  # an open transaction; the name spares other modules the import of SQLAlchemy
CoreTx = Connection  # the same without ORM objects, for statements that run hundreds of times per second

BUSY_TIMEOUT = 30  # seconds a writer waits for SQLite's single write lock before it gives up
# SQLite copies its write-ahead log into the database after so many pages of 4 KB. The default is 1000; we copy more
# rarely, because each copy waits for the disk.
CHECKPOINT_PAGES = 8000
CHUNK_SIZE = 500  # values of one IN (…): below every database's limit
ROOT = Path(__file__).resolve().parent.parent

Item = TypeVar("Item")
EnumValue = TypeVar("EnumValue", bound=StrEnum)


class Base(DeclarativeBase):
    """Base of all tables. Constraints have fixed names, so that migrations can refer to them on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """A column of aware datetimes in UTC. SQLite has no time zones: there the zone is removed and added again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; all times must be aware")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class StrEnumType(TypeDecorator[EnumValue]):
    """A column of text whose values are the members of a `StrEnum`."""

    impl = String
    cache_ok = True

    def __init__(self, members: type[EnumValue], length: int) -> None:
        super().__init__(length)
        self._members = members

    def process_bind_param(self, value: EnumValue | None, _dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> EnumValue | None:
        return None if value is None else self._members(value)


class Database:
    """A connection pool. `begin()` is a transaction that may write, `read()` one that only reads."""

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.engine = _engine(url, pool_size)
        self._writer = self.engine.execution_options(dateline_write=True)
        # SQLite has one writer at a time, and a waiting writer polls for the lock: of a hundred threads, some would
        # wait too long. So the threads of a process queue for this lock.
        self._write_lock: AbstractContextManager[object] = (
            threading.RLock() if self.engine.dialect.name == "sqlite" else nullcontext()
        )

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """A transaction that may write: committed at the end of the block, rolled back if it raises."""
        with (
            self._write_lock,
            _translated(),
            Session(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that only reads. On SQLite it sees one snapshot of the data."""
        with _translated(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    def writer_connection(self) -> "WriterConnection":
        """A connection for a thread that writes again and again."""
        return WriterConnection(self._writer, self._write_lock)

    def ping(self) -> None:
        """Raise UnavailableError if the database does not answer."""
        with _translated(), self.engine.connect() as connection:
            connection.execute(text("select 1"))

    def clock_lead(self, clock: Clock) -> timedelta | None:
        """How far the database's clock is ahead of this one; None on SQLite, which has no clock of its own."""
        if self.engine.dialect.name == "sqlite":
            return None
        with _translated(), self.engine.connect() as connection:
            asked = clock()
            answer: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
            return answer - asked - (clock() - asked) / 2

    def pending_migrations(self) -> Sequence[str]:
        """The revisions that the code has and the database lacks, oldest first."""
        script = alembic.script.ScriptDirectory.from_config(alembic_config(self.engine))
        with _translated(), self.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_heads()
        revisions = [script_file.revision for script_file in script.walk_revisions()][::-1]
        applied = {
            script_file.revision for head in current for script_file in script.iterate_revisions(head, "base")
        }
        return [revision for revision in revisions if revision not in applied]

    def upgrade(self) -> None:
        """Migrate the schema to the newest revision."""
        with _translated():
            alembic.command.upgrade(alembic_config(self.engine), "head")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


class WriterConnection:
    """A connection that stays open between transactions, because fetching one takes longer than a small write.

    Only one thread may use it. After an error, the next transaction begins on a new connection.
    """

    def __init__(self, engine: Engine, write_lock: AbstractContextManager[object]) -> None:
        self._engine, self._write_lock = engine, write_lock
        self._connection: Connection | None = None

    @contextmanager
    def begin(self) -> Iterator[CoreTx]:
        """A transaction that may write: committed at the end of the block, rolled back if it raises."""
        with self._write_lock, _translated():
            try:
                if self._connection is None:
                    self._connection = self._engine.connect()
                with self._connection.begin():
                    yield self._connection
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Return the connection to the pool."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def chunked(items: Iterable[Item], size: int = CHUNK_SIZE) -> Iterator[list[Item]]:
    """The items in lists of at most `size`, each short enough for one statement."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def insert_missing(tx: Tx, table: type[Base], rows: Sequence[dict[str, Any]], *, keys: Sequence[str]) -> None:
    """Insert `rows`, except those whose unique `keys` are already in the table."""
    if rows:
        tx.execute(dialect_insert(tx, table).on_conflict_do_nothing(index_elements=list(keys)), list(rows))


def dialect_insert(tx: Tx, table: type[Base]) -> Any:
    """An INSERT that has `on_conflict_do_nothing`, for the database in use."""
    return (sqlite_insert if tx.get_bind().dialect.name == "sqlite" else postgresql_insert)(table)


def lock_for_transaction(tx: Tx, name: str) -> None:
    """Take the lock `name` until the end of the transaction. SQLite needs none: it has one writer at a time."""
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(text("select pg_advisory_xact_lock(hashtext(:what))"), {"what": name})


def _engine(url: str, pool_size: int) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(
            url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, hide_parameters=True
        )
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
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "cache_size=-16000",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
    ):
        connection.execute("PRAGMA " + pragma)


def _begin_sqlite(connection: Any) -> None:
    """Begin a transaction. A writer takes the write lock at once: two that read first and then write would deadlock.

    https://sqlite.org/lang_transaction.html#deferred_immediate_and_exclusive_transactions
    """
    write = connection.get_execution_options().get("dateline_write")
    connection.connection.driver_connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    """Raise UnavailableError in place of the errors of an unreachable database."""
    try:
        yield
    except sqlite3.OperationalError as error:  # from _begin_sqlite, which bypasses SQLAlchemy
        raise _unavailable(error) from error
    except DBAPIError as error:
        if error.connection_invalidated or "OperationalError" in type(error).__name__:
            raise _unavailable(error.orig) from error
        raise


def _unavailable(error: BaseException | None) -> UnavailableError:
    return UnavailableError(
        f"database: {error} (is it running, and is its schema up to date? `dateline db upgrade`)"
    )


def alembic_config(engine: Engine) -> alembic.config.Config:
    """The configuration of Alembic for our migrations on `engine`."""
    config = alembic.config.Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["engine"] = engine
    return config
