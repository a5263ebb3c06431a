"""The readers' pages: processor time of a request, through the whole WSGI application, without a web server.

Prints one JSON line for each page. The database has 400 stories of the last day in a temporary SQLite file. Processor
time does not depend on what else the machine does; gunicorn and the kernel add to it in production.

Example: python -m benchmarks.bench_reader_pages --requests 500
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from digest.app import create_app
from digest.clock import now
from digest.parts import EXTENSION_KEY, Parts
from digest.settings import Settings
from tests.builders import World

STORIES = 400
SITE = "http://127.0.0.1:8000"
PAGES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "form": ("/?lang=ru", {"Accept-Encoding": "br"}),
    "form in the browser's language": ("/", {"Accept-Encoding": "gzip", "Accept-Language": "fa"}),
    "feed": ("/regions/central-asia/feed.atom?lang=en", {"Accept-Encoding": "gzip"}),
    "feed, 304": ("/regions/central-asia/feed.atom?lang=en", {"If-None-Match": "*"}),
    "list of feeds": ("/regions?lang=en", {"Accept-Encoding": "gzip"}),
    "archive": ("/regions/central-asia?lang=en", {"Accept-Encoding": "gzip"}),
    "count of a choice": ("/digest-today/count?regions=central-asia&regions=ge", {}),
    "style sheet": ("/static/dateline.css", {"Accept-Encoding": "br"}),
}


def main() -> None:
    """Make the news, then ask for each page in turn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=300)
    count = parser.parse_args().requests
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(var=Path(folder), secret_key="s" * 32, redis_url="redis+socket:///nowhere")
        app = create_app(settings)
        parts: Parts = app.extensions[EXTENSION_KEY]
        parts.db.upgrade()
        world = World(parts.db, parts.tree, now)
        for number in range(STORIES):
            world.article(countries=("KZ" if number % 3 else "GE",), age=number % 23)
        for name, (path, headers) in PAGES.items():
            print(json.dumps({"page": name, **_measure(app, path, headers, count)}), flush=True)


def _measure(app: Flask, path: str, headers: Mapping[str, str], count: int) -> dict[str, object]:
    environ = EnvironBuilder(path, base_url=SITE, headers=list(headers.items())).get_environ()
    began = time.process_time()
    body, status, _ = run_wsgi_app(app, dict(environ), buffered=True)
    first = time.process_time() - began
    octets = len(b"".join(body))
    began = time.process_time()
    for _ in range(count):
        run_wsgi_app(app, dict(environ), buffered=True)
    seconds = (time.process_time() - began) / count
    return {
        "status": status,
        "octets": octets,
        "first_ms": round(first * 1000, 1),
        "ms": round(seconds * 1000, 3),
        "per_cpu_second": round(1 / seconds),
        "load": round(os.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    main()
