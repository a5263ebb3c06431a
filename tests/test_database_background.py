"""Statements that PostgreSQL runs in the background."""

import os
import resource
from collections.abc import Iterator

import pytest

from digest.database import Database
from digest.database_background import BackgroundConnection


@pytest.fixture
def many_open_files() -> Iterator[None]:
    """Takes all file numbers below 1,024, which is where select() ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    files = [os.open(os.devnull, os.O_RDONLY)]
    while files[-1] < 1024:
        files.append(os.open(os.devnull, os.O_RDONLY))
    yield
    for file in files:
        os.close(file)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_statement_is_waited_for_with_more_than_1023_open_files(
    many_open_files: None, postgres_url: str
) -> None:
    database = Database(postgres_url)
    connection = BackgroundConnection(database.engine)
    connection.start(b"select pg_sleep($1::float8)", ["0.2"]).wait()
    connection.close()
    database.close()
