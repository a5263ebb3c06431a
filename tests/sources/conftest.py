"""A web server for the tests that fetch."""

from collections.abc import Iterator

import pytest

from tests.sources.feed_server import FeedServer, start_feed_server


@pytest.fixture
def feed_server() -> Iterator[FeedServer]:
    """A publisher's server, started for each test."""
    started = start_feed_server()
    yield started
    started.server.shutdown()
    started.server.server_close()
