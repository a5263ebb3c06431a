"""Copies of the whole database in a folder, and databases made from such copies.

A copy of SQLite is a database file. A copy of PostgreSQL has a file for each table, written by COPY within one
snapshot: no program of PostgreSQL is needed, and the versions of the two servers may differ. `manifest.json` says what
a copy holds. Senders and pages go on while a copy is made.
"""

import gzip
import json
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import alembic.command
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, make_url, text
from sqlalchemy.exc import ProgrammingError

from digest import __version__
from digest.database import Base, Database
from digest.database_migrations import alembic_config
from digest.errors import ConflictError, InvalidInputError, UnavailableError

MANIFEST = "manifest.json"
SQLITE_FILE = "dateline.sqlite3"
SNAPSHOT = "begin isolation level repeatable read read only"
COPY_SIZE = 1 << 20  # octets given to the server at a time
NO_LIMITS = "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0"


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table of a copy."""

    rows: int
    columns: list[str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a copy holds. The tables are in an order in which they can be filled."""

    kind: str  # sqlite or postgresql
    version: str  # of Dateline
    revision: str  # of the schema
    made_at: str
    key_check: str  # of SECRET_KEY; see `digest/cli/backup.py`
    tables: dict[str, CopiedTable]
    sequences: dict[str, int] = field(
        default_factory=dict
    )  # an id must not be given twice: letters carry them

    @property
    def rows(self) -> int:
        """How many rows all tables have."""
        return sum(table.rows for table in self.tables.values())


def make_backup(db: Database, parent: Path, *, now: datetime, key_check: str) -> Path:
    """Copy the database into a new folder below `parent`; returns the folder."""
    revision = _revision(db.engine)
    if not revision:
        raise ConflictError("the database has no tables yet; there is nothing to copy")
    folder = parent / f"dateline-{now:%Y-%m-%dT%H%M%SZ}"
    partial = folder.with_name(folder.name + ".partial")
    partial.mkdir(parents=True)
    kind = db.engine.dialect.name
    tables, sequences = (_copy_sqlite if kind == "sqlite" else _copy_postgresql)(db.engine, partial)
    manifest = Manifest(kind, __version__, revision, now.isoformat(), key_check, tables, sequences)
    (partial / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
    partial.rename(folder)
    return folder


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a copy; raises InvalidInputError for a folder that is none."""
    try:
        values = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        tables = {name: CopiedTable(**table) for name, table in values.pop("tables").items()}
        return Manifest(**values, tables=tables)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidInputError(f"{folder} is no folder that `dateline backup` made: {error}") from error


def restore_backup(folder: Path, db: Database) -> Manifest:
    """Fill an empty database from a copy, and compare the number of rows in each table."""
    manifest = read_manifest(folder)
    if manifest.kind != db.engine.dialect.name:
        raise ConflictError(
            f"{folder} is a copy of {manifest.kind}, and DATABASE_URL is {db.engine.dialect.name}"
        )
    if existing := _tables_of(db.engine):
        raise ConflictError(
            f"the database is not empty (it has {len(existing)} tables); move it away or name another in DATABASE_URL"
        )
    known = {
        script.revision for script in ScriptDirectory.from_config(alembic_config(db.engine)).walk_revisions()
    }
    if manifest.revision not in known:
        raise ConflictError(
            f"the copy was made by a later version of Dateline ({manifest.version}); install that one"
        )
    if manifest.kind == "sqlite":
        _restore_sqlite(folder, db.engine, manifest)
    else:
        alembic.command.upgrade(alembic_config(db.engine), manifest.revision)
        _restore_postgresql(folder, db.engine, manifest)
    return manifest


def verify_backup(folder: Path, db: Database) -> None:
    """Restore a copy into a scratch database beside `db`, and delete it. Raises an error if that is not possible."""
    with _scratch_url(folder, db.engine) as url:
        scratch = Database(url)
        try:
            restore_backup(folder, scratch)
        finally:
            scratch.close()


def _revision(engine: Engine) -> str:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def _tables_of(engine: Engine) -> list[str]:
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        return []
    return inspect(engine).get_table_names()


def _copy_sqlite(engine: Engine, folder: Path) -> tuple[dict[str, CopiedTable], dict[str, int]]:
    path = folder / SQLITE_FILE
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute("vacuum into ?", (str(path),))
    return _count_sqlite(path), {}


def _count_sqlite(path: Path) -> dict[str, CopiedTable]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        (problem,) = connection.execute("pragma integrity_check(1)").fetchone()
        if problem != "ok":
            raise UnavailableError(f"{path} is damaged: {problem}")
        counts = {}
        for table in Base.metadata.sorted_tables:
            columns = [row[1] for row in connection.execute(f'pragma table_info("{table.name}")')]
            if columns:
                (rows,) = connection.execute(f'select count(*) from "{table.name}"').fetchone()  # noqa: S608
                counts[table.name] = CopiedTable(rows, columns)
        return counts


def _restore_sqlite(folder: Path, engine: Engine, manifest: Manifest) -> None:
    target = Path(engine.url.database or "")
    target.parent.mkdir(parents=True, exist_ok=True)
    engine.dispose()
    shutil.copyfile(folder / SQLITE_FILE, target)
    _compare(_count_sqlite(target), manifest)


def _copy_postgresql(engine: Engine, folder: Path) -> tuple[dict[str, CopiedTable], dict[str, int]]:
    tables = {}
    existing = set(_tables_of(engine))
    with _transaction(engine, SNAPSHOT) as cursor:
        for table in Base.metadata.sorted_tables:
            if table.name not in existing:
                continue
            columns = [column.name for column in table.columns]
            with gzip.open(folder / f"{table.name}.gz", "wb", compresslevel=3) as file:
                with cursor.copy(f"copy {_with_columns(table.name, columns)} to stdout") as copy:
                    for octets in copy:
                        file.write(octets)
                tables[table.name] = CopiedTable(cursor.rowcount, columns)
        cursor.execute(
            "select sequencename, coalesce(last_value, 0) from pg_sequences where schemaname = current_schema()"
        )
        return tables, dict(cursor.fetchall())


def _restore_postgresql(folder: Path, engine: Engine, manifest: Manifest) -> None:
    with _transaction(engine, "begin") as cursor:
        names = ", ".join(f'"{name}"' for name in manifest.tables)
        cursor.execute(f"truncate {names}")  # migrations write some rows
        for name, table in manifest.tables.items():
            statement = f"copy {_with_columns(name, table.columns)} from stdin"
            with gzip.open(folder / f"{name}.gz", "rb") as file, cursor.copy(statement) as copy:
                while octets := file.read(COPY_SIZE):
                    copy.write(octets)
        counts = {}
        for name, table in manifest.tables.items():
            cursor.execute(f'select count(*) from "{name}"')  # noqa: S608
            counts[name] = CopiedTable(cursor.fetchone()[0], table.columns)
        _compare(counts, manifest)
        for name, value in manifest.sequences.items():
            cursor.execute("select setval(%s::regclass, %s, %s)", (f'"{name}"', max(value, 1), value > 0))


def _with_columns(table: str, columns: list[str]) -> str:
    return f'"{table}" ({", ".join(f"{chr(34)}{column}{chr(34)}" for column in columns)})'


def _compare(counts: dict[str, CopiedTable], manifest: Manifest) -> None:
    wrong = [
        f"{name} ({counts[name].rows if name in counts else 'no table'} of {table.rows})"
        for name, table in manifest.tables.items()
        if name not in counts or counts[name].rows != table.rows
    ]
    if wrong:
        raise ConflictError(f"the copy is not complete; rows differ in {', '.join(wrong)}")


@contextmanager
def _transaction(engine: Engine, begin: str) -> Iterator[Any]:
    """A cursor of psycopg within a transaction that `begin` starts; the engine's connections begin none themselves."""
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute(begin)
        try:
            cursor.execute(NO_LIMITS)
            yield cursor
        except BaseException:
            cursor.execute("rollback")
            raise
        cursor.execute("commit")


@contextmanager
def _scratch_url(folder: Path, engine: Engine) -> Iterator[str]:
    """The URL of an empty database that is deleted at the end."""
    name = f"dateline_check_{secrets.token_hex(4)}"
    if engine.dialect.name == "sqlite":
        path = folder / f"{name}.sqlite3"
        try:
            yield f"sqlite:///{path.resolve()}"
        finally:
            path.unlink(missing_ok=True)
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            connection.execute(text(f"create database {name}"))
        except ProgrammingError as error:
            raise UnavailableError(
                f"not verified: {str(error.orig).strip()} (allow it by `alter role … createdb`, or use --no-verify and "
                "restore the copy elsewhere)"
            ) from error
        try:
            yield make_url(engine.url).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(text(f"drop database {name} with (force)"))
