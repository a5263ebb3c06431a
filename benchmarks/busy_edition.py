"""How long other work waits while an edition is sent, with worker and beat as the Procfile starts them.

    python -m benchmarks.busy_edition [--database postgresql] [--readers 20000] [--rate 20] [--delay 0] [--minutes 4]

While the edition goes out at `--rate` mails a second, each round makes 10 more subscribers due, adds a letter, and
makes a source due beside eight sources whose servers never answer. Prints one JSON line with the longest times in
seconds and the memory in MB of the worker's processes. The exit status is 1 when a limit is exceeded.
"""

import argparse
import json
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sqlalchemy import func, select

from benchmarks import procfile
from benchmarks.bench_pipeline import new_subscriber
from benchmarks.chaos import Trial
from digest.deliveries.models import Delivery
from digest.sources.store import sources
from digest.subscribers.pure.email_address import EmailAddress
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import LetterKind
from digest.subscribers.store import letters, subscribers
from digest.task_names import TaskName
from digest.tasks import enqueue_with

LIMITS = {"planned": 90.0, "letter": 10.0, "polled": 90.0}  # seconds
SILENT_SOURCES = 8
ROUND = 30.0  # seconds
WAIT_LIMIT = 300.0  # seconds after which a measurement is given up
FEED = b"""<rss version="2.0"><channel><title>Quick</title><item><title>Rain fell on the hills today</title>
<link>https://quick.example/1</link><guid>1</guid></item></channel></rss>"""


def main() -> None:
    """Run the trial."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--readers", type=int, default=20_000)
    parser.add_argument("--rate", type=int, default=20)
    parser.add_argument(
        "--delay", type=float, default=0, help="milliseconds before each reply of the mail server"
    )
    parser.add_argument("--minutes", type=float, default=4)
    args = parser.parse_args(namespace=argparse.Namespace(how="busy"))
    with ExitStack() as stack:
        silent, quick = stack.enter_context(_silent_server()), stack.enter_context(_feed_server())
        trial = Trial(Path(stack.enter_context(tempfile.TemporaryDirectory())), args, stack)
        trial.environment["FETCH_ALLOW"] = ",".join([*silent, quick])
        busy = BusyEdition(trial, silent, quick)
        for name in ("worker", "beat"):
            stack.callback(procfile.kill_group, process := procfile.start(name, trial.environment))
            busy.processes[name] = process.pid
        longest = busy.measure(args.minutes * 60)
    kept = all(longest[name] <= limit for name, limit in LIMITS.items())
    print(json.dumps({"trial": "busy edition", **vars(args), "kept": kept, **longest}))
    sys.exit(0 if kept else 1)


class BusyEdition:
    """An edition that is being sent, and work that comes meanwhile."""

    def __init__(self, trial: Trial, silent: list[str], quick: str) -> None:
        self.trial, self.parts, self.processes = trial, trial.parts, dict[str, int]()
        self.subscriber_count = trial.args.readers
        with self.parts.db.begin() as tx:
            for host in silent:
                sources.add(tx, f"http://{host}/feed", host, self.parts.clock())
            self.quick_id = sources.add(tx, f"http://{quick}/feed", quick, self.parts.clock()).id

    def measure(self, seconds: float) -> dict[str, float]:
        """The longest waiting times of all rounds, and the memory."""
        self.trial.wait_for(1)
        started, sent_before = time.monotonic(), self.trial.count_accepted()
        longest = dict.fromkeys(LIMITS, 0.0)
        rounds = 0
        while (begun := time.monotonic()) < started + seconds:
            rounds += 1
            waits = {
                "planned": self._add_due_subscribers(),
                "letter": self._add_letter(),
                "polled": self._make_due(),
            }
            for name, wait in _wait_for_all(waits).items():
                longest[name] = max(longest[name], wait)
            time.sleep(max(0.0, begun + ROUND - time.monotonic()))
        rate = (self.trial.count_accepted() - sent_before) / (time.monotonic() - started)
        return {"rounds": rounds, **longest, "mails_per_second": round(rate, 1), **self._memory()}

    def _add_due_subscribers(self) -> Callable[[], bool]:
        ids = [self._add_subscriber(f"late{self.subscriber_count}@example.org") for _ in range(10)]
        query = select(func.count()).where(Delivery.subscriber_id.in_(ids))

        def are_planned() -> bool:
            with self.parts.db.read() as tx:
                return (tx.scalar(query) or 0) >= len(ids)

        return are_planned

    def _add_letter(self) -> Callable[[], bool]:
        address = f"letter{self.subscriber_count}@example.org"
        subscriber_id = self._add_subscriber(address, due=False)
        with self.parts.db.begin() as tx:
            subscriber = subscribers.by_id(tx, subscriber_id)
            subscription = subscribers.subscription_of(subscriber)
            letters.add(tx, subscriber, LetterKind.CONFIRM, subscription, now=self.parts.clock())
        enqueue_with(self.trial.celery, TaskName.SEND_LETTERS)
        return lambda: address.encode() in self.trial.log.read_bytes()

    def _make_due(self) -> Callable[[], bool]:
        since = self.parts.clock()
        with self.parts.db.begin() as tx:
            sources.make_due(tx, None, since)

        def is_polled() -> bool:
            with self.parts.db.read() as tx:
                polled_at = sources.by_id(tx, self.quick_id).last_polled_at
            return polled_at is not None and polled_at >= since

        return is_polled

    def _add_subscriber(self, email: str, *, due: bool = True) -> int:
        self.subscriber_count += 1
        subscription, now = Subscription(("world",)), self.parts.clock()
        with self.parts.db.begin() as tx:
            subscribers.ensure_preferences(tx, subscription)
            added = new_subscriber(self.subscriber_count, EmailAddress(email, email), subscription, now)
            if not due:
                added.next_due_at = None
            tx.add(added)
            tx.flush()
            return added.id

    def _memory(self) -> dict[str, float]:
        rss, pss = _memory_of_session(self.processes["worker"])
        return {"processes": len(rss), "largest_rss_mb": max(rss), "pss_mb": round(sum(pss))}


def _wait_for_all(conditions: dict[str, Callable[[], bool]]) -> dict[str, float]:
    """How long it takes, from now, until each condition is true."""
    begun, waits = time.monotonic(), dict[str, float]()
    while len(waits) < len(conditions):
        for name in conditions.keys() - waits.keys():
            elapsed = time.monotonic() - begun
            if conditions[name]() or elapsed > WAIT_LIMIT:
                waits[name] = round(elapsed, 1)
        time.sleep(0.2)
    return waits


def _memory_of_session(session: int) -> tuple[list[float], list[float]]:
    """Resident and proportional set sizes, in MB, of the processes of a session."""
    rss, pss = list[float](), list[float]()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                lines = (folder / "smaps_rollup").read_text().splitlines()[1:]
                sizes = {
                    name: int(rest.split()[0]) / 1024
                    for name, _, rest in (line.partition(":") for line in lines)
                }
                rss.append(round(sizes["Rss"]))
                pss.append(sizes["Pss"])
        except (OSError, KeyError):
            continue  # it has ended
    return rss, pss


@contextmanager
def _silent_server() -> Iterator[list[str]]:
    """Hosts that take connections and never answer."""
    with socket.create_server(("0.0.0.0", 0), backlog=512) as server:  # noqa: S104  (several addresses of this machine)
        port = server.getsockname()[1]
        yield [f"127.0.0.{n}:{port}" for n in range(2, 2 + SILENT_SOURCES)]


@contextmanager
def _feed_server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _FeedHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()


class _FeedHandler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        is_feed = self.path == "/feed"
        self.send_response(200 if is_feed else 404)
        self.send_header("Content-Type", "application/rss+xml")
        self.end_headers()
        self.wfile.write(FEED if is_feed else b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    main()
