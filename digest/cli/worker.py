"""`dateline worker`: one Celery worker for each queue, so that no queue waits for the tasks of another."""

import os
import signal
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from types import FrameType
from typing import Any

import click
from celery import Celery
from celery.platforms import check_privileges
from celery.signals import worker_ready, worker_shutting_down
from flask import current_app
from flask.cli import with_appcontext

from digest.child_processes import ForkedProcesses
from digest.errors import InvalidInputError
from digest.parts import parts
from digest.task_names import Queue
from digest.tasks import SHUTDOWN

MAX_PROCESSES = 64  # of one queue
# Modules that every worker needs. They are imported before the workers are forked, so that these share their memory.
SHARED_MODULES = ("celery.apps.worker", "celery.bin.worker", "celery.worker.consumer", "celery.concurrency.prefork",
                  "celery.concurrency.asynpool", "kombu.transport.redis", "celery.worker.autoscale")  # fmt: skip
# Seconds that a worker gets to finish its tasks after the process that supervises it was killed. Senders stop at once.
ORPHAN_GRACE = 20


@click.command("worker")
@click.argument("queues", nargs=-1, metavar="[QUEUE[=PROCESSES]]...")
@click.option("--loglevel", help="Lowest level that is logged; LOG_LEVEL if it is not given.")
@with_appcontext
def worker(queues: Sequence[str], loglevel: str | None) -> None:
    """Run the tasks of all queues, or of those that are named, until SIGTERM.

    Each queue has processes of its own: letters, planning and upkeep one, sending as many as SENDERS, sources three.

    \b
    Examples:
      dateline worker
      dateline worker letters planning sending=4
    """
    settings = parts().settings
    layout = parse_layout(queues, default_layout(settings.senders))
    celery = current_app.extensions["celery"]
    check_privileges(celery.conf.accept_content)  # warns root once here, rather than in each worker
    for name in SHARED_MODULES:
        import_module(name)
    ForkedProcesses(
        {
            f"the worker of {queue}": partial(
                _run_worker, celery, queue, processes, loglevel or settings.log_level
            )
            for queue, processes in layout.items()
        }
    ).run()


def default_layout(senders: int) -> Mapping[Queue, int]:
    """How many processes take from each queue."""
    return {
        Queue.LETTERS: 1,
        Queue.PLANNING: 1,
        Queue.SENDING: senders,
        Queue.SOURCES: 3,  # two pollers (see POLLING_TIME), and one for pages or for a source that an editor polls
        Queue.UPKEEP: 1,
    }


def parse_layout(arguments: Sequence[str], default: Mapping[Queue, int]) -> Mapping[Queue, int]:
    """The layout that arguments like `sources=6` describe; without arguments the default one."""
    layout: dict[Queue, int] = {}
    for argument in arguments:
        name, has_count, count = argument.partition("=")
        if name not in set(Queue):
            raise InvalidInputError(f'"{name}" is no queue; the queues are {", ".join(Queue)}')
        if has_count and not (count.isascii() and count.isdigit() and 1 <= int(count) <= MAX_PROCESSES):
            raise InvalidInputError(f'{argument}: "{count}" is not a number from 1 to {MAX_PROCESSES}')
        layout[Queue(name)] = int(count) if has_count else default[Queue(name)]
    return layout or default


def _run_worker(celery: Celery, queue: Queue, processes: int, loglevel: str) -> int:
    """Run one Celery worker in this process and its children; returns the exit status."""
    supervisor = os.getppid()
    SHUTDOWN.renew()  # else a worker that stops would stop the senders of the others
    # Celery would answer SIGHUP by running this command once more in its place.
    worker_ready.connect(lambda **_: signal.signal(signal.SIGHUP, signal.SIG_IGN), weak=False)
    worker_shutting_down.connect(lambda **_: _hurry_orphan(supervisor), weak=False)
    arguments = ["--quiet", "worker", "--queues", queue, "--concurrency", str(processes), "--hostname", f"{queue}@%h",
                 "--loglevel", loglevel, "--without-gossip", "--without-mingle", "--without-heartbeat"]  # fmt: skip
    celery.Worker = _stopped_once(celery.Worker)
    celery.worker_main(arguments)
    return 0


def _stopped_once(worker_class: type[Any]) -> type[Any]:
    """The class of a worker whose handler of SIGTERM runs once, from the moment on in which Celery installs it."""

    class Worker(worker_class):  # type: ignore[misc]  # Celery makes its class
        def install_platform_tweaks(self, worker: Any) -> None:
            blocked = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM,))
            super().install_platform_tweaks(worker)
            _ignore_more_than_one_sigterm()
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    return Worker


def _ignore_more_than_one_sigterm() -> None:
    """Let Celery's handler see only the first SIGTERM.

    A service manager may send one to every process, and the supervisor sends its own. A second one that interrupts the
    handler would wait for ever for a lock that the first holds.
    """
    handler = signal.getsignal(signal.SIGTERM)

    def handle_once(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if callable(handler):
            handler(number, frame)

    signal.signal(signal.SIGTERM, handle_once)


def _hurry_orphan(supervisor: int) -> None:
    if os.getppid() != supervisor:
        signal.alarm(ORPHAN_GRACE)
