"""The database: transactions, column types and migrations, for SQLite and PostgreSQL."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    Text,
    any_,
    cast,
    event,
    func,
    literal,
    text,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from digest.clock import Clock
from digest.database_engines import NO_TIME_LIMIT, WRITE, make_engine
from digest.database_errors import READ_ONLY_ADVICE, outages_translated
from digest.errors import UnavailableError

if TYPE_CHECKING:
    from digest.database_background import BackgroundConnection

MAX_ROW_ID = 2**31 - 1  # the largest integer of PostgreSQL; databases refuse larger numbers with an error
Tx = Session  # an open transaction; the name spares other modules the import of SQLAlchemy
CoreTx = Connection  # the same without ORM objects, for statements that run hundreds of times per second

CHUNK_SIZE = 500  # values of one IN (…): below every database's limit

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


def lock_row(tx: Tx, row: Base) -> None:
    """Read a row anew, and make other changes of it wait until this transaction ends."""
    tx.refresh(row, with_for_update={"of": type(row)})  # not what is joined to it, which PostgreSQL refuses


class Database:
    """A connection pool. `begin()` is a transaction that may write, `read()` one that only reads.

    On PostgreSQL, each statement has a time limit (`database_engines.STATEMENT_TIMEOUT`). With `time_limit=False` a
    transaction has none: for work on all subscribers or all articles, which no page waits for.
    """

    def __init__(self, url: str, *, pool_size: int = 5, application_name: str = "dateline") -> None:
        self.engine = make_engine(url, pool_size, application_name)
        # SQLite has one writer at a time, and a waiting writer polls for the lock: of a hundred threads, some would
        # wait too long. So the threads of a process queue for this lock.
        self._write_lock: AbstractContextManager[object] = (
            threading.RLock() if self.engine.dialect.name == "sqlite" else nullcontext()
        )

    @contextmanager
    def begin(self, *, time_limit: bool = True) -> Iterator[Tx]:
        """A transaction that may write: committed at the end of the block, rolled back if it raises."""
        engine = self.engine.execution_options(**{WRITE: True, NO_TIME_LIMIT: not time_limit})
        with (
            self._write_lock,
            outages_translated(),
            Session(engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def read(self, *, time_limit: bool = True) -> Iterator[Tx]:
        """A transaction that only reads. On SQLite it sees one snapshot of the data."""
        engine = self.engine.execution_options(**{NO_TIME_LIMIT: not time_limit})
        with outages_translated(), Session(engine, expire_on_commit=False) as session:
            yield session

    def writer_connection(self) -> "WriterConnection":
        """A connection for a thread that writes again and again."""
        return WriterConnection(self.engine.execution_options(**{WRITE: True}), self._write_lock)

    def background_connection(self) -> "BackgroundConnection | None":
        """A connection for statements that run while the thread goes on; None on SQLite, which has none."""
        if self.engine.dialect.name != "postgresql":
            return None
        from digest.database_background import (
            BackgroundConnection,  # with psycopg, which SQLite does not need
        )

        return BackgroundConnection(self.engine)

    def check_writable(self) -> None:
        """Raise UnavailableError if the database does not answer, or if it is PostgreSQL and accepts no writes."""
        is_postgresql = self.engine.dialect.name == "postgresql"
        # It is also "on" in every transaction of a standby server.
        query = "show transaction_read_only" if is_postgresql else "select 1"
        with outages_translated(), self.engine.connect() as connection:
            if connection.scalar(text(query)) == "on":
                raise UnavailableError(f"database: read-only ({READ_ONLY_ADVICE})")

    def clock_lead(self, clock: Clock) -> timedelta | None:
        """How far the database's clock is ahead of this one; None on SQLite, which has no clock of its own."""
        if self.engine.dialect.name == "sqlite":
            return None
        with outages_translated(), self.engine.connect() as connection:
            asked = clock()
            answer: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
            return answer - asked - (clock() - asked) / 2

    def pending_migrations(self) -> Sequence[str]:
        """The revisions that the code has and the database lacks, oldest first; none of a later version's schema."""
        from digest.database_migrations import pending  # with Alembic, which few processes need

        with outages_translated():
            return pending(self.engine)

    def upgrade(self) -> None:
        """Migrate the schema to the newest revision."""
        from digest.database_migrations import upgrade

        with outages_translated():
            upgrade(self.engine)

    def downgrade(self, revision: str) -> Sequence[str]:
        """Undo the migrations after `revision`; returns them, newest first. Raises InvalidInputError."""
        from digest.database_migrations import downgrade

        with outages_translated():
            return downgrade(self.engine, revision)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


class WriterConnection:
    """A connection that stays open between transactions, because fetching one takes longer than a small write.

    Only one thread may use it. After an error, the next write begins on a new connection.
    """

    def __init__(self, engine: Engine, write_lock: AbstractContextManager[object]) -> None:
        self._engine, self._write_lock = engine, write_lock
        self._connection: Connection | None = None

    @contextmanager
    def begin(self) -> Iterator[CoreTx]:
        """A transaction that may write: committed at the end of the block, rolled back if it raises."""
        with self._write_lock, outages_translated():
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


def is_one_of(tx: Tx | CoreTx, column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """The condition that a column has one of many values.

    On PostgreSQL they are one parameter. With a parameter for each, SQLAlchemy and psycopg would write and parse the
    statement anew every time, which takes longer than the server needs for it.
    """
    listed = list(values)
    dialect = tx.dialect if isinstance(tx, Connection) else tx.get_bind().dialect
    is_postgresql = dialect.name == "postgresql"
    # An array of varchar(64) would be cut to 64 characters, and a longer value then be found by its beginning.
    item = Text() if isinstance(column.type, String) else column.type
    found: ColumnElement[bool] = (
        column == any_(literal(listed, ARRAY(item))) if is_postgresql else column.in_(listed)
    )
    return found


def page_after(
    tx: Tx, query: Any, column: Any, *, after: Any | None, limit: int, newest_first: bool = False
) -> Sequence[Any]:
    """The objects of `query` behind that whose unique `column` is `after`: at most `limit`, and one more if there is.

    It takes as long for the last page as for the first, because nothing is counted or skipped.
    """
    if after is not None:
        query = query.where(column < after if newest_first else column > after)
    ordered = query.order_by(column.desc() if newest_first else column).limit(limit + 1)
    return tx.scalars(ordered).all()


def insert_missing(tx: Tx, table: type[Base], rows: Sequence[dict[str, Any]], *, keys: Sequence[str]) -> None:
    """Insert `rows`, except those whose unique `keys` are already in the table."""
    if rows:
        tx.execute(dialect_insert(tx, table).on_conflict_do_nothing(index_elements=list(keys)), list(rows))


def dialect_insert(tx: Tx, table: type[Base]) -> Any:
    """An INSERT that has `on_conflict_do_nothing`, for the database in use."""
    return (sqlite_insert if tx.get_bind().dialect.name == "sqlite" else postgresql_insert)(table)


def utc_day(tx: Tx, moment: Any) -> Any:
    """The UTC day of a column as text ("2026-03-10"), for grouping."""
    if tx.get_bind().dialect.name == "sqlite":  # moments are stored in UTC, and begin with their day
        return func.substr(cast(moment, String), 1, 10)
    return func.to_char(func.timezone("UTC", moment), "YYYY-MM-DD")


def lock_for_transaction(tx: Tx, name: str) -> None:
    """Take the lock `name` until the end of the transaction. SQLite needs none: it has one writer at a time."""
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(text("select pg_advisory_xact_lock(hashtext(:what))"), {"what": name})


def on_commit(tx: Tx, call: Callable[[], None]) -> None:
    """Call a function once `tx` is committed."""
    event.listen(tx, "after_commit", lambda _session: call(), once=True)
