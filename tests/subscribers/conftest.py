"""Fixtures on an empty database, on SQLite and PostgreSQL."""

from tests.database_fixtures import relay, sending_context, threads, tree, world  # noqa: F401
