"""What a scrape of /metrics and the minutely measures cost, beside many subscribers and ranges of deliveries.

    python -m benchmarks.bench_monitoring [--subscribers 500000] [--ranges 4650] [--folder FOLDER]

Prints one JSON line. A range stands for 1,000 deliveries, whose rows nothing of this reads, so there are none, unless
FOLDER has the database of `bench_newsroom`, with five millions of them. SQLite.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import insert

from digest.app import build_parts, create_app
from digest.deliveries.models import DeliveryRange
from digest.editions.models import Edition
from digest.editions.states import EditionKind, EditionState
from digest.monitoring import measuring
from digest.monitoring.condition import load_condition
from digest.monitoring.exposition import expose
from digest.parts import Parts
from digest.settings import Settings
from digest.subscribers.models import Subscriber
from tests.builders import World

EDITIONS = 96  # of a day
REPEATS = 7


def main() -> None:
    """Fill a database, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=500_000)
    parser.add_argument("--ranges", type=int, default=4_650)
    parser.add_argument("--folder", default="", help="with the database of bench_newsroom")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        settings = Settings.from_env({"DATELINE_VAR": args.folder or temporary, "LOG_LEVEL": "ERROR"})
        parts = build_parts(settings)
        parts.db.upgrade()
        if not args.folder:
            _fill(parts, args.subscribers, args.ranges)
        celery = create_app(settings).extensions["celery"]

        def scrape() -> None:
            expose(load_condition(parts.db, celery, parts.clock()), {}, "0")

        measured = _median(lambda: measuring.take_measures(parts.db, parts.clock))
        figures = {"scrape_ms": _median(scrape), "measures_ms": measured}
        parts.db.close()
    print(
        json.dumps({"benchmark": "monitoring", **vars(args), **figures, "load": round(os.getloadavg()[0], 1)})
    )


def _median(run: Callable[[], None]) -> float:
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        run()
        times.append((time.perf_counter() - started) * 1000)
    return round(statistics.median(times), 1)


def _fill(parts: Parts, subscribers: int, ranges: int) -> None:
    now = parts.clock()
    world = World(parts.db, parts.tree, parts.clock)
    first = world.subscriber(next_due_at=now + timedelta(hours=5))
    shared = {c.name: getattr(first, c.name) for c in Subscriber.__table__.columns if c.name != "id"}
    for start in range(1, subscribers, 20_000):
        names = [f"c{n}@example.com" for n in range(start, min(start + 20_000, subscribers))]
        rows = [shared | {"public_id": name, "email": name, "email_key": name} for name in names]
        with parts.db.begin() as tx:
            tx.execute(insert(Subscriber), rows)
    with parts.db.begin() as tx:
        kind, state = EditionKind.SCHEDULED, EditionState.SENT
        for number in range(1, EDITIONS + 1):
            slot = f"slot {number}"
            tx.add(Edition(id=number, kind=kind, slot=slot, state=state, cutoff=now, created_at=now))
        tx.flush()
        place = {"first_digest_id": 1, "first_id": 1, "last_digest_id": 1, "last_id": 1}
        counts = {"accepted": 990, "refused": 10}
        tx.execute(
            insert(DeliveryRange),
            [
                {"edition_id": 1 + n % EDITIONS, "after_id": n, "up_to_id": n + 1, "counts": counts, **place}
                for n in range(ranges)
            ],
        )


if __name__ == "__main__":
    main()
