"""`dateline worker`: a worker for each queue, from the first second on. Workers, broker and mail server are real."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from digest import clock
from digest.app import create_app
from digest.cli.worker import default_layout, parse_layout
from digest.deliveries.models import Delivery
from digest.deliveries.planning import edition_planner
from digest.errors import InvalidInputError
from digest.parts import Parts
from digest.project_files import ROOT
from digest.settings import Settings
from digest.subscribers.models import Subscriber
from digest.subscribers.states import SubscriberState
from digest.task_names import Queue, TaskName
from digest.tasks import enqueue_with
from tests.broker_fixtures import running_broker
from tests.builders import World
from tests.own_processes import own_environment
from tests.smtp_sink import Behaviour, MailSink, mail_sink
from tests.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.long
EDITION_SIZE = 30
CONNECTIONS = 2  # to the mail server
LETTER = "letter@example.com"  # whom a letter is sent to


def test_without_arguments_each_queue_has_processes_of_its_own() -> None:
    assert parse_layout([], default_layout(senders=4)) == {
        Queue.LETTERS: 1,
        Queue.PLANNING: 1,
        Queue.SENDING: 4,
        Queue.SOURCES: 3,
        Queue.UPKEEP: 1,
    }


def test_a_machine_may_run_some_of_the_queues() -> None:
    layout = parse_layout(["sources=6", "upkeep"], default_layout(senders=2))
    assert layout == {Queue.SOURCES: 6, Queue.UPKEEP: 1}


@pytest.mark.parametrize(
    "argument", ["deliveries", "", "sources=", "sources=0", "sources=65", "sources=²", "=3"]
)
def test_a_wrong_argument_is_named(argument: str) -> None:
    with pytest.raises(InvalidInputError, match=r"is no queue|is not a number from 1 to 64"):
        parse_layout([argument], default_layout(senders=2))


@contextmanager
def running_worker(parts: Parts, broker_url: str, sink: MailSink) -> Iterator["subprocess.Popen[bytes]"]:
    own = own_environment(
        DATELINE_VAR=str(parts.settings.var),
        REDIS_URL=broker_url,
        SMTP_URL=f"{sink.url}&connections={CONNECTIONS}",
        SECRET_KEY="a key that is only used in these tests",
        PYTHONWARNINGS="ignore",
    )
    command = [sys.executable, "-m", "digest", "worker", "--loglevel", "ERROR"]
    with subprocess.Popen(command, cwd=ROOT, env=own, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with mail_sink() as opened:
        yield opened


def test_a_new_worker_does_what_is_due_without_waiting_for_beat(
    parts: Parts, world: World, sink: MailSink
) -> None:
    world.confirmation_letter(world.subscriber("ann@example.com"))
    with running_broker() as url, running_worker(parts, url, sink):
        wait_until(lambda: len(sink.received) == 1)


def test_letters_and_planning_do_not_wait_for_busy_senders(
    app: Flask, parts: Parts, settings: Settings, sink: MailSink
) -> None:
    letter_arrived = threading.Event()
    waiting = set[str]()

    def accept_after_letter(recipient: str) -> Behaviour:
        if recipient != LETTER:
            waiting.add(recipient)
            letter_arrived.wait(PATIENCE)
        return "accept"

    sink.behaviour_for = accept_after_letter
    world = World(parts.db, parts.tree, clock.now)
    world.many_subscribers(EDITION_SIZE)
    world.article()
    assert edition_planner.plan_due(parts.db, parts.planner(), clock.now()).deliveries == EDITION_SIZE
    with running_broker() as url, running_worker(parts, url, sink):
        celery = create_app(replace(settings, redis_url=url)).extensions["celery"]
        wait_until(lambda: len(waiting) == CONNECTIONS, "all senders are busy")
        late = world.subscriber("late@example.com")
        world.confirmation_letter(world.subscriber(LETTER, state=SubscriberState.PENDING))
        enqueue_with(celery, TaskName.PLAN_DUE)
        enqueue_with(celery, TaskName.SEND_LETTERS)
        wait_until(lambda: count_deliveries(parts, late) == 1)
        wait_until(lambda: len(sink.received) >= 1)
        assert sink.received[0].recipient == LETTER, "it was sent before the edition"
        letter_arrived.set()


def test_no_sender_outlives_a_supervisor_that_is_killed(parts: Parts, sink: MailSink) -> None:
    sink.delay = 2
    world = World(parts.db, parts.tree, clock.now)
    world.many_subscribers(EDITION_SIZE)
    world.article()
    edition_planner.plan_due(parts.db, parts.planner(), clock.now())
    with running_broker() as url, running_worker(parts, url, sink) as worker:
        wait_until(lambda: len(sink.received) >= 1)
        worker.kill()
        worker.wait()
        wait_until(lambda: not processes_of_session(worker.pid))
    assert len(sink.received) < EDITION_SIZE / 2
    with parts.db.read() as tx:
        states = Counter(tx.scalars(select(Delivery.state)))
    assert states == {"accepted": len(sink.received), "planned": EDITION_SIZE - len(sink.received)}


@pytest.mark.parametrize(("processes", "seconds"), [(10, 3), (7, 0)], ids=["ready", "starting"])
def test_all_processes_end_however_often_each_gets_sigterm(
    parts: Parts, sink: MailSink, processes: int, seconds: float
) -> None:
    with running_broker() as url, running_worker(parts, url, sink) as worker:
        wait_until(lambda: len(processes_of_session(worker.pid)) >= processes)
        time.sleep(seconds)
        for _ in range(60):  # as a service manager does, beside the supervisor, but more often
            for process in processes_of_session(worker.pid):
                with suppress(ProcessLookupError):
                    os.kill(int(process), signal.SIGTERM)
            time.sleep(0.002)
        worker.wait(PATIENCE)
        wait_until(lambda: not processes_of_session(worker.pid))


def processes_of_session(session: int) -> list[str]:
    """The processes that belong to a session, without those that have ended."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, _, _, own_session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(own_session) == session and state != "Z":
                found.append(folder.name)
    return found


def count_deliveries(parts: Parts, subscriber: Subscriber) -> int:
    with parts.db.read() as tx:
        return tx.scalar(select(func.count()).where(Delivery.subscriber_id == subscriber.id)) or 0
