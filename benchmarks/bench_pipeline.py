"""Plans an edition and sends it by SMTP to a local sink. Then Postfix's smtp-source sends to the same sink.

Prints one JSON line: seconds, messages a second (planning included), CPU seconds for a thousand messages and peak
memory of the processes that plan and send, and the rate of smtp-source. Another process writes the subscribers, and
does not count. DATABASE_URL chooses the database; without it, it is SQLite in a temporary folder. `--delay 40` stands
for a mail server that is far away.
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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import bindparam, select, text

from benchmarks import sample_headlines
from digest.app import build_parts
from digest.articles.ingest import article_upsert
from digest.articles.pure.drafts import ArticleDraft
from digest.articles.states import DateSource
from digest.database import UtcDateTime
from digest.deliveries.planning import edition_planner
from digest.deliveries.sending import delivery_sender
from digest.editions.models import Digest, Edition
from digest.editions.states import EditionKind, EditionState
from digest.parts import Parts
from digest.regions.pure.evidence import Evidence
from digest.regions.pure.tagger import Tag
from digest.settings import Settings
from digest.sources.store import sources
from digest.subscribers.models import Preferences, Subscriber
from digest.subscribers.pure.email_address import EmailAddress
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import Cadence, SubscriberState
from digest.subscribers.store import subscribers

CONNECTIONS = 10  # of each sender, and of smtp-source
ANY_PREFERENCES_KEY = select(Preferences.key).limit(1)
INSERT_EARLIER_DELIVERIES = text(
    "insert into deliveries (edition_id, digest_id, subscriber_id, test_address, state, not_before, attempts,"
    " in_doubt, planned_at, finished_at, answer) select :edition, :digest, id, '', 'accepted', :then, 1,"
    " false, :then, :then, '250 2.0.0 Ok: queued' from subscribers"
)
PEAK_MEMORY = re.compile(r"VmHWM:\s+(\d+) kB")


def main() -> None:
    """Run the benchmark. With `--part`, plan or send in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=10_000)
    parser.add_argument("--preferences", type=int, default=400)
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--senders", type=int, default=1, help="processes that send")
    parser.add_argument(
        "--delay", type=float, default=0, help="milliseconds before each of the sink's replies"
    )
    parser.add_argument(
        "--old", type=int, default=0, help="about how many deliveries of earlier editions there are"
    )
    parser.add_argument("--most", type=int, default=0, help="stop sending after so many mails; 0: send all")
    parser.add_argument("--dkim", action="store_true", help="sign with RSA-2048")
    parser.add_argument("--part", choices=("plan", "send"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.part:
        print(json.dumps(_part(args.part, args.most)))
        return
    with tempfile.TemporaryDirectory() as folder, run_sink(args.delay) as (port, counts):
        environment = _environment(Path(folder), port, args)
        database = _fill(environment, args)
        figures = _measure(environment, args)
        sent = figures["messages"]
        figures["smtp_source_per_second"] = _smtp_source(port, 500 if args.delay else max(int(sent), 2000))
    del args.part
    settings = {"benchmark": "pipeline", **vars(args), "database": database}
    print(json.dumps({**settings, **figures, "sink_connections": counts.get("connections", 0)}))


@contextmanager
def run_sink(delay: float = 0, options: Sequence[str] = ()) -> Iterator[tuple[int, dict[str, int]]]:
    """Run the mail server; yields its port, and its counts, which are filled in at the end."""
    counts: dict[str, int] = {}
    command = [sys.executable, str(Path(__file__).with_name("smtp_sink.py")), "--delay", str(delay), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield int(server.stdout.readline()), counts
        finally:
            server.terminate()
            counts |= json.loads(server.stdout.readline() or "{}")


def _environment(folder: Path, port: int, args: argparse.Namespace) -> dict[str, str]:
    own = {
        "DATELINE_VAR": str(folder),
        "SMTP_URL": f"smtp://127.0.0.1:{port}?connections={CONNECTIONS * args.senders}",
        "SENDERS": str(args.senders),
        "BASE_URL": "https://news.example.org",
        "SECRET_KEY": "only for this benchmark, not a secret",
        "PATH": os.environ["PATH"],
    }
    if args.dkim:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        own["DKIM_KEY"] = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    database_url = Settings.from_env().database_url
    return own | ({"DATABASE_URL": database_url} if database_url else {})


def _fill(environment: Mapping[str, str], args: argparse.Namespace) -> str:
    parts = build_parts(Settings.from_env(environment))
    parts.db.upgrade()
    fill_database(parts, args)
    fill_earlier(parts, args.old // args.readers)
    parts.db.close()
    return parts.db.engine.dialect.name


def fill_database(parts: Parts, args: argparse.Namespace) -> None:
    rng = random.Random(20261122)  # noqa: S311  (the same world every time)
    now = parts.clock()
    with parts.db.begin() as tx:
        source_ids = [sources.add(tx, f"https://s{n}.example/feed", f"Source {n}", now).id for n in range(12)]
    add_articles(parts, source_ids, range(args.articles), rng, seen=now - timedelta(hours=2))
    slugs = [region.slug for region in parts.tree.all()]
    subscriptions = [
        Subscription(tuple(sorted(rng.sample(slugs, rng.randint(2, 6))))) for _ in range(args.preferences)
    ]
    with parts.db.begin() as tx:
        for subscription in subscriptions:
            subscribers.ensure_preferences(tx, subscription)
        for n in range(args.readers):
            address = EmailAddress(f"reader{n}@example.org", f"reader{n}@example.org")
            tx.add(new_subscriber(n, address, subscriptions[n % len(subscriptions)], now))


def add_articles(
    parts: Parts, source_ids: Sequence[int], numbers: range, rng: random.Random, *, seen: datetime
) -> None:
    """Add articles about random countries."""
    countries = sorted(parts.tree.countries_of(["world"]))
    with parts.db.begin() as tx:
        for n in numbers:
            drafts = [_draft(n, rng, countries, seen)]
            article_upsert.upsert_articles(
                tx, source_ids[n % len(source_ids)], drafts, seen_at=seen, language="en"
            )


def fill_earlier(parts: Parts, editions: int) -> None:
    """Write editions of earlier days, each with a delivery to every subscriber."""
    now = parts.clock()
    for n in range(1, editions + 1):
        then = now - timedelta(days=n)
        with parts.db.begin() as tx:
            edition = Edition(
                kind=EditionKind.SCHEDULED,
                slot=then.isoformat(),
                state=EditionState.SENT,
                cutoff=then,
                created_at=then,
            )
            tx.add(edition)
            tx.flush()
            digest = Digest(
                public_id=f"old-{n}", edition_id=edition.id, preferences_key=tx.scalars(ANY_PREFERENCES_KEY).first(),
                window_start=then - timedelta(days=1), subject="Yesterday", sections=(), hash="",
            )  # fmt: skip
            tx.add(digest)
            tx.flush()
            parameters = {"edition": edition.id, "digest": digest.id}
            tx.execute(
                INSERT_EARLIER_DELIVERIES.bindparams(bindparam("then", then, UtcDateTime())), parameters
            )
    if editions:
        with parts.db.begin() as tx:
            tx.execute(text("analyze"))


def new_subscriber(n: int, address: EmailAddress, subscription: Subscription, now: datetime) -> Subscriber:
    return Subscriber(
        public_id=f"public-{n:010d}",
        email=address.email,
        email_key=address.key,
        state=SubscriberState.ACTIVE,
        created_at=now,
        preferences_key=subscription.preferences_key,
        cadence=Cadence.DAILY,
        weekday=0,
        send_minute=420,
        zone="Asia/Tashkent",
        confirmed_at=now,
        last_cutoff=now - timedelta(days=1),
        next_due_at=now - timedelta(minutes=1),
    )


def _draft(n: int, rng: random.Random, countries: list[str], seen: datetime) -> ArticleDraft:
    title = sample_headlines.random_headline(rng, n)
    tags = tuple(
        Tag(code, 1.0 - 0.2 * i, (Evidence("title", code),))
        for i, code in enumerate(rng.sample(countries, 2))
    )
    return ArticleDraft(
        f"g{n}",
        f"https://news.example/{n}",
        title,
        sample_headlines.SENTENCE * 2,
        sample_headlines.SENTENCE * 8,
        "",
        seen,
        DateSource.PUBLISHED,
        tags,
        f"{n}",
    )


def _limited(limit: int) -> Callable[[], bool]:
    """A function that returns true `limit` times, then false."""
    remaining = iter(range(limit))
    return lambda: next(remaining, None) is not None


def _measure(environment: Mapping[str, str], args: argparse.Namespace) -> dict[str, float | str]:
    planned = run(environment, "plan", 1)[0]
    sent = run(environment, "send", args.senders, most=args.most)
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


def run(environment: Mapping[str, str], part: str, times: int, *, most: int = 0) -> list[dict[str, float]]:
    command = [sys.executable, "-m", "benchmarks.bench_pipeline", "--part", part, "--most", str(most)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) for _ in range(times)]
    return [json.loads(process.communicate()[0]) for process in processes]


def _part(part: str, most: int) -> dict[str, float]:
    parts = build_parts(Settings.from_env())
    start, cpu = time.perf_counter(), time.process_time()
    if part == "plan":
        messages = edition_planner.plan_due(parts.db, parts.planner(), parts.clock()).deliveries
    else:
        should_continue = _limited(most) if most else lambda: True
        messages = delivery_sender.send_due(parts.db, parts.sending, should_continue=should_continue).claimed
        messages = min(messages, most) if most else messages
    end, used = time.perf_counter(), time.process_time() - cpu
    parts.sending.relay.close()
    # Not ru_maxrss: a new program inherits it from the process that started it.
    peak = PEAK_MEMORY.search(Path("/proc/self/status").read_text())
    return {
        "messages": messages,
        "seconds": round(end - start, 2),
        "cpu_seconds": round(used, 2),
        "peak_memory_mb": round(int(peak[1]) / 1024) if peak else 0,
    }


def _smtp_source(port: int, messages: int) -> int | str:
    """The rate of Postfix's C client at the same sink, with as many connections and messages of 31 KB."""
    program = shutil.which("smtp-source", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        return "not measured: smtp-source is not installed (Debian: apt-get install postfix)"
    command = [program, "-s", str(CONNECTIONS), "-d", "-l", "31000", "-m", str(messages), f"127.0.0.1:{port}"]
    start = time.perf_counter()
    subprocess.run(command, check=True)
    return round(messages / (time.perf_counter() - start))


if __name__ == "__main__":
    main()
