"""Fixtures on an empty database, on SQLite and PostgreSQL."""

from tests.database_fixtures import planner, relay, sending_context, tree, world  # noqa: F401
