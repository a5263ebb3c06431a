"""Plan and compose for many readers who are due at one moment. Prints one JSON line a case.

Cases: `distinct` (100,000 readers with 30,000 distinct preferences, each digest printed as well) and `many` (1,000,000
readers with 1,000). 3,000 stories in the window. DATABASE_URL chooses the database (it should be empty); unset: SQLite
in a temporary folder. Example: python -m benchmarks.bench_planning --case many --readers 50000
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
from itertools import islice
from pathlib import Path

from sqlalchemy import insert, select, text

from benchmarks import sample_headlines
from digest.app import assemble
from digest.articles.ingest import article_upsert
from digest.articles.pure.drafts import Draft
from digest.articles.pure.shown_story import ShownStory
from digest.articles.store import articles
from digest.database import Database, Tx
from digest.deliveries.planning import edition_planner
from digest.editions.models import Digest
from digest.editions.pure.selection import IN_MAIL
from digest.editions.rendering import Copy, printed
from digest.editions.store.editions import stories_of, story_ids
from digest.parts import Parts
from digest.regions.pure.tagger import Evidence, Tag
from digest.settings import Settings
from digest.sources.store import sources
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.subscription import Wishes
from digest.subscribers.store import subscribers

CASES = {"distinct": (100_000, 30_000), "many": (1_000_000, 1_000)}
ZONES = (
    "Asia/Tashkent",
    "Asia/Samarkand",
    "Asia/Karachi",
    "Asia/Yekaterinburg",
)  # all five hours ahead of UTC


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--case", choices=[*CASES, "both"], default="both")
    options.add_argument("--readers", type=int)
    options.add_argument("--preferences", type=int)
    options.add_argument("--stories", type=int, default=3_000)
    asked = options.parse_args()
    for case in CASES if asked.case == "both" else [asked.case]:
        readers, preferences = CASES[case]
        with tempfile.TemporaryDirectory() as folder:
            sizes = (asked.readers or readers, asked.preferences or preferences, asked.stories)
            # in a process of its own, so that the memory it takes is not counted
            filling = multiprocessing.get_context("spawn").Process(target=_fill, args=(Path(folder), *sizes))
            filling.start()
            filling.join()
            assert filling.exitcode == 0
            parts = _parts(Path(folder))
            figures = _measure(parts, printing=case == "distinct")
            told = dict(zip(("readers", "preferences", "stories"), sizes, strict=True))
            name = {"benchmark": "planning", "case": case, "database": parts.db.engine.dialect.name}
            print(json.dumps({**name, **told, **figures}), flush=True)
            parts.db.close()


def _parts(folder: Path) -> Parts:
    own = {"DATELINE_VAR": str(folder), "BASE_URL": "https://news.example.org"}
    given = Settings.from_env().database_url
    extra = {"DATABASE_URL": given, "SECRET_KEY": "only for this benchmark, not a secret"} if given else {}
    parts = assemble(Settings.from_env(own | extra))
    parts.db.upgrade()
    return parts


def _fill(folder: Path, readers: int, preferences: int, stories: int) -> None:
    parts = _parts(folder)
    dice = random.Random(20261122)  # noqa: S311  (the same world every time)
    now = parts.reader.clock()
    countries = sorted(parts.tree.expand(["world"]))
    seen = now - timedelta(hours=2)
    with parts.db.begin() as tx:
        made = [sources.add(tx, f"https://s{n}.example/feed", f"Source {n}", now).id for n in range(50)]
        for n in range(stories):
            drafts = [_draft(n, dice, countries, seen)]
            seen_at = seen - timedelta(seconds=n)
            article_upsert.save(
                tx, made[n % 50], drafts, seen_at=seen_at, language="en", newsroom=parts.reader.newsroom
            )
    slugs = [region.slug for region in parts.tree.all()]
    wishes = _wishes(dice, slugs, preferences)
    with parts.db.begin() as tx:
        for wanted in wishes:
            subscribers.keep_preferences(tx, wanted)
    rows = _rows(readers, [wanted.preferences_key for wanted in wishes], now)
    while some := list(islice(rows, 20_000)):
        with parts.db.begin() as tx:
            tx.execute(insert(Subscriber), some)
    _settle(parts.db)


def _draft(n: int, dice: random.Random, countries: Sequence[str], seen: datetime) -> Draft:
    title = sample_headlines.title(dice, n)
    about = dice.sample(countries, 2)
    tags = tuple(Tag(code, 1.0 - 0.2 * i, (Evidence("title", code),)) for i, code in enumerate(about))
    return Draft(
        guid=f"g{n}",
        url=f"https://news.example/{n}",
        title=title,
        excerpt=sample_headlines.SENTENCE * 2,
        text=" ".join(f"w{dice.randrange(20_000)}" for _ in range(120)),
        author="",
        published_at=seen,
        date_source="published",
        tags=tags,
        content_hash=f"{n}",
    )


def _wishes(dice: random.Random, slugs: Sequence[str], count: int) -> list[Wishes]:
    found: dict[str, Wishes] = {}
    while len(found) < count:
        wanted = Wishes(tuple(sorted(dice.sample(slugs, dice.randint(2, 6)))))
        found[wanted.preferences_key] = wanted
    return list(found.values())


def _rows(readers: int, keys: Sequence[str], now: datetime) -> Iterator[dict[str, object]]:
    due = now.replace(minute=0, second=0, microsecond=0)
    for n in range(readers):
        address = f"reader{n}@example.org"
        yield {
            "public_id": f"public-{n:010d}", "email": address, "email_key": address, "state": "active",
            "preferences_key": keys[n % len(keys)], "cadence": ("daily", "weekdays")[n % 2], "weekday": 0,
            "send_minute": 420, "zone": ZONES[n % len(ZONES)], "created_at": now, "confirmed_at": now,
            "last_cutoff": due - timedelta(days=1), "next_due_at": due,
        }  # fmt: skip


def _settle(db: Database) -> None:
    """What a database does by itself in the night."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze"))


def _measure(parts: Parts, *, printing: bool) -> dict[str, float]:
    gc.freeze()  # as worker.py does
    before = _memory()
    start, cpu = time.perf_counter(), time.process_time()
    planned = edition_planner.plan_due(parts.db, parts.planner(), parts.reader.clock())
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
    """Both parts of each digest, as a sender does it before it splices in what is a reader's own."""
    count = last = 0
    shown: dict[int, ShownStory] = {}
    with parts.db.read() as tx:
        while rows := tx.scalars(select(Digest).where(Digest.id > last).order_by(Digest.id).limit(500)).all():
            _look_again(tx, shown, story_ids(rows))
            wanted = subscribers.preferences(tx, sorted({digest.preferences_key for digest in rows}))
            for digest in rows:
                asked = wanted[digest.preferences_key]
                url = f"https://news.example.org/read/{digest.public_id}"
                copy = Copy(
                    digest.subject, asked.language, "", stories_of(digest), url, most=IN_MAIL[asked.size]
                )
                printed(copy, shown, parts.fragments)
            count, last = count + len(rows), rows[-1].id
            tx.expunge_all()
    return count


def _look_again(tx: Tx, shown: dict[int, ShownStory], stories: set[int]) -> None:
    """Load those stories that changed since they were loaded: digests have most of theirs in common."""
    marks = articles.story_marks(tx, stories)
    known = {key: (story.version, story.hidden) for key, story in shown.items()}
    shown |= articles.shown_stories(tx, [key for key, mark in marks.items() if known.get(key) != mark])


def _memory() -> int:
    """The most this process ever had, in MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
