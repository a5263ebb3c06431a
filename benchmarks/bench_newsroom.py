"""The newsroom's pages with many subscribers: processor time and octets of a request, without a web server.

Prints one JSON line for each page. The database is a SQLite file in a temporary folder, or in a folder that is kept for
the next run. It has 500 stories of the last day, a third of them with two reports, and subscribers who joined within a
thousand days. Processor time does not depend on what else the machine does; "clock_ms" does.

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
from sqlalchemy import text

from digest.app import create_app
from digest.clock import now
from digest.parts import EXTENSION_KEY, Parts
from digest.settings import Settings
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
}
COPIES = """insert into subscribers (public_id, email, email_key, preferences_key, cadence, weekday, send_minute, zone,
        created_at, confirmed_at, state)
    with recursive n(i) as (select 1 union all select i + 1 from n where i < :count),
        named(i, address) as (select i, substr('annbobcyddaneve', 1 + i % 5 * 3, 3) || i || '.' ||
            substr('hillroadlaketreelark', 1 + i / 7 % 5 * 4, 4) || '@mail' || (i % 40) || '.example.com' from n)
    select 'p' || named.i, address, address, preferences_key, cadence, weekday, send_minute, zone,
        datetime(created_at, '-' || (i % 1000) || ' days'), datetime(confirmed_at, '-' || (i % 1000) || ' days'), state
    from named, (select * from subscribers where id = 1)"""


def main() -> None:
    """Fill the database, unless it is filled, and ask for each page in turn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--subscribers", type=int, default=500_000)
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
            }
        )
        is_filled = (folder / "dateline.sqlite3").exists()
        app = create_app(settings)
        parts: Parts = app.extensions[EXTENSION_KEY]
        parts.db.upgrade()
        if not is_filled:
            fill(parts, options.subscribers)
        browser = sign_in(app, parts)
        for name, path in PAGES.items():
            if options.pages in name:
                print(json.dumps({"page": name, **measure(browser, path, options.requests)}), flush=True)


def fill(parts: Parts, subscriber_count: int) -> None:
    """Write the news and the subscribers."""
    world = World(parts.db, parts.tree, now)
    for number in range(STORIES):
        title = f"{invented_words(number)} harbour"
        for source in ("The Steppe Post", "Harbour Wire")[: 2 if number % 3 == 0 else 1]:
            world.article(title, ("KZ", "GE", "FR", "PE")[number % 4 :][:2], source=source, age=number % 23)
    world.subscriber("first@example.org")
    with parts.db.begin(time_limit=False) as tx:
        tx.execute(text(COPIES), {"count": subscriber_count - 1})
    with parts.db.begin(time_limit=False) as tx:
        tx.execute(text("analyze"))


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
