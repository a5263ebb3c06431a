"""The API with many subscribers: a page of 200 at any place of the list, new subscribers, an edition's progress.

New subscribers are asked by letters; they are added one by one, and 500 in a request. The embedded broker runs.

Prints one JSON line. DATABASE_URL chooses the database, which should be empty; without it, it is SQLite in a temporary
folder. Times are of the whole request within the process, in milliseconds; "cpu" is the time on a processor.

Example: python -m benchmarks.bench_api --subscribers 100000
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import text

from digest import broker
from digest.accounts import api_tokens
from digest.accounts.audit import Actor
from digest.api.v1.answers import write_cursor
from digest.api.v1.schemas.people import MAX_NEW_SUBSCRIBERS
from digest.app import create_app
from digest.deliveries.pure.audience import Audience
from digest.deliveries.store import ranges
from digest.editions.states import EditionKind, EditionState
from digest.editions.store import editions
from digest.parts import EXTENSION_KEY, Parts
from digest.settings import Settings
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import SubscriberState
from digest.subscribers.store import subscribers

CREATING_TIME = 5.0  # seconds
NUMBERS = {
    "sqlite": """(with recursive n(i) as (select 1 union all select i + 1 from n where i < :count)
        select i from n) numbers""",
    "postgresql": "generate_series(1, :count) numbers(i)",
}
KEPT = "preferences_key, cadence, weekday, send_minute, zone, created_at, confirmed_at, state"
ADD_SUBSCRIBERS = """insert into subscribers (public_id, email, email_key, {kept})
    select 'p' || i, 's' || i || '@example.com', 's' || i || '@example.com', {kept} from subscribers, {numbers}"""
ADD_DELIVERIES = """insert into deliveries
    (edition_id, digest_id, subscriber_id, test_address, state, not_before, attempts, in_doubt, planned_at, answer)
    select :edition, :digest, id, '', 'planned', created_at, 0, false, created_at, '' from subscribers"""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=1_000_000)
    count = parser.parse_args().subscribers
    with tempfile.TemporaryDirectory() as folder:
        environment = {"DATELINE_VAR": folder, "API_RATE": "1000000"}
        if url := os.environ.get("DATABASE_URL"):
            environment |= {
                "DATABASE_URL": url,
                "SECRET_KEY": "a key that only this benchmark has, long enough",
            }
        settings = Settings.from_env(environment | {"LOG_LEVEL": "ERROR"})
        with subprocess.Popen(broker.broker_command(settings.var)) as server:
            while not broker.socket_path(settings.var).exists():
                time.sleep(0.05)
            print(json.dumps(measure(create_app(settings), count)))
            server.terminate()


def measure(app: Flask, count: int) -> dict[str, Any]:
    """What the benchmark prints."""
    parts: Parts = app.extensions[EXTENSION_KEY]
    parts.db.upgrade()
    fill(parts, count)
    actor = Actor("bench")
    secret = api_tokens.create(parts.db, "bench", ["admin"], actor=actor, now=parts.clock())
    client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}

    def get(path: str) -> None:
        answer = client.get(f"/api/v1{path}", headers=headers)
        assert answer.status_code == 200, answer.text

    result: dict[str, Any] = {"bench": "api", "database": dialect(parts), "subscribers": count}
    for name, after in (("first", 0), ("middle", count // 2), ("last", count - 200)):
        result[f"page_{name}_ms"] = timed(lambda: get(f"/subscribers?limit=200&cursor={write_cursor(after)}"))  # noqa: B023
    result["progress_ms"] = timed(lambda: get("/editions/1/progress"))

    def add(path: str, body: dict[str, Any]) -> None:
        answer = client.post(f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == 202, answer.text

    numbers = itertools.count()
    result["created"] = rate(1, lambda: add("/subscribers", new_subscriber(next(numbers))))
    batch = {"subscribers": [new_subscriber(next(numbers)) for _ in range(MAX_NEW_SUBSCRIBERS)]}
    result["created_in_batches"] = rate(MAX_NEW_SUBSCRIBERS, lambda: add("/subscribers/batch", batch))
    return result


def new_subscriber(number: int) -> dict[str, Any]:
    """The body for a new subscriber."""
    return {"email": f"new{number}@example.org", "regions": ["central-asia"]}


def rate(size: int, call: Callable[[], None]) -> dict[str, int]:
    """How many are created a second, and a second of processor time, if each call creates `size`."""
    began, busy, count = time.monotonic(), time.process_time(), 0
    while time.monotonic() < began + CREATING_TIME:
        call()
        count += size
    elapsed, processor = time.monotonic() - began, time.process_time() - busy
    return {"per_second": round(count / elapsed), "per_cpu_second": round(count / processor)}


def fill(parts: Parts, count: int) -> None:
    """Write subscribers, and an edition with a delivery for each of them, with a few statements."""
    now = parts.clock()
    with parts.db.begin(time_limit=False) as tx:
        row = subscribers.add(tx, parse_address("first@example.org"), Subscription(("central-asia",)), now)
        row.state, row.confirmed_at = SubscriberState.ACTIVE, now
        edition = editions.create_manual(
            tx, EditionKind.MANUAL, Audience("everyone").as_json(), note="", now=now, cutoff=now
        )
        key = editions.DigestRow(row.preferences_key, now, "News", (), "hash")
        editions.save_digests(tx, edition.id, [key])
        digest_id = editions.digest_ids(tx, edition.id, [key.key])[key.key]
        editions.set_state(tx, edition.id, EditionState.SENDING, only_from=[EditionState.PLANNING])
        tx.flush()
        numbers = NUMBERS[dialect(parts)]
        tx.execute(text(ADD_SUBSCRIBERS.format(kept=KEPT, numbers=numbers)), {"count": count - 1})
        tx.execute(text(ADD_DELIVERIES), {"edition": edition.id, "digest": digest_id})
    with parts.db.begin(time_limit=False) as tx:
        ranges.divide(tx)


def timed(call: Callable[[], None], times: int = 15) -> dict[str, float]:
    """The median and the longest time of several calls, and their median on a processor, in milliseconds."""
    call()
    durations, busy = [], []
    for _ in range(times):
        began, began_busy = time.perf_counter(), time.process_time()
        call()
        durations.append(1000 * (time.perf_counter() - began))
        busy.append(1000 * (time.process_time() - began_busy))
    return {
        "median": round(statistics.median(durations), 1),
        "most": round(max(durations), 1),
        "cpu": round(statistics.median(busy), 1),
    }


def dialect(parts: Parts) -> str:
    """The kind of the database."""
    return parts.db.engine.dialect.name


if __name__ == "__main__":
    main()
