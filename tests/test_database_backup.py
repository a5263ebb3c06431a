"""`dateline backup` and `restore`, on both databases: what comes back is what was there."""

import gzip
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from digest.accounts.store import audit
from digest.articles.models import Article
from digest.database import Base, Database
from digest.database_backup import MANIFEST, make_backup, read_manifest, restore_backup, verify_backup
from digest.errors import ConflictError, DatelineError, InvalidInputError
from digest.regions.tree import region_tree
from digest.subscribers.models import Subscriber
from tests.builders import World
from tests.conftest import StoppedClock

KEY_CHECK = "0123456789abcdef"
FILLED = "backup_filled"  # the database on PostgreSQL whose copies tests get
MakeDatabase = Callable[..., Database]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> Iterator[Database | None]:
    """A database of the PostgreSQL server; None for SQLite."""
    if request.param == "sqlite":
        yield None
        return
    database = Database(request.getfixturevalue("postgres_url"))
    yield database
    execute(database, f"drop database if exists {FILLED} with (force)")
    database.close()


@pytest.fixture(scope="module")
def filled(server: Database | None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with news in many scripts, and readers: a file of SQLite, or `FILLED` on the server."""
    path, clock = tmp_path_factory.mktemp("filled") / "filled.sqlite3", StoppedClock()
    if server is not None:
        execute(server, f"create database {FILLED}")
    database = Database(url_of(server, FILLED) if server else f"sqlite:///{path}")
    database.upgrade()
    world = World(database, region_tree.load(), clock)
    world.article('Ҳаво\tва об \\N \\. "quoted"\nin two lines', text="x" * 5000)
    world.many_subscribers(1200)
    with database.begin() as tx:
        audit.add(tx, "ann@example.org", "role changed", "", now=clock(), before={"role": "é"}, after=None)
    database.close()
    return path


@pytest.fixture
def make_database(server: Database | None, filled: Path, tmp_path: Path) -> Iterator[MakeDatabase]:
    """Makes databases of one kind: empty ones, and copies of the filled one."""
    opened: list[Database] = []
    names: list[str] = []

    def make(name: str, *, copy: bool = False) -> Database:
        if server is None:
            url = f"sqlite:///{tmp_path / name}.sqlite3"
            if copy:
                shutil.copy(filled, tmp_path / f"{name}.sqlite3")
        else:
            execute(server, f"create database backup_{name}" + (f" template {FILLED}" if copy else ""))
            names.append(f"backup_{name}")
            url = url_of(server, names[-1])
        opened.append(Database(url))
        return opened[-1]

    yield make
    for database in opened:
        database.close()
    if server is not None:
        for name in names:
            execute(server, f"drop database {name} with (force)")


@pytest.fixture
def source(make_database: MakeDatabase) -> Database:
    """A migrated database with news in many scripts, and readers."""
    return make_database("source", copy=True)


def execute(server: Database, statement: str) -> None:
    """Run a statement that may not be in a transaction."""
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))


def url_of(server: Database, name: str) -> str:
    """The address of another database on the same server."""
    return server.engine.url.set(database=name).render_as_string(hide_password=False)


def all_rows(database: Database) -> dict[str, list[Any]]:
    with database.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in Base.metadata.sorted_tables
        }


def test_a_restored_database_has_every_row_and_gives_new_ids(
    source: Database, make_database: MakeDatabase, tmp_path: Path, clock: StoppedClock
) -> None:
    with source.begin() as tx:  # the newest id was given, and its row is gone
        tx.delete(tx.scalars(select(Subscriber).order_by(Subscriber.id.desc())).first())
        tx.flush()
    folder = make_backup(source, tmp_path / "copies", now=clock(), key_check=KEY_CHECK)
    restored = make_database("restored")
    manifest = restore_backup(folder, restored)
    assert all_rows(restored) == all_rows(source)
    assert manifest.tables["subscribers"].rows == 1199
    assert restored.pending_migrations() == []
    World(restored, region_tree.load(), clock).subscriber("new@example.com")
    with restored.read() as tx:
        newest = tx.scalar(select(func.max(Subscriber.id)))
    assert newest == (1200 if source.engine.dialect.name == "sqlite" else 1201)


def test_a_copy_is_verified_in_a_scratch_database_that_is_deleted(
    source: Database, tmp_path: Path, clock: StoppedClock
) -> None:
    folder = make_backup(source, tmp_path / "copies", now=clock(), key_check=KEY_CHECK)
    files = set(folder.iterdir())
    verify_backup(folder, source)
    assert set(folder.iterdir()) == files
    if source.engine.dialect.name == "postgresql":
        with source.engine.connect() as connection:
            names = connection.scalars(text("select datname from pg_database")).all()
        assert [name for name in names if name.startswith("dateline_check")] == []


def test_a_copy_that_lacks_rows_is_not_taken_for_good(
    source: Database, make_database: MakeDatabase, tmp_path: Path, clock: StoppedClock
) -> None:
    folder = make_backup(source, tmp_path / "copies", now=clock(), key_check=KEY_CHECK)
    values = json.loads((folder / MANIFEST).read_text())
    values["tables"]["subscribers"]["rows"] += 1
    (folder / MANIFEST).write_text(json.dumps(values))
    with pytest.raises(ConflictError, match=r"rows differ in subscribers \(1200 of 1201\)"):
        verify_backup(folder, source)


def test_a_database_that_is_not_empty_is_left_alone(
    source: Database, tmp_path: Path, clock: StoppedClock
) -> None:
    folder = make_backup(source, tmp_path / "copies", now=clock(), key_check=KEY_CHECK)
    before = all_rows(source)
    with pytest.raises(ConflictError, match="is not empty"):
        restore_backup(folder, source)
    assert all_rows(source) == before


def test_a_copy_of_a_later_version_is_refused(
    source: Database, make_database: MakeDatabase, tmp_path: Path, clock: StoppedClock
) -> None:
    folder = make_backup(source, tmp_path / "copies", now=clock(), key_check=KEY_CHECK)
    text_of_manifest = (folder / MANIFEST).read_text()
    revision = read_manifest(folder).revision
    (folder / MANIFEST).write_text(text_of_manifest.replace(f'"{revision}"', '"9999"'))
    with pytest.raises(ConflictError, match="later version"):
        restore_backup(folder, make_database("later"))


def test_rows_written_meanwhile_are_not_in_the_copy_by_halves(
    source: Database, make_database: MakeDatabase, tmp_path: Path, clock: StoppedClock
) -> None:
    first = make_backup(source, tmp_path / "copies", now=clock(), key_check=KEY_CHECK)
    World(source, region_tree.load(), clock).article()
    restored = make_database("earlier")
    restore_backup(first, restored)
    with restored.read() as tx:
        assert tx.scalar(select(func.count()).select_from(Article)) == 1


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"tables": 1}', '{"tables": {"a": {}}}', "null"])
def test_a_folder_that_is_no_copy_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(InvalidInputError, match="is no folder that `dateline backup` made"):
        read_manifest(tmp_path)


def test_an_empty_database_is_not_copied(
    make_database: MakeDatabase, tmp_path: Path, clock: StoppedClock
) -> None:
    with pytest.raises(DatelineError, match="no tables yet"):
        make_backup(make_database("empty"), tmp_path / "copies", now=clock(), key_check=KEY_CHECK)
    assert not (tmp_path / "copies").exists()


def test_a_damaged_file_is_an_error(
    source: Database, make_database: MakeDatabase, tmp_path: Path, clock: StoppedClock
) -> None:
    folder = make_backup(source, tmp_path / "copies", now=clock(), key_check=KEY_CHECK)
    (path,) = (
        folder.glob("subscribers.gz")
        if source.engine.dialect.name == "postgresql"
        else folder.glob("*.sqlite3")
    )
    octets = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    half = octets[: len(octets) // 2]
    path.write_bytes(gzip.compress(half) if path.suffix == ".gz" else half)
    with pytest.raises(
        Exception, match=r"damaged|malformed|missing data|rows differ|not a database|incomplete|COPY"
    ):
        verify_backup(folder, source)


def test_the_manifest_has_no_secret(source: Database, tmp_path: Path, clock: StoppedClock) -> None:
    folder = make_backup(source, tmp_path / "copies", now=clock(), key_check=KEY_CHECK)
    manifest = read_manifest(folder)
    assert manifest == replace(manifest, key_check=KEY_CHECK)
    assert "postgresql://" not in (folder / MANIFEST).read_text()
