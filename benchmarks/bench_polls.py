"""What the history of polls costs: processor time of a poll with and without it, and rows and octets a day.

Prints a JSON line for each. The polls are of 200 unchanged sources, with and without the history in turns. The day is
made of 1,000 sources that are polled every 30 minutes and bring from 1 to 200 articles a day; every fifth changes its
document at each poll without bringing anything. DATABASE_URL chooses the database; unset: SQLite in a temporary folder.
"""

import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, text

from benchmarks.bench_ingest import _addresses, _aim, _cpu, _read, _url, run_sites
from digest import clock
from digest.app import build_parts
from digest.database import Database
from digest.settings import Settings
from digest.sources.models import SourcePoll
from digest.sources.states import PollOutcome
from digest.sources.store import polls, sources
from digest.sources.store.polls import Poll

PAIRS = 5
SOURCES, POLLS_A_DAY = 1_000, 48
FAILING = 0.02  # of all polls


def main() -> None:
    """Run both."""
    for name, run in {"cost": cost, "day": day}.items():
        print(json.dumps({"benchmark": f"polls: {name}"} | run()), flush=True)


def cost() -> dict[str, object]:
    """Processor time of 200 unchanged sources, without the history and with it, in turns; the first turn warms up."""
    hosts = _addresses(3, 200)
    spent: dict[bool, list[float]] = {False: [], True: []}
    with run_sites(hosts) as parts:
        _aim(parts.db, [_url(host, f"/{'feed' if n % 2 else 'same'}/{n}") for n, host in enumerate(hosts)])
        _read(parts)
        for turn in range(PAIRS + 1):
            for with_history in (False, True):
                with parts.db.begin() as tx:
                    sources.make_due(tx, None, clock.now())
                time.sleep(2.1)  # the gap between two requests to a host
                with nullcontext() if with_history else _without_history():
                    before = _cpu()
                    _read(parts)
                if turn:
                    spent[with_history].append(_cpu() - before)
    differences = [b - a for a, b in zip(spent[False], spent[True], strict=True)]
    return {
        "polls": len(hosts),
        "pairs": PAIRS,
        "load": os.getloadavg()[0],
        "without_cpu_s": round(statistics.median(spent[False]), 3),
        "with_cpu_s": round(statistics.median(spent[True]), 3),
        "difference_ms_a_poll": round(1000 * statistics.median(differences) / len(hosts), 3),
    }


def day() -> dict[str, object]:
    """Rows and octets of one day of 1,000 sources, indexes included."""
    chance = random.Random(40)  # noqa: S311  (the same data every time)
    with tempfile.TemporaryDirectory() as var:
        parts = build_parts(replace(Settings.from_env(), var=Path(var)))
        parts.db.upgrade()
        start = clock.now().replace(hour=0, minute=0)
        with parts.db.begin() as tx:
            ids = [sources.add(tx, f"https://{n}.example/feed", "", start).id for n in range(SOURCES)]
        rates = {source_id: 10 ** chance.uniform(0, 2.3) for source_id in ids}
        before = _octets(parts.db)
        for number in range(POLLS_A_DAY):
            with parts.db.begin() as tx:
                for source_id in ids:
                    poll = _poll(chance, rates[source_id], always_changes=source_id % 5 == 0)
                    polls.add(tx, source_id, poll, start + number * timedelta(minutes=30))
        octets = _octets(parts.db) - before
        with parts.db.read() as tx:
            rows = tx.scalar(select(func.count()).select_from(SourcePoll))
        parts.db.close()
    return {"sources": SOURCES, "polls": SOURCES * POLLS_A_DAY, "rows": rows, "octets": octets}


def _poll(chance: random.Random, per_day: float, *, always_changes: bool) -> Poll:
    if chance.random() < FAILING:
        return Poll(PollOutcome.FAILED, 503, "the server is overloaded", 0.4)
    new = sum(chance.random() < per_day / POLLS_A_DAY / 8 for _ in range(8))
    if new or always_changes:
        return Poll(PollOutcome.READ, 200, "", chance.random(), 40_000, 30, new)
    return Poll(PollOutcome.UNCHANGED, 304, "", chance.random())


def _octets(db: Database) -> int:
    """Octets of the database file, or of the table with its indexes on PostgreSQL."""
    with db.read() as tx:
        if db.engine.dialect.name == "sqlite":
            return int(
                tx.scalar(text("select sum(pgsize) from dbstat where name like '%source_polls%'")) or 0
            )
        return int(tx.scalar(text("select pg_total_relation_size('source_polls')")) or 0)


@contextmanager
def _without_history() -> Iterator[None]:
    add: Callable[..., None] = polls.add
    polls.add = lambda *_: None
    try:
        yield
    finally:
        polls.add = add


if __name__ == "__main__":
    main()
