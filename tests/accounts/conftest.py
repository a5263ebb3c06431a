"""Fixtures: threads, to do things at the same time."""

from tests.database_fixtures import threads  # noqa: F401
