"""Beat enqueues each task at its interval, whatever the wall clock does, and never keeps a schedule on disk."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery

from digest import broker_state, clock
from digest.app import create_app
from digest.beat import RETRY_INTERVAL, MonotonicScheduler
from digest.settings import Settings
from digest.task_names import Queue
from digest.tasks import TASKS
from tests.broker_fixtures import running_broker
from tests.own_processes import own_environment

SCHEDULED = [name for name, spec in TASKS.items() if spec.every is not None]
EVERY_MINUTE = [name for name, spec in TASKS.items() if spec.every == 60]
STEPS = [timedelta(hours=-2), timedelta(hours=2)]


@pytest.fixture
def celery(settings: Settings) -> Iterator[Celery]:
    with running_broker() as url:
        yield create_app(replace(settings, redis_url=url)).extensions["celery"]


class Scheduler(MonotonicScheduler):
    """Beat's scheduler, with monotonic time that passes when the test says so."""

    passed = 1000.0

    def monotonic(self) -> float:
        return self.passed


def take_all(celery: Celery) -> list[str]:
    """Take all messages from the queues, as workers do; returns the names of their tasks."""
    with celery.pool.acquire() as connection:
        redis = connection.default_channel.client
        waiting = [name for name in TASKS if broker_state.is_waiting(celery, name, TASKS[name].queue)]
        count = sum(broker_state.count_waiting(celery, queue) for queue in Queue)
        assert count == len(waiting), "a task waits twice"
        redis.delete(*Queue)
    return sorted(waiting)


def test_everything_is_enqueued_when_beat_starts_and_then_at_its_interval(celery: Celery) -> None:
    beat = Scheduler(app=celery)
    assert beat.tick() == 60
    assert take_all(celery) == sorted(SCHEDULED)
    beat.passed += 59
    assert beat.tick() == 1
    assert take_all(celery) == []
    beat.passed += 1
    beat.tick()
    assert take_all(celery) == sorted(EVERY_MINUTE)
    beat.passed += 3600
    beat.tick()
    assert take_all(celery) == sorted(SCHEDULED)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_of_the_wall_clock_delays_no_task(celery: Celery, step: timedelta) -> None:
    """Celery's scheduler compares `last_run_at` with the clock; after a step they are hours apart."""
    beat = Scheduler(app=celery)
    beat.tick()
    take_all(celery)
    for entry in beat.schedule.values():
        entry.last_run_at = clock.now() - step
    beat.passed += 60
    beat.tick()
    assert take_all(celery) == sorted(EVERY_MINUTE)


def test_while_no_worker_runs_each_task_waits_once(celery: Celery) -> None:
    beat = Scheduler(app=celery)
    for _ in range(200):
        beat.tick()
        beat.passed += 60
    assert take_all(celery) == sorted(SCHEDULED)


def test_beat_tries_again_soon_while_the_broker_does_not_answer(settings: Settings) -> None:
    beat = Scheduler(app=create_app(settings).extensions["celery"])
    assert beat.tick() == RETRY_INTERVAL


def test_a_message_of_beat_says_no_time_at_which_it_expires(celery: Celery) -> None:
    Scheduler(app=celery).tick()
    with celery.pool.acquire() as connection:
        messages = connection.default_channel.client.lrange(Queue.PLANNING, 0, -1)
    assert len(messages) == 2
    assert all(b'"expires": null' in message for message in messages)


def test_beat_itself_enqueues_at_once_and_leaves_no_file(settings: Settings, tmp_path: Path) -> None:
    with running_broker() as url:
        own = own_environment(DATELINE_VAR=str(tmp_path / "var"), REDIS_URL=url)
        command = [sys.executable, "-m", "celery", "-A", "worker", "beat", "--pidfile="]
        celery = create_app(replace(settings, redis_url=url)).extensions["celery"]
        with subprocess.Popen(command, cwd=tmp_path, env=own, stderr=subprocess.PIPE) as process:
            until = time.monotonic() + 30
            try:
                while not all(broker_state.is_waiting(celery, name, TASKS[name].queue) for name in SCHEDULED):
                    assert time.monotonic() < until, "not everything was enqueued in 30 s"
                    time.sleep(0.1)
            finally:
                process.terminate()
            process.wait(20)
        assert take_all(celery) == sorted(SCHEDULED)
    assert [path for path in tmp_path.rglob("*") if "beat" in path.name] == []
