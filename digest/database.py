"""The database: engines, transactions, column types and migrations, on SQLite and PostgreSQL alike."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import alembic.script
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from digest.errors import UnavailableError

Tx = Session  # what the doing files call an open transaction, so that they need not import SQLAlchemy
PlainTx = Connection  # the same without objects, for statements that run hundreds of times a second

BUSY_TIMEOUT = 30  # seconds a writer waits for SQLite's single write lock before it gives up
WAL_PAGES = 8000  # of 4 KB, after which SQLite's journal is copied into the database; that waits for the disk
ROOT = Path(__file__).resolve().parent.parent


class Base(DeclarativeBase):
    """Base of all tables; constraint names are fixed so that migrations can name them on every database."""

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
    """An aware datetime in UTC. SQLite keeps no zones, so it is stored naive there and made aware on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no zone; times are aware UTC everywhere")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """A connection pool, and the two ways to use it: `begin()` to change, `read()` to look."""

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.engine = _engine(url, pool_size)
        self._writer = self.engine.execution_options(dateline_write=True)
        # SQLite lets one writer in at a time, and those who wait try again now and then: of a hundred threads some
        # would wait too long. Those of one process queue here.
        self._turn: AbstractContextManager[object] = (
            threading.RLock() if self.engine.dialect.name == "sqlite" else nullcontext()
        )

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """A transaction that may write: committed at the end of the block, rolled back if it raises."""
        with (
            self._turn,
            _translated(),
            Session(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that only looks; what it sees doesn't change under it on SQLite."""
        with _translated(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    def line(self) -> "Line":
        """A connection of one's own, for who writes again and again."""
        return Line(self._writer, self._turn)

    def ping(self) -> None:
        """Raises UnavailableError when the database does not answer."""
        with _translated(), self.engine.connect() as connection:
            connection.execute(text("select 1"))

    def pending_migrations(self) -> Sequence[str]:
        """Revisions that the code has and the database has not, oldest first."""
        script = alembic.script.ScriptDirectory.from_config(_alembic(self.engine))
        with _translated(), self.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_heads()
        revisions = [r.revision for r in script.walk_revisions()][::-1]
        done = {r.revision for head in current for r in script.iterate_revisions(head, "base")}
        return [r for r in revisions if r not in done]

    def upgrade(self) -> None:
        """Bring the schema to the newest revision."""
        with _translated():
            alembic.command.upgrade(_alembic(self.engine), "head")

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


class Line:
    """A connection that is kept between transactions: fetching one from the pool takes longer than a small write.

    For one thread. When the database went away, the next transaction begins on another connection.
    """

    def __init__(self, engine: Engine, turn: AbstractContextManager[object]) -> None:
        self._engine, self._turn = engine, turn
        self._connection: Connection | None = None

    @contextmanager
    def begin(self) -> Iterator[PlainTx]:
        """A transaction that may write: committed at the end of the block, rolled back if it raises."""
        with self._turn, _translated():
            try:
                if self._connection is None:
                    self._connection = self._engine.connect()
                with self._connection.begin():
                    yield self._connection
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def insert_missing(tx: Tx, table: type[Base], rows: Sequence[dict[str, Any]], *, keys: Sequence[str]) -> None:
    """Insert rows, leaving those be whose unique `keys` are there already: "only once" is in the schema."""
    if rows:
        tx.execute(inserter(tx, table).on_conflict_do_nothing(index_elements=list(keys)), list(rows))


def inserter(tx: Tx, table: type[Base]) -> Any:
    """An INSERT that knows `on_conflict_do_nothing`, for the database in use."""
    return (sqlite_insert if tx.get_bind().dialect.name == "sqlite" else postgresql_insert)(table)


def serialise(tx: Tx, what: str) -> None:
    """Let one transaction at a time do `what`, until its end. On SQLite writers are one at a time anyway."""
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(text("select pg_advisory_xact_lock(hashtext(:what))"), {"what": what})


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
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "cache_size=-16000",
        f"wal_autocheckpoint={WAL_PAGES}",
    ):
        connection.execute("PRAGMA " + pragma)


def _begin_sqlite(connection: Any) -> None:
    """A writer takes the write lock at once: two readers that both turn writers would deadlock.

    https://sqlite.org/lang_transaction.html#deferred_immediate_and_exclusive_transactions
    """
    write = connection.get_execution_options().get("dateline_write")
    connection.connection.driver_connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:  # of _begin_sqlite, past SQLAlchemy
        raise _unavailable(error) from error
    except DBAPIError as error:
        if error.connection_invalidated or "OperationalError" in type(error).__name__:
            raise _unavailable(error.orig) from error
        raise


def _unavailable(error: BaseException | None) -> UnavailableError:
    return UnavailableError(
        f"database: {error} (is it running, and is its schema up to date? `dateline db upgrade`)"
    )


def _alembic(engine: Engine) -> alembic.config.Config:
    config = alembic.config.Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["engine"] = engine
    return config
