"""What the broker says, asked of a real Redis: waiting messages, and clocks that differ."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery import Celery

from digest import broker_state, clock
from digest.errors import UnavailableError
from digest.task_names import Queue, TaskName
from tests.broker_fixtures import running_broker


@pytest.fixture
def celery() -> Iterator[Celery]:
    with running_broker() as url:
        yield Celery("test", broker=url, set_as_current=False)


def send(celery: Celery, task: TaskName, queue: Queue) -> None:
    celery.send_task(task.value, queue=queue.value)


def test_a_message_waits_until_a_worker_takes_it(celery: Celery) -> None:
    assert not broker_state.is_waiting(celery, TaskName.PLAN_DUE, Queue.PLANNING)
    send(celery, TaskName.PLAN_DUE, Queue.PLANNING)
    assert broker_state.is_waiting(celery, TaskName.PLAN_DUE, Queue.PLANNING)
    assert not broker_state.is_waiting(celery, TaskName.PLAN_EDITION, Queue.PLANNING)
    assert not broker_state.is_waiting(celery, TaskName.PLAN_DUE, Queue.SENDING)
    with celery.connection_for_read() as connection:
        connection.SimpleQueue(Queue.PLANNING.value).get(timeout=2).ack()
    assert not broker_state.is_waiting(celery, TaskName.PLAN_DUE, Queue.PLANNING)


def test_waiting_messages_are_counted_for_each_queue(celery: Celery) -> None:
    for _ in range(3):
        send(celery, TaskName.SEND_LETTERS, Queue.LETTERS)
    assert broker_state.count_waiting(celery, Queue.LETTERS) == 3
    assert broker_state.count_waiting(celery, Queue.SOURCES) == 0


@pytest.mark.parametrize("seconds", [-7200, -95, 0, 95, 7200])
def test_a_clock_is_compared_with_the_brokers(celery: Celery, seconds: int) -> None:
    lead = broker_state.measure_clock(celery, lambda: clock.now() + timedelta(seconds=seconds))
    assert lead.total_seconds() == pytest.approx(seconds, abs=1)


def test_machines_tell_each_other_how_far_their_clocks_are_ahead(celery: Celery) -> None:
    broker_state.publish_clock(celery, lambda: clock.now() + timedelta(seconds=95))
    (lead,) = broker_state.published_clocks(celery).values()
    assert lead.total_seconds() == pytest.approx(95, abs=1)


def test_what_a_machine_told_long_ago_is_forgotten(celery: Celery) -> None:
    with celery.pool.acquire() as connection:
        redis = connection.default_channel.client
        redis.hset(broker_state.CLOCKS_KEY, "retired", f"[95, {redis.time()[0] - 3600}]")
        assert broker_state.published_clocks(celery) == {}
        assert redis.hlen(broker_state.CLOCKS_KEY) == 0


def test_a_broker_that_does_not_answer_is_an_error_with_the_remedy() -> None:
    nobody = Celery("test", broker="redis+socket:///nowhere/nobody.sock", set_as_current=False)
    nobody.conf.broker_transport_options = {"max_retries": 1, "interval_start": 0, "interval_max": 0}
    with pytest.raises(UnavailableError, match="does not answer"):
        broker_state.count_waiting(nobody, Queue.LETTERS)
    assert "REDIS_URL" in broker_state.problem(nobody)
    broker_state.publish_clock(nobody, clock.now)  # says nothing: workers try again in a minute
