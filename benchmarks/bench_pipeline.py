"""Plan an edition and send it by SMTP to a local sink, and let Postfix's smtp-source send to the same sink.

Prints one JSON line: seconds, messages a second (planning included), CPU seconds a thousand messages and peak memory of
the processes that plan and send (the readers are made by another), and what smtp-source reached right after.
DATABASE_URL chooses the database; unset: SQLite in a temporary folder. `--delay 40` is a mail server that is far away.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import bindparam, select, text

from benchmarks import sample_headlines
from digest.app import assemble
from digest.articles.ingest import article_upsert
from digest.articles.pure.drafts import Draft
from digest.database import UtcDateTime
from digest.deliveries.planning import edition_planner
from digest.deliveries.sending import delivery_sender
from digest.editions.models import Digest, Edition
from digest.parts import Parts
from digest.regions.pure.tagger import Evidence, Tag
from digest.settings import Settings
from digest.sources.store import sources
from digest.subscribers.models import Preferences, Subscriber
from digest.subscribers.pure.email_address import Address
from digest.subscribers.pure.subscription import Wishes
from digest.subscribers.store import subscribers

CONNECTIONS = 10  # of each sender, and of smtp-source
A_KEY = select(Preferences.key).limit(1)
EARLIER = text(
    "insert into deliveries (edition_id, digest_id, subscriber_id, test_address, state, not_before, claim, attempts,"
    " in_doubt, planned_at, finished_at, answer) select :edition, :digest, id, '', 'accepted', :then, 'gone', 1,"
    " false, :then, :then, '250 2.0.0 Ok: queued' from subscribers"
)
PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


def main() -> None:
    """Run the benchmark; or, in a process of its own, plan or send."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--readers", type=int, default=10_000)
    options.add_argument("--preferences", type=int, default=400)
    options.add_argument("--articles", type=int, default=300)
    options.add_argument("--senders", type=int, default=1, help="processes that send")
    options.add_argument(
        "--delay", type=float, default=0, help="milliseconds before each of the sink's replies"
    )
    options.add_argument("--old", type=int, default=0, help="rows of earlier editions in `deliveries`, about")
    options.add_argument("--most", type=int, default=0, help="mails after which sending ends; 0: all")
    options.add_argument("--dkim", action="store_true", help="sign with RSA-2048")
    options.add_argument("--part", choices=("plan", "send"), help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.part:
        print(json.dumps(_part(asked.part, asked.most)))
        return
    with tempfile.TemporaryDirectory() as folder, sink(asked.delay) as (port, counts):
        environment = _environment(Path(folder), port, asked)
        database = _filled(environment, asked)
        figures = _measure(environment, asked)
        sent = figures["messages"]
        figures["smtp_source_per_second"] = _smtp_source(port, 500 if asked.delay else max(int(sent), 2000))
    del asked.part
    told = {"benchmark": "pipeline", **vars(asked), "database": database}
    print(json.dumps({**told, **figures, "sink_connections": counts.get("connections", 0)}))


@contextmanager
def sink(delay: float = 0) -> Iterator[tuple[int, dict[str, int]]]:
    """The mail server's port, and its counts, filled in at the end."""
    counts: dict[str, int] = {}
    command = [sys.executable, str(Path(__file__).with_name("smtp_sink.py")), "--delay", str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield int(server.stdout.readline()), counts
        finally:
            server.terminate()
            counts |= json.loads(server.stdout.readline() or "{}")


def _environment(folder: Path, port: int, asked: argparse.Namespace) -> dict[str, str]:
    own = {
        "DATELINE_VAR": str(folder),
        "SMTP_URL": f"smtp://127.0.0.1:{port}?connections={CONNECTIONS * asked.senders}",
        "SENDERS": str(asked.senders),
        "BASE_URL": "https://news.example.org",
        "SECRET_KEY": "only for this benchmark, not a secret",
        "PATH": os.environ["PATH"],
    }
    if asked.dkim:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        own["DKIM_KEY"] = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    given = Settings.from_env().database_url
    return own | ({"DATABASE_URL": given} if given else {})


def _filled(environment: Mapping[str, str], asked: argparse.Namespace) -> str:
    parts = assemble(Settings.from_env(environment))
    parts.db.upgrade()
    fill(parts, asked)
    _fill_earlier(parts, asked.old // asked.readers)
    parts.db.close()
    return parts.db.engine.dialect.name


def fill(parts: Parts, asked: argparse.Namespace) -> None:
    dice = random.Random(20261122)  # noqa: S311  (the same world every time)
    now = parts.reader.clock()
    countries = sorted(parts.tree.expand(["world"]))
    seen = now - timedelta(hours=2)
    with parts.db.begin() as tx:
        made = [sources.add(tx, f"https://s{n}.example/feed", f"Source {n}", now).id for n in range(12)]
        for n in range(asked.articles):
            article_upsert.save(
                tx, made[n % 12], [_draft(n, dice, countries, seen)], seen_at=seen, language="en"
            )
    slugs = [region.slug for region in parts.tree.all()]
    wishes = [Wishes(tuple(sorted(dice.sample(slugs, dice.randint(2, 6))))) for _ in range(asked.preferences)]
    with parts.db.begin() as tx:
        for wanted in wishes:
            subscribers.keep_preferences(tx, wanted)
        for n in range(asked.readers):
            address = Address(f"reader{n}@example.org", f"reader{n}@example.org")
            tx.add(_reader(n, address, wishes[n % len(wishes)], now))


def _fill_earlier(parts: Parts, editions: int) -> None:
    """Editions of earlier days, each with a delivery to every reader."""
    now = parts.reader.clock()
    for n in range(1, editions + 1):
        then = now - timedelta(days=n)
        with parts.db.begin() as tx:
            edition = Edition(
                kind="scheduled", slot=then.isoformat(), state="sent", cutoff=then, created_at=then
            )
            tx.add(edition)
            tx.flush()
            digest = Digest(
                public_id=f"old-{n}", edition_id=edition.id, preferences_key=tx.scalars(A_KEY).first(),
                window_start=then - timedelta(days=1), subject="Yesterday", sections=[], hash="",
            )  # fmt: skip
            tx.add(digest)
            tx.flush()
            given = {"edition": edition.id, "digest": digest.id}
            tx.execute(EARLIER.bindparams(bindparam("then", then, UtcDateTime())), given)
    if editions:
        with parts.db.begin() as tx:
            tx.execute(text("analyze"))


def _reader(n: int, address: Address, wanted: Wishes, now: datetime) -> Subscriber:
    return Subscriber(
        public_id=f"public-{n:010d}", email=address.email, email_key=address.key, state="active", created_at=now,
        preferences_key=wanted.preferences_key, cadence="daily", weekday=0, send_minute=420, zone="Asia/Tashkent",
        confirmed_at=now, last_cutoff=now - timedelta(days=1), next_due_at=now - timedelta(minutes=1),
    )  # fmt: skip


def _draft(n: int, dice: random.Random, countries: list[str], seen: datetime) -> Draft:
    title = sample_headlines.title(dice, n)
    tags = tuple(
        Tag(code, 1.0 - 0.2 * i, (Evidence("title", code),))
        for i, code in enumerate(dice.sample(countries, 2))
    )
    return Draft(
        f"g{n}",
        f"https://news.example/{n}",
        title,
        sample_headlines.SENTENCE * 2,
        sample_headlines.SENTENCE * 8,
        "",
        seen,
        "published",
        tags,
        f"{n}",
    )


def _limited(most: int) -> Callable[[], bool]:
    """What says yes so many times."""
    left = iter(range(most))
    return lambda: next(left, None) is not None


def _measure(environment: Mapping[str, str], asked: argparse.Namespace) -> dict[str, float | str]:
    planned = _run(environment, "plan", 1)[0]
    sent = _run(environment, "send", asked.senders, most=asked.most)
    messages = sum(part["messages"] for part in sent)
    seconds = planned["seconds"] + max(part["seconds"] for part in sent)
    cpu = planned["cpu_seconds"] + sum(part["cpu_seconds"] for part in sent)
    return {
        "messages": messages,
        "plan_seconds": planned["seconds"],
        "send_seconds": max(part["seconds"] for part in sent),
        "messages_per_second": round(messages / seconds),
        "messages_per_cpu_second": round(messages / cpu),
        "cpu_seconds_per_1000": round(1000 * cpu / max(messages, 1), 3),
        "plan_peak_memory_mb": planned["peak_memory_mb"],
        "send_peak_memory_mb": max(part["peak_memory_mb"] for part in sent),
    }


def _run(environment: Mapping[str, str], part: str, times: int, *, most: int = 0) -> list[dict[str, float]]:
    command = [sys.executable, "-m", "benchmarks.bench_pipeline", "--part", part, "--most", str(most)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) for _ in range(times)]
    return [json.loads(process.communicate()[0]) for process in processes]


def _part(part: str, most: int) -> dict[str, float]:
    parts = assemble(Settings.from_env())
    start, cpu = time.perf_counter(), time.process_time()
    if part == "plan":
        messages = edition_planner.plan_due(parts.db, parts.planner(), parts.reader.clock()).deliveries
    else:
        go_on = _limited(most) if most else lambda: True
        messages = delivery_sender.send_due(parts.db, parts.post, go_on=go_on)
        messages = min(messages, most) if most else messages
    end, used = time.perf_counter(), time.process_time() - cpu
    parts.post.relay.close()
    # Not ru_maxrss: a new program inherits there what the process was that started it.
    peak = PEAK.search(Path("/proc/self/status").read_text())
    return {
        "messages": messages,
        "seconds": round(end - start, 2),
        "cpu_seconds": round(used, 2),
        "peak_memory_mb": round(int(peak[1]) / 1024) if peak else 0,
    }


def _smtp_source(port: int, messages: int) -> int | str:
    """What Postfix's C client reaches at the same sink, with as many connections and messages of 31 KB."""
    program = shutil.which("smtp-source", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        return "not measured: smtp-source is not installed (Debian: apt-get install postfix)"
    command = [program, "-s", str(CONNECTIONS), "-d", "-l", "31000", "-m", str(messages), f"127.0.0.1:{port}"]
    start = time.perf_counter()
    subprocess.run(command, check=True)
    return round(messages / (time.perf_counter() - start))


if __name__ == "__main__":
    main()
