"""Whether limits hold while several machines send one edition, and workers are killed and started again.

    python -m benchmarks.limits [--case rate|edition|domain|connections] [--seconds 60] [--layouts 3] [--apart]

Three layouts of `dateline worker` and two beats share a PostgreSQL and a Redis, and each has its own folder. At random
moments a layout, or one of its processes, is killed with SIGKILL and started again. Letters are sent meanwhile.
Prints one JSON line for each case: the most mails in any 10 seconds and the most open connections, by the mail
server's log. The exit status is 1 when a limit is exceeded. `--apart` gives each layout a process namespace of its own
(as root), like a container: then nobody sees in /proc who has ended.
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
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from benchmarks import procfile
from benchmarks.bench_pipeline import new_subscriber
from benchmarks.chaos import SENDERS, Trial
from benchmarks.smtp_sink import AcceptedMail
from digest import broker
from digest.deliveries.store import oversight
from digest.editions.models import Edition
from digest.subscribers.pure.email_address import EmailAddress
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import LetterKind
from digest.subscribers.store import letters, subscribers
from digest.task_names import TaskName
from digest.tasks import enqueue_with

BEATS = 2
WINDOW = 10.0  # seconds in which mails are counted
TOLERANCE = 1.05
LETTERS_PER_SECOND = 8  # more than the letters' tenth of each rate
PAUSE_BETWEEN_KILLS = (3.0, 8.0)  # seconds
SHARE_OF_WHOLE_LAYOUTS = 0.6  # of the kills; the others kill one process


@dataclass(frozen=True, slots=True)
class Case:
    """A limit that is set."""

    smtp_options: str
    connections: int
    rate: int = 0  # the most mails a second; 0: no limit
    domain_rates: str = ""
    edition_rate: int = 0  # which holds for the edition's mails alone

    def max_in_window(self) -> float:
        """How many mails may come in a window: each sender may have one in hand."""
        senders = SENDERS if self.edition_rate else SENDERS + 1
        return WINDOW * (self.edition_rate or self.rate) * TOLERANCE + senders


CASES = {
    "rate": Case("connections=20&rate=60", 20, 60),
    "edition": Case("connections=20", 20, edition_rate=20),
    "domain": Case("connections=20", 20, 30, domain_rates="example.org=30"),
    "connections": Case("connections=5", 5),
}


def main() -> None:
    """Run the cases that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--case", choices=CASES, action="append", help="may be repeated; all, if none is named"
    )
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--layouts", type=int, default=3, help="how many machines there seem to be")
    parser.add_argument("--readers", type=int, default=8000)
    parser.add_argument(
        "--delay", type=float, default=30, help="milliseconds before each reply of the mail server"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--apart", action="store_true", help="each layout in a process namespace of its own")
    args = parser.parse_args(namespace=argparse.Namespace(how="limits", database="postgresql", rate=0))
    kept = True
    for name in args.case or CASES:
        with ExitStack() as stack:
            figures = Machines(CASES[name], args, stack).measure()
        kept = kept and bool(figures["kept"])
        print(json.dumps({"trial": "limits", "case": name, "apart": args.apart, **figures}), flush=True)
    sys.exit(0 if kept else 1)


class Machines:
    """Several layouts of workers and beats that share one database and one broker."""

    def __init__(self, case: Case, args: argparse.Namespace, stack: ExitStack) -> None:
        self._case, self._args, self._rng = case, args, random.Random(args.seed)  # noqa: S311
        self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self._trial = Trial(self._folder, args, stack)
        self._trial.environment |= {
            "SMTP_URL": f"smtp://127.0.0.1:{self._trial.port}?{case.smtp_options}",
            "DOMAIN_RATES": case.domain_rates or "example.org=0",
            "REDIS_URL": f"redis+socket://{broker.socket_path(self._folder)}",
        }
        if case.edition_rate:
            with self._trial.parts.db.begin() as tx:
                for edition_id in tx.scalars(select(Edition.id)).all():
                    oversight.set_rate(tx, edition_id, case.edition_rate)
        self._kills = self._letters = 0
        self._workers = [self._start("worker", number) for number in range(args.layouts)]
        self._beats = [self._start("beat", args.layouts + number) for number in range(BEATS)]
        stack.callback(self._end)

    def measure(self) -> Mapping[str, object]:
        """Let the edition go out for a while, and read the mail server's log."""
        self._trial.wait_for(1)
        ends_at = time.monotonic() + self._args.seconds
        kill_at = time.monotonic() + self._rng.uniform(*PAUSE_BETWEEN_KILLS)
        while time.monotonic() < ends_at:
            self._add_letters()
            if time.monotonic() > kill_at:
                self._kill_one()
                kill_at = time.monotonic() + self._rng.uniform(*PAUSE_BETWEEN_KILLS)
            self._start_missing()
            time.sleep(1)
        return self._figures(self._trial.accepted())

    def _figures(self, mails: Sequence[AcceptedMail]) -> Mapping[str, object]:
        case = self._case
        letter_count = sum(mail.recipient.startswith("letter") for mail in mails)
        limited = [mail for mail in mails if not (case.edition_rate and mail.recipient.startswith("letter"))]
        most, bound = most_in_window([mail.at for mail in limited]), case.max_in_window()
        most_open = max(mail.most_open for mail in mails)
        is_limited = bool(case.rate or case.edition_rate)
        return {
            "kept": (most <= bound or not is_limited) and most_open <= case.connections,
            "most_in_10_s": most,
            "bound": bound if is_limited else None,
            "most_open": most_open,
            "connections": case.connections,
            "mails_per_second": round(len(limited) / (limited[-1].at - limited[0].at), 1),
            "mails": len(mails) - letter_count,
            "letters": letter_count,
            "letters_added": self._letters,
            "repeats": len(mails) - len({mail.recipient for mail in mails}),
            "kills": self._kills,
            "load": round(os.getloadavg()[0], 1),
        }

    def _start(self, name: str, number: int) -> "subprocess.Popen[bytes]":
        folder = self._folder / str(number)
        folder.mkdir(exist_ok=True)
        environment = {**self._trial.environment, "DATELINE_VAR": str(folder)}
        return procfile.start(name, environment, own_namespace=self._args.apart)

    def _add_letters(self) -> None:
        """Letters to new addresses, as the page for subscribing adds them."""
        subscription, parts = Subscription(("world",)), self._trial.parts
        now = parts.clock()
        with parts.db.begin() as tx:
            subscribers.ensure_preferences(tx, subscription)
            for _ in range(LETTERS_PER_SECOND):
                self._letters += 1
                email = f"letter{self._letters}@example.org"
                number = self._args.readers + self._letters
                added = new_subscriber(number, EmailAddress(email, email), subscription, now)
                added.next_due_at = None
                tx.add(added)
                tx.flush()
                letters.add(tx, added, LetterKind.CONFIRM, subscription, now=now)
        enqueue_with(self._trial.celery, TaskName.SEND_LETTERS)

    def _kill_one(self) -> None:
        """Kill a layout, or only one of its processes."""
        self._kills += 1
        worker = self._rng.choice(self._workers)
        if self._rng.random() < SHARE_OF_WHOLE_LAYOUTS:
            procfile.kill_group(worker)
        else:
            with suppress(ProcessLookupError):
                os.kill(self._rng.choice(_processes_of_session(worker.pid)), signal.SIGKILL)

    def _start_missing(self) -> None:
        for number, worker in enumerate(self._workers):
            if worker.poll() is not None:
                self._workers[number] = self._start("worker", number)

    def _end(self) -> None:
        for process in (*self._workers, *self._beats):
            procfile.kill_group(process)


def most_in_window(times: Sequence[float]) -> int:
    """The most of these moments, which are in order, that are in any WINDOW seconds."""
    first = most = 0
    for last, at in enumerate(times):
        while times[first] <= at - WINDOW:
            first += 1
        most = max(most, last - first + 1)
    return most


def _processes_of_session(session: int) -> Sequence[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.getsid(int(folder.name)) == session:
                found.append(int(folder.name))
    return found or [session]


if __name__ == "__main__":
    main()
