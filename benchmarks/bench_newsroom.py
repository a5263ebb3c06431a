"""The newsroom's pages with many subscribers: processor time and octets of a request, without a web server.

Prints one JSON line for each page. The database is a SQLite file in a temporary folder, or in a folder that is kept for
the next run; or the empty or filled PostgreSQL database of DATABASE_URL. It has 500 stories of the last day, a third of
them with two reports, older articles, subscribers who joined within a thousand days, and deliveries of sent editions.
Processor time is that of Python (and SQLite); "clock_ms" includes PostgreSQL and what else the machine does.

Example: python -m benchmarks.bench_newsroom --subscribers 500000 --folder /tmp/newsroom
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, text

from benchmarks import large_database
from digest.app import create_app
from digest.articles.models import Article
from digest.clock import now
from digest.deliveries.planning.edition_planner import plan_due
from digest.editions.models import Digest, Edition
from digest.parts import EXTENSION_KEY, Parts
from digest.settings import Settings
from digest.subscribers.models import Subscriber
from tests.builders import World, invented_words
from tests.web.browser_session import BrowserSession, sign_in_as

STORIES = 500
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
    "starter packs": "/admin/sources/packs",
    "imports": "/admin/imports",
    "editions": "/admin/editions",
    "preview": "/admin/preview?regions=central-asia",
    "subscribers": "/admin/subscribers",
    "a whole address": "/admin/subscribers?q=ann77.hill@mail5.example.com",
    "a part of an address": "/admin/subscribers?q=77.hil",
    "a rare part": "/admin/subscribers?q=nobody-has-this",
    "a domain": "/admin/subscribers?q=@mail5.example",
    "two letters": "/admin/subscribers?q=an",
    "a reader": "/admin/subscribers/{reader}",
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
    parser.add_argument("--requests", type=int, default=7)
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
        places = old_places(parts)
        for name, path in PAGES.items():
            if options.pages in name:
                figures = measure(browser, path.format(**places), options.requests)
                print(json.dumps({"page": name, **figures}), flush=True)


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
        edition = tx.scalar(select(func.max(Edition.id)))
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


def measure(browser: BrowserSession, path: str, count: int) -> dict[str, object]:
    """The median times of some requests, after a first one."""
    octets = len(browser.get_page(path).encode())
    busy, passed = [], []
    for _ in range(count):
        began, began_clock = time.process_time(), time.perf_counter()
        browser.get_page(path)
        busy.append(time.process_time() - began)
        passed.append(time.perf_counter() - began_clock)
    return {
        "octets": octets,
        "ms": round(1000 * statistics.median(busy), 1),
        "least_ms": round(1000 * min(busy), 1),
        "clock_ms": round(1000 * statistics.median(passed), 1),
        "load": round(os.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    main()
