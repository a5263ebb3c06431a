"""How tasks are enqueued: never more messages than a queue should hold, and at once when a worker is ready."""

import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from celery import Celery

from digest import broker_state
from digest.app import create_app
from digest.parts import EXTENSION_KEY
from digest.settings import Settings
from digest.task_names import Queue, TaskName
from digest.tasks import MAX_WAITING, enqueue_with
from tests.broker_fixtures import running_broker


@pytest.fixture
def celery(settings: Settings) -> Iterator[Celery]:
    with running_broker() as url:
        yield create_app(replace(settings, redis_url=url)).extensions["celery"]


def messages(celery: Celery, queue: Queue) -> list[Any]:
    with celery.pool.acquire() as connection:
        waiting: list[Any] = connection.default_channel.client.lrange(queue, 0, -1)
        return waiting


def test_messages_do_not_pile_up_while_no_worker_runs(celery: Celery) -> None:
    for number in range(MAX_WAITING + 20):
        enqueue_with(celery, TaskName.POLL_SOURCE, number)
    assert broker_state.count_waiting(celery, Queue.SOURCES) == MAX_WAITING
    enqueue_with(celery, TaskName.SEND_LETTERS)
    assert broker_state.count_waiting(celery, Queue.LETTERS) == 1


def test_a_message_that_nobody_has_taken_is_enough(celery: Celery) -> None:
    for _ in range(3):
        enqueue_with(celery, TaskName.SEND_LETTERS)
    assert len(messages(celery, Queue.LETTERS)) == 1
    for number in (1, 2):  # these are about different things
        enqueue_with(celery, TaskName.POLL_SOURCE, number)
    assert len(messages(celery, Queue.SOURCES)) == 2


def test_a_message_has_no_time_at_which_it_expires(celery: Celery) -> None:
    """It would be compared with the clock of the worker's machine, which may be another."""
    enqueue_with(celery, TaskName.SEND_LETTERS)
    (message,) = messages(celery, Queue.LETTERS)
    assert b'"expires": null' in message


def test_without_a_broker_enqueueing_only_logs(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    enqueue_with(create_app(settings).extensions["celery"], TaskName.SEND_LETTERS)
    assert "letters.send waits for the next minute" in capsys.readouterr().err


def test_nothing_of_an_application_outlives_it(settings: Settings) -> None:
    app = create_app(settings)
    parts = weakref.ref(app.extensions[EXTENSION_KEY])
    receivers = [weakref.ref(receive) for _, receive in app.extensions["celery"].receivers]
    gc.collect()
    assert all(receive() for receive in receivers)  # as long as the application is there
    del app
    gc.collect()
    assert parts() is None
    assert not any(receive() for receive in receivers)
