"""Days of editions to readers of whom 1 % are refused as unknown, 1 % as full, and 1 % because of us.

Prints one JSON line a day: how often the edition stopped, who is suppressed, and mails a second. An edition that
stopped is resumed at once. The exit status is 1 unless exactly the unknown ones are suppressed after the first day, the
full ones too from the day on that the rule says, and nobody else. DATABASE_URL chooses the database, which should be
empty; without it, it is SQLite in a temporary folder.

Example: python -m benchmarks.refusals --readers 20000 --days 9
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from benchmarks import bench_pipeline
from digest.app import build_parts
from digest.deliveries.planning import edition_planner, manual_editions
from digest.deliveries.sending import delivery_sender
from digest.deliveries.store import deliveries
from digest.editions.models import Edition
from digest.editions.states import EditionState
from digest.feedback.refusals import settle_refusals
from digest.parts import Parts
from digest.settings import Settings
from digest.sources.store import sources
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.email_address import EmailAddress
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import SubscriberState
from digest.subscribers.store import subscribers

REPLIES = ("550 5.1.1 no such user", "552 5.2.2 mailbox full", "550 5.7.1 not from you")


class Days:
    """Editions of consecutive days over a real SMTP connection, with a clock that jumps from day to day."""

    def __init__(self, parts: Parts, args: argparse.Namespace) -> None:
        self._parts, self._args = parts, args
        self._shift = timedelta(0)
        self._rng = random.Random(20261129)  # noqa: S311  (the same world every time)
        with parts.db.begin() as tx:
            self._sources = [sources.add(tx, "https://source.example/feed", "Source", parts.clock()).id]
        self._real_clock = parts.clock
        parts.sending.clock = self.now

    def now(self) -> datetime:
        """The time on the current day."""
        return self._real_clock() + self._shift

    def run(self, day: int) -> Mapping[str, object]:
        """Plan and send the edition of a day, and settle its refusals."""
        self._shift = timedelta(days=day - 1)
        parts, now = self._parts, self.now()
        with parts.db.begin() as tx:
            due = update(Subscriber).where(Subscriber.state == SubscriberState.ACTIVE)
            tx.execute(
                due.values(next_due_at=now - timedelta(minutes=1), last_cutoff=now - timedelta(days=1))
            )
        numbers = range(day * self._args.articles, (day + 1) * self._args.articles)
        bench_pipeline.add_articles(parts, self._sources, numbers, self._rng, seen=now - timedelta(hours=2))
        planned = edition_planner.plan_due(parts.db, parts.planner(), now).deliveries
        started, stops, reason = time.monotonic(), 0, ""
        while True:
            delivery_sender.send_due(parts.db, parts.sending)
            settle_refusals(parts.db, parts.feedback_policy(), self.now())
            with parts.db.begin() as tx:
                deliveries.finish_editions(tx, self.now())
                paused = tx.scalars(select(Edition).where(Edition.state == EditionState.PAUSED)).all()
            if not paused:
                break
            stops, reason = stops + len(paused), paused[0].reason
            for edition in paused:
                manual_editions.resume(parts.db, edition.id)
        seconds = time.monotonic() - started
        return {"day": day, "planned": planned, "stops": stops, "reason": reason, **self._suppressed(),
                "mails_per_second": round(planned / seconds), "load": round(os.getloadavg()[0], 1)}  # fmt: skip

    def _suppressed(self) -> Mapping[str, int]:
        with self._parts.db.read() as tx:
            query = select(Subscriber.email).where(Subscriber.state == SubscriberState.SUPPRESSED)
            shares = [
                int(email.removeprefix("reader").partition("@")[0]) % 100 for email in tx.scalars(query)
            ]
        return {
            "unknown": shares.count(0),
            "full": shares.count(1),
            "ours": shares.count(2),
            "others": sum(share > 2 for share in shares),
        }

    def expected(self, day: int) -> Mapping[str, int]:
        """Who is suppressed after a day."""
        settings, hundredth = self._parts.settings, self._args.readers // 100
        is_over = day >= settings.soft_bounces and day - 1 >= settings.soft_bounce_days
        return {"unknown": hundredth, "full": hundredth if is_over else 0, "ours": 0, "others": 0}


def main() -> None:
    """Run the trial."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=20_000)
    parser.add_argument(
        "--preferences", type=int, default=197, help="none divides the readers who are refused"
    )
    parser.add_argument("--articles", type=int, default=100)
    parser.add_argument("--days", type=int, default=5)
    parser.add_argument("--soft-bounce-days", type=int, default=4, help="SOFT_BOUNCE_DAYS")
    args = parser.parse_args()
    kept = True
    with (
        tempfile.TemporaryDirectory() as folder,
        bench_pipeline.run_sink(options=["--refuse-percent", json.dumps(REPLIES)]) as (port, _),
    ):
        parts = build_parts(Settings.from_env(_environment(Path(folder), port, args)))
        parts.db.upgrade()
        _add_readers(parts, args)
        days = Days(parts, args)
        for day in range(1, args.days + 1):
            figures, expected = days.run(day), days.expected(day)
            is_right = expected.items() <= figures.items() and figures["stops"] == 1
            kept = kept and is_right
            print(json.dumps({"trial": "refusals", "right": is_right, **figures}), flush=True)
        parts.db.close()
    sys.exit(0 if kept else 1)


def _add_readers(parts: Parts, args: argparse.Namespace) -> None:
    """Readers of the whole world, each also of one region, so that all have news and there are many digests."""
    slugs = [region.slug for region in parts.tree.all() if region.slug != "world"]
    subscriptions = [Subscription(("world", slug)) for slug in slugs[: args.preferences]]
    now = parts.clock()
    with parts.db.begin() as tx:
        for subscription in subscriptions:
            subscribers.ensure_preferences(tx, subscription)
        for n in range(args.readers):
            address = EmailAddress(f"reader{n}@example.org", f"reader{n}@example.org")
            tx.add(bench_pipeline.new_subscriber(n, address, subscriptions[n % len(subscriptions)], now))


def _environment(folder: Path, port: int, args: argparse.Namespace) -> dict[str, str]:
    own = {
        "DATELINE_VAR": str(folder),
        "SMTP_URL": f"smtp://127.0.0.1:{port}?connections=10",
        "DOMAIN_RATES": "example.org=0",
        "BASE_URL": "https://news.example.org",
        "SECRET_KEY": "only for this trial, not a secret",
        "SOFT_BOUNCE_DAYS": str(args.soft_bounce_days),
        "PATH": os.environ["PATH"],
    }
    database_url = os.environ.get("DATABASE_URL", "")
    return own | ({"DATABASE_URL": database_url} if database_url else {})


if __name__ == "__main__":
    main()
