"""Plan, compose and send to 10,000 readers with 1,000 distinct preferences, 300 articles, by SMTP to a local sink.

Prints one JSON line: seconds, messages a second, CPU seconds a thousand messages, peak memory of the sending process.
DATABASE_URL chooses the database; unset: SQLite in a temporary folder.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from digest.app import assemble
from digest.articles import saving
from digest.articles.drafts import Draft
from digest.deliveries import planning, sending
from digest.parts import Parts
from digest.regions.tagging import Evidence, Tag
from digest.settings import Settings
from digest.sources import store as sources
from digest.subscribers import store as subscribers
from digest.subscribers.addresses import Address
from digest.subscribers.models import Subscriber
from digest.subscribers.wishes import Wishes

WORDS = (
    "rail",
    "harvest",
    "museum",
    "river",
    "border",
    "festival",
    "grid",
    "harbour",
    "school",
    "snow",
    "market",
    "bridge",
)
SENTENCE = (
    "Officials said on Tuesday that the plan would go ahead in spring, and that residents had been asked. "
)


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--readers", type=int, default=10_000)
    options.add_argument("--preferences", type=int, default=1_000)
    options.add_argument("--articles", type=int, default=300)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, sink() as (port, counts):
        parts = _parts(Path(folder), port)
        fill(parts, asked)
        figures = _measure(parts)
        parts.post.relay.close()
    print(
        json.dumps(
            {
                "benchmark": "pipeline",
                **vars(asked),
                "database": parts.db.engine.dialect.name,
                **figures,
                **counts,
            }
        )
    )


@contextmanager
def sink() -> Iterator[tuple[int, dict[str, int]]]:
    """The mail server's port, and its counts, filled in at the end."""
    counts: dict[str, int] = {}
    command = [sys.executable, str(Path(__file__).with_name("sink.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield int(server.stdout.readline()), counts
        finally:
            server.terminate()
            counts |= json.loads(server.stdout.readline() or "{}")


def _parts(folder: Path, port: int) -> Parts:
    own = {
        "DATELINE_VAR": str(folder),
        "SMTP_URL": f"smtp://127.0.0.1:{port}",
        "BASE_URL": "https://news.example.org",
    }
    given = Settings.from_env().database_url
    extra = {"DATABASE_URL": given, "SECRET_KEY": "only for this benchmark, not a secret"} if given else {}
    parts = assemble(Settings.from_env(own | extra))
    parts.db.upgrade()
    return parts


def fill(parts: Parts, asked: argparse.Namespace) -> None:
    dice = random.Random(20261122)  # noqa: S311  (the same world every time)
    now = parts.reader.clock()
    countries = sorted(parts.tree.expand(["world"]))
    seen = now - timedelta(hours=2)
    with parts.db.begin() as tx:
        made = [sources.add(tx, f"https://s{n}.example/feed", f"Source {n}", now).id for n in range(12)]
        for n in range(asked.articles):
            saving.save(tx, made[n % 12], [_draft(n, dice, countries, seen)], seen_at=seen, language="en")
    slugs = [region.slug for region in parts.tree.all()]
    wishes = [Wishes(tuple(sorted(dice.sample(slugs, dice.randint(2, 6))))) for _ in range(asked.preferences)]
    with parts.db.begin() as tx:
        for wanted in wishes:
            subscribers.keep_preferences(tx, wanted)
        for n in range(asked.readers):
            address = Address(f"reader{n}@example.org", f"reader{n}@example.org")
            tx.add(_reader(n, address, wishes[n % len(wishes)], now))


def _reader(n: int, address: Address, wanted: Wishes, now: datetime) -> Subscriber:
    return Subscriber(
        public_id=f"public-{n:010d}", email=address.email, email_key=address.key, state="active", created_at=now,
        preferences_key=wanted.preferences_key, cadence="daily", weekday=0, send_minute=420, zone="Asia/Tashkent",
        confirmed_at=now, last_cutoff=now - timedelta(days=1), next_due_at=now - timedelta(minutes=1),
    )  # fmt: skip


def _draft(n: int, dice: random.Random, countries: list[str], seen: datetime) -> Draft:
    title = f"{' '.join(dice.choices(WORDS, k=7)).capitalize()} {n}"
    tags = tuple(
        Tag(code, 1.0 - 0.2 * i, (Evidence("title", code),))
        for i, code in enumerate(dice.sample(countries, 2))
    )
    return Draft(
        f"g{n}",
        f"https://news.example/{n}",
        title,
        SENTENCE * 2,
        SENTENCE * 8,
        "",
        seen,
        "published",
        tags,
        f"{n}",
    )


def _measure(parts: Parts) -> dict[str, float]:
    start, cpu = time.perf_counter(), time.process_time()
    planned = planning.plan_due(parts.db, parts.planner(), parts.reader.clock())
    between = time.perf_counter()
    sending.send_due(parts.db, parts.post)
    end, used = time.perf_counter(), time.process_time() - cpu
    return {
        "planned": planned.deliveries,
        "plan_seconds": round(between - start, 2),
        "send_seconds": round(end - between, 2),
        "messages_per_second": round(planned.deliveries / (end - start)),
        "cpu_seconds_per_1000": round(1000 * used / max(planned.deliveries, 1), 3),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


if __name__ == "__main__":
    main()
