"""A broker for the tests of counting, and a site that counts."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from celery import Celery

from digest.broker_state import redis_client
from digest.settings import Settings
from tests.broker_fixtures import running_broker


@pytest.fixture(scope="session")
def broker_url() -> Iterator[str]:
    with running_broker() as url:
        yield url


@pytest.fixture
def celery(broker_url: str) -> Celery:
    """A client of an empty broker."""
    client = Celery("test", broker=broker_url, set_as_current=False)
    with redis_client(client) as redis:
        redis.flushall()
    return client


@pytest.fixture
def settings(settings: Settings, broker_url: str) -> Settings:
    """The settings of a site that counts."""
    return replace(settings, count_opens=True, redis_url=broker_url)
