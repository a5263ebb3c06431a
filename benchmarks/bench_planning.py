"""Plans and composes for many subscribers who are due at one moment. Prints one JSON line for each case.

Cases: `distinct` (100,000 subscribers with 30,000 distinct preferences; each digest is rendered as well) and `many`
(1,000,000 subscribers with 1,000). The window has 3,000 stories. DATABASE_URL chooses the database, which should be
empty; without it, it is SQLite in a temporary folder.

Example: python -m benchmarks.bench_planning --case many --readers 50000
"""

import argparse
import gc
import json
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select, text

from benchmarks import sample_headlines
from digest.app import build_parts
from digest.articles.ingest import article_upsert
from digest.articles.pure.drafts import ArticleDraft
from digest.articles.pure.shown_story import ShownStory
from digest.articles.states import DateSource
from digest.articles.store import articles
from digest.database import Database, Tx, chunked
from digest.deliveries.planning import edition_planner
from digest.editions.models import Digest
from digest.editions.pure.digest_input import DigestInput
from digest.editions.pure.sections import story_ids
from digest.editions.pure.selection import MAX_STORIES_BY_SIZE
from digest.editions.rendering import render_digest
from digest.parts import Parts
from digest.regions.pure.evidence import Evidence
from digest.regions.pure.tagger import Tag
from digest.settings import Settings
from digest.sources.store import sources
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import SubscriberState
from digest.subscribers.store import subscribers

CASES = {"distinct": (100_000, 30_000), "many": (1_000_000, 1_000)}
# All are five hours ahead of UTC.
ZONES = ("Asia/Tashkent", "Asia/Samarkand", "Asia/Karachi", "Asia/Yekaterinburg")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=[*CASES, "both"], default="both")
    parser.add_argument("--readers", type=int)
    parser.add_argument("--preferences", type=int)
    parser.add_argument("--stories", type=int, default=3_000)
    args = parser.parse_args()
    for case in CASES if args.case == "both" else [args.case]:
        readers, preferences = CASES[case]
        with tempfile.TemporaryDirectory() as folder:
            sizes = (args.readers or readers, args.preferences or preferences, args.stories)
            # In a process of its own, so that its memory is not counted.
            filling = multiprocessing.get_context("spawn").Process(target=_fill, args=(Path(folder), *sizes))
            filling.start()
            filling.join()
            assert filling.exitcode == 0
            parts = _parts(Path(folder))
            figures = _measure(parts, printing=case == "distinct")
            settings = dict(zip(("readers", "preferences", "stories"), sizes, strict=True))
            name = {"benchmark": "planning", "case": case, "database": parts.db.engine.dialect.name}
            print(json.dumps({**name, **settings, **figures}), flush=True)
            parts.db.close()


def _parts(folder: Path) -> Parts:
    own = {"DATELINE_VAR": str(folder), "BASE_URL": "https://news.example.org"}
    database_url = Settings.from_env().database_url
    extra = {"SECRET_KEY": "only for this benchmark, not a secret"}
    extra = {"DATABASE_URL": database_url, **extra} if database_url else {}
    parts = build_parts(Settings.from_env(own | extra))
    parts.db.upgrade()
    return parts


def _fill(folder: Path, readers: int, preferences: int, stories: int) -> None:
    parts = _parts(folder)
    rng = random.Random(20261122)  # noqa: S311  (the same world every time)
    now = parts.clock()
    countries = sorted(parts.tree.countries_of(["world"]))
    seen = now - timedelta(hours=2)
    with parts.db.begin() as tx:
        source_ids = [sources.add(tx, f"https://s{n}.example/feed", f"Source {n}", now).id for n in range(50)]
        for n in range(stories):
            drafts = [_draft(n, rng, countries, seen)]
            seen_at = seen - timedelta(seconds=n)
            article_upsert.upsert_articles(
                tx,
                source_ids[n % 50],
                drafts,
                seen_at=seen_at,
                language="en",
                recent_reports=parts.ingest.recent_reports,
            )
    slugs = [region.slug for region in parts.tree.all()]
    subscriptions = _random_subscriptions(rng, slugs, preferences)
    with parts.db.begin() as tx:
        for subscription in subscriptions:
            subscribers.ensure_preferences(tx, subscription)
    rows = _rows(readers, [subscription.preferences_key for subscription in subscriptions], now)
    for chunk in chunked(rows, 20_000):
        with parts.db.begin() as tx:
            tx.execute(insert(Subscriber), chunk)
    _analyze(parts.db)


def _draft(n: int, rng: random.Random, countries: Sequence[str], seen: datetime) -> ArticleDraft:
    title = sample_headlines.random_headline(rng, n)
    about = rng.sample(countries, 2)
    tags = tuple(Tag(code, 1.0 - 0.2 * i, (Evidence("title", code),)) for i, code in enumerate(about))
    return ArticleDraft(
        guid=f"g{n}",
        url=f"https://news.example/{n}",
        title=title,
        excerpt=sample_headlines.SENTENCE * 2,
        text=" ".join(f"w{rng.randrange(20_000)}" for _ in range(120)),
        author="",
        published_at=seen,
        date_source=DateSource.PUBLISHED,
        tags=tags,
        content_hash=f"{n}",
    )


def _random_subscriptions(rng: random.Random, slugs: Sequence[str], count: int) -> list[Subscription]:
    by_key: dict[str, Subscription] = {}
    while len(by_key) < count:
        subscription = Subscription(tuple(sorted(rng.sample(slugs, rng.randint(2, 6)))))
        by_key[subscription.preferences_key] = subscription
    return list(by_key.values())


def _rows(readers: int, keys: Sequence[str], now: datetime) -> Iterator[dict[str, object]]:
    due = now.replace(minute=0, second=0, microsecond=0)
    for n in range(readers):
        address = f"reader{n}@example.org"
        yield {
            "public_id": f"public-{n:010d}", "email": address, "email_key": address, "state": SubscriberState.ACTIVE,
            "preferences_key": keys[n % len(keys)], "cadence": ("daily", "weekdays")[n % 2], "weekday": 0,
            "send_minute": 420, "zone": ZONES[n % len(ZONES)], "created_at": now, "confirmed_at": now,
            "last_cutoff": due - timedelta(days=1), "next_due_at": due,
        }  # fmt: skip


def _analyze(db: Database) -> None:
    """Update the statistics, as a database does by itself."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze"))


def _measure(parts: Parts, *, printing: bool) -> dict[str, float]:
    gc.freeze()  # as worker.py does
    before = _memory()
    start, cpu = time.perf_counter(), time.process_time()
    planned = edition_planner.plan_due(parts.db, parts.planner(), parts.clock())
    figures: dict[str, float] = {
        "planned": planned.deliveries,
        "nothing_new": planned.nothing_new,
        "plan_seconds": round(time.perf_counter() - start, 2),
        "plan_cpu_seconds": round(time.process_time() - cpu, 2),
        "memory_before_mb": before,
        "memory_mb": _memory(),
    }
    if printing:
        start, cpu = time.perf_counter(), time.process_time()
        figures |= {"printed": _print_all(parts), "print_seconds": round(time.perf_counter() - start, 2)}
        figures |= {"print_cpu_seconds": round(time.process_time() - cpu, 2), "memory_mb": _memory()}
    return figures


def _print_all(parts: Parts) -> int:
    """Render both parts of each digest, as a sender does before it adds what belongs to one subscriber."""
    count = last = 0
    shown: dict[int, ShownStory] = {}
    with parts.db.read() as tx:
        while rows := tx.scalars(select(Digest).where(Digest.id > last).order_by(Digest.id).limit(500)).all():
            _refresh_stories(tx, shown, set().union(*(story_ids(row.sections) for row in rows)))
            preferences = subscribers.preferences_by_key(
                tx, sorted({digest.preferences_key for digest in rows})
            )
            for digest in rows:
                row = preferences[digest.preferences_key]
                url = f"https://news.example.org/read/{digest.public_id}"
                digest_input = DigestInput(
                    digest.subject,
                    row.language,
                    "",
                    digest.sections,
                    url,
                    max_stories=MAX_STORIES_BY_SIZE[row.size],
                )
                render_digest(digest_input, shown, parts.fragments)
            count, last = count + len(rows), rows[-1].id
            tx.expunge_all()
    return count


def _refresh_stories(tx: Tx, shown: dict[int, ShownStory], stories: set[int]) -> None:
    """Load the stories that are missing or have changed: digests have most of theirs in common."""
    versions = articles.story_versions(tx, stories)
    loaded = {story_id: (story.version, story.hidden) for story_id, story in shown.items()}
    outdated = [story_id for story_id, version in versions.items() if loaded.get(story_id) != version[:2]]
    shown |= articles.current_stories(tx, outdated)


def _memory() -> int:
    """The peak memory of this process, in MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
