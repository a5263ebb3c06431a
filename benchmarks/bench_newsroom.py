"""The newsroom's pages with many subscribers: processor time and octets of a request, without a web server.

Prints one JSON line for each page. The database is a SQLite file in a temporary folder, or in a folder that is kept for
the next run; or the empty or filled PostgreSQL database of DATABASE_URL. It has 500 stories of the last day, a third of
them with two reports, older articles, subscribers who joined within a thousand days, and deliveries of sent editions.
Processor time is that of Python and SQLite, or of PostgreSQL if it is on this machine; "clock_ms" includes what else
the machine does.

Example: python -m benchmarks.bench_newsroom --subscribers 500000 --folder /tmp/newsroom
"""

import argparse
import json
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from flask import Flask
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from benchmarks import large_database, newsroom_rows
from digest.app import create_app
from digest.articles import bulk_moderation
from digest.articles.models import Article
from digest.child_processes import share_loaded_modules
from digest.clock import now
from digest.deliveries.planning.edition_planner import plan_due
from digest.editions.models import Digest
from digest.parts import EXTENSION_KEY, Parts
from digest.settings import Settings
from digest.subscribers.models import Subscriber
from tests.builders import World, invented_words
from tests.web.browser_session import CSRF_FIELD, BrowserSession, sign_in_as

STORIES = 500
SERVER_PROCESSES: list[Path] = []
REMOVE = re.compile(r"/admin/exclusions/(\d+)/remove")
PAGES = {
    "overview": "/admin/",
    "today": "/admin/today",
    "today of a region": "/admin/today?region=central-asia",
    "notes of the day": "/admin/notes",
    "figures": "/admin/figures?days=90",
    "coverage": "/admin/coverage",
    "articles": "/admin/articles",
    "words of articles": "/admin/articles?q=harbour+happened",
    "coverage of a part": "/admin/coverage?view=asia",
    "sources": "/admin/sources",
    "sources by folder": "/admin/sources?group=folder",
    "polls of a source": "/admin/sources/1/polls",
    "excluded words": "/admin/exclusions",
    "excluded words with a word": "/admin/exclusions?q=union+77",
    "starter packs": "/admin/sources/packs",
    "imports": "/admin/imports",
    "editions": "/admin/editions",
    "editions, oldest first": "/admin/editions?sort=oldest",
    "editions by mails": "/admin/editions?sort=mails",
    "editions by refusals": "/admin/editions?sort=refused",
    "a draft": "/admin/editions/{draft}",
    "changes of a draft": "/admin/editions/{draft}/changes",
    "preview": "/admin/preview?regions=central-asia",
    "subscribers": "/admin/subscribers",
    "a whole address": "/admin/subscribers?q=ann77.hill@mail5.example.com",
    "a part of an address": "/admin/subscribers?q=77.hil",
    "a rare part": "/admin/subscribers?q=nobody-has-this",
    "a domain": "/admin/subscribers?q=@mail5.example",
    "two letters": "/admin/subscribers?q=an",
    "a reader with notes": "/admin/subscribers/{reader}",
    "old articles": "/admin/articles?after={old_article}",
    "a frequent word": "/admin/articles?q=happened",
    "articles of a source": "/admin/articles?source=20",
    "an edition": "/admin/editions/{edition}",
    "a digest": "/admin/digests/{digest}",
    "an edition's reader": "/admin/editions/{edition}/reader?address=first@example.org",
    "suppressions": "/admin/suppressions",
    "suppressions.csv": "/admin/suppressions.csv",
    "feedback": "/admin/feedback",
    "audit": "/admin/audit",
    "look": "/admin/look",
    "regions": "/admin/regions",
}


def main() -> None:
    """Fill the database, unless it is filled, and ask for each page in turn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--subscribers", type=int, default=500_000)
    parser.add_argument("--articles", type=int, default=300_000)
    parser.add_argument("--deliveries", type=int, default=5_000_000)
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--pages", default="", help="only the pages whose name has this")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        settings = Settings.from_env(
            {
                "DATELINE_VAR": str(folder),
                "SECRET_KEY": "s" * 32,
                "BASE_URL": "https://news.example.org",
                "SECOND_FACTOR_FROM": "nobody",
                "REDIS_URL": f"redis+socket://{folder}/nobody-listens.sock",
                "LOG_LEVEL": "ERROR",
                **({"DATABASE_URL": os.environ["DATABASE_URL"]} if "DATABASE_URL" in os.environ else {}),
            }
        )
        app = create_app(settings)
        parts: Parts = app.extensions[EXTENSION_KEY]
        parts.db.upgrade()
        if not is_filled(parts):
            fill(parts, options)
        browser = sign_in(app, parts)
        share_loaded_modules()  # as `digest.wsgi` does
        large_database.follow_ids(parts.db)
        places = old_places(parts)
        newsroom_rows.add_rows(parts, int(str(places["reader"])))
        places["draft"] = newsroom_rows.draft_id(parts)
        for name, path in PAGES.items():
            if options.pages in name:
                request = partial(browser.get, path.format(**places))
                request()
                find_server_processes(parts)
                show(name, [timed(request) for _ in range(options.requests)])
        if options.pages in "today after a change":
            measure_after_changes(browser, parts, options.requests)
        if options.pages in "excluded words":
            measure_exclusions(browser, options.requests)


def is_filled(parts: Parts) -> bool:
    """Whether an earlier run has filled the database."""
    with parts.db.read() as tx:
        return tx.scalar(select(Subscriber.id).limit(1)) is not None


def fill(parts: Parts, options: argparse.Namespace) -> None:
    """Write the news and the subscribers, plan an edition, and add what is old."""
    world = World(parts.db, parts.tree, now)
    for number in range(STORIES):
        title = f"{invented_words(number)} harbour"
        for source in ("The Steppe Post", "Harbour Wire")[: 2 if number % 3 == 0 else 1]:
            world.article(
                title, ("KZ", "GE", "FR", "PE")[number % 4 :][:2], source=source, age=1 + number % 23
            )
    world.subscriber("first@example.org")
    plan_due(parts.db, parts.planner(), now())
    large_database.add_subscribers(parts.db, options.subscribers)
    large_database.add_old_articles(parts.db, options.articles)
    large_database.add_deliveries(parts.db, options.deliveries, options.subscribers)
    large_database.analyze(parts.db)


def old_places(parts: Parts) -> dict[str, object]:
    """Places in the addresses of pages: an old article's key, an edition of many deliveries and one of its digests."""
    with parts.db.read() as tx:
        article = tx.scalars(select(Article).order_by(Article.id).offset(STORIES).limit(1)).one()
        edition = tx.scalar(select(func.max(Digest.edition_id)))
        digest = tx.scalar(select(func.max(Digest.id)))
        reader = tx.scalars(select(Subscriber.id).order_by(Subscriber.id).offset(STORIES).limit(1)).one()
    microseconds = round(article.seen_at.timestamp() * 1_000_000) - 60 * 86_400 * 1_000_000
    return {
        "old_article": f"{microseconds}-{article.id}",
        "edition": edition,
        "digest": digest,
        "reader": reader,
    }


def sign_in(app: Flask, parts: Parts) -> BrowserSession:
    """A browser that is signed in as an admin; the account of an earlier run is removed first."""
    with parts.db.begin() as tx:
        tx.execute(text("delete from accounts"))
    return sign_in_as(app, "admin")


def find_server_processes(parts: Parts) -> None:
    """Find PostgreSQL's processes for this one, to read what processor time they take (schedstat of Linux)."""
    SERVER_PROCESSES.clear()
    if parts.db.engine.dialect.name == "postgresql":
        with parts.db.read() as tx:
            own = text("select pid from pg_stat_activity where application_name = 'dateline'")
            SERVER_PROCESSES.extend(Path(f"/proc/{pid}/schedstat") for pid in tx.scalars(own))


class Sample(NamedTuple):
    """What a request took: octets, seconds of processor time, also of PostgreSQL, and seconds by the clock."""

    octets: int
    busy: float
    passed: float


def server_time() -> float:
    """Seconds of processor time that PostgreSQL on this machine has spent for this process so far; else 0."""
    return sum(int(path.read_text().split()[0]) for path in SERVER_PROCESSES if path.exists()) / 1e9


def timed(request: Callable[[], TestResponse]) -> Sample:
    """Ask once."""
    began, began_clock = time.process_time() + server_time(), time.perf_counter()
    answer = request()
    passed = time.perf_counter() - began_clock
    sample = Sample(len(answer.data), time.process_time() + server_time() - began, passed)
    assert answer.status_code in (200, 302), answer.text
    return sample


def measure_after_changes(browser: BrowserSession, parts: Parts, count: int) -> None:
    """*Today*, when the news have changed since the request before: a story is hidden and shown in turns."""
    samples = []
    for number in range(count):
        bulk_moderation.set_hidden(parts.db, [1], hidden=number % 2 == 0, now=parts.clock())
        samples.append(timed(partial(browser.get, "/admin/today")))
    show("today after a change", samples)


def measure_exclusions(browser: BrowserSession, count: int) -> None:
    """Exclude words that some thousand open articles have, and undo it, in turns."""
    token = CSRF_FIELD.search(browser.get_page("/admin/exclusions"))
    assert token
    form = {"words": "happened", "country": "KZ", "source": "", "csrf_token": token[1]}
    saved, undone = [], []
    for _ in range(count):
        saved.append(timed(partial(browser.post_without_token, "/admin/exclusions", form)))
        number = REMOVE.search(browser.get_page("/admin/exclusions"))
        assert number
        path = f"/admin/exclusions/{number[1]}/remove"
        undone.append(timed(partial(browser.post_without_token, path, form)))
    show("save excluded words", saved)
    show("undo excluded words", undone)


def show(page: str, samples: Sequence[Sample]) -> None:
    """Print the median, the least, the tenth time, and that which one of twenty exceeds, in milliseconds."""
    busy, passed = ([1000 * seconds for seconds in column] for column in list(zip(*samples, strict=True))[1:])
    figures = {
        "page": page,
        "octets": samples[-1].octets,
        "ms": statistics.median(busy),
        "least_ms": min(busy),
        "tenth_ms": busy[:10][-1],
        "p95_ms": statistics.quantiles(busy, n=20, method="inclusive")[-1],
        "clock_ms": statistics.median(passed),
        "clock_tenth_ms": passed[:10][-1],
        "clock_p95_ms": statistics.quantiles(passed, n=20, method="inclusive")[-1],
        "load": os.getloadavg()[0],
    }
    rounded = {
        name: round(value, 1) if isinstance(value, float) else value for name, value in figures.items()
    }
    print(json.dumps(rounded), flush=True)


if __name__ == "__main__":
    main()
