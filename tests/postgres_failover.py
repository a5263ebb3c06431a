"""A PostgreSQL database that a test makes read-only and writable again, as a failover does to its clients."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, make_url, text

from digest.database import Database
from tests.empty_databases import load_metadata

NAME = "failing_over"


class FailingOver:
    """The database and its server. `db` is one client of it."""

    def __init__(self, admin: Database) -> None:
        self._admin = admin
        self.url = admin.engine.url.set(database=NAME).render_as_string(hide_password=False)
        self.db = Database(self.url)

    def demote(self, *, terminate: bool = True) -> None:
        """Refuse writes in new sessions, and end the others."""
        self._set_read_only("on", terminate=terminate)

    def promote(self, *, terminate: bool = True) -> None:
        """Accept writes in new sessions. With `terminate`, the sessions that cannot write end."""
        self._set_read_only("off", terminate=terminate)

    def configure(self, setting: str) -> None:
        """Change what new sessions begin with: `name = value`."""
        with self._autocommit() as connection:
            connection.execute(text(f"alter database {NAME} set {setting}"))

    @contextmanager
    def _autocommit(self) -> Iterator[Connection]:
        with self._admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection

    def _set_read_only(self, value: str, *, terminate: bool) -> None:
        self.configure(f"default_transaction_read_only = {value}")
        if terminate:
            end_sessions = text(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"
            )
            with self._autocommit() as connection:
                connection.execute(end_sessions, {"name": NAME})


@contextmanager
def failing_over_database(server_url: str) -> Iterator[FailingOver]:
    """A new database of a server, with all tables."""
    admin = Database(server_url)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"drop database if exists {NAME} with (force)"))
        connection.execute(text(f"create database {NAME}"))
    opened = FailingOver(admin)
    load_metadata().create_all(opened.db.engine)
    yield opened
    opened.db.close()
    admin.close()


def options(url: str, *settings: str) -> str:
    """A URL whose sessions begin with these settings, each as name=value."""
    words = " ".join(f"-c {setting}" for setting in settings)
    return make_url(url).update_query_dict({"options": words}).render_as_string(hide_password=False)
