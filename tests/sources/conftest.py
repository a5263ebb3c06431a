"""A web server for every test that fetches."""

from collections.abc import Iterator

import pytest

from tests.sources.feed_server import Newsstand, open_newsstand


@pytest.fixture
def newsstand() -> Iterator[Newsstand]:
    """A publisher's server, fresh for each test."""
    stand = open_newsstand()
    yield stand
    stand.server.shutdown()
    stand.server.server_close()
