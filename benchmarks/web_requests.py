"""Requests a second of the web process of the Procfile, with two workers, beside a load generator on the same machine.

Needs `wrk` 4. Prints one JSON line for each page: requests a second, the latency at 50 and 99 percent, and answers that
were neither 200 nor 304. The database has 400 stories of the last day and an edition, in a temporary SQLite file.

Example: python -m benchmarks.web_requests --seconds 10
"""

import argparse
import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from sqlalchemy import select

from benchmarks import procfile
from digest import broker
from digest.app import build_parts
from digest.clock import now
from digest.deliveries.planning import edition_planner
from digest.editions.models import Digest
from digest.settings import Settings
from tests.builders import World

PORT = 8599
STORIES = 400
FEED = "/regions/central-asia/feed.atom?lang=en"
PAGES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "form": ("/?lang=ru", {"Accept-Encoding": "br"}),
    "feed": (FEED, {"Accept-Encoding": "gzip"}),
    "feed, 304": (FEED, {"Accept-Encoding": "gzip", "If-None-Match": "ETAG"}),
    "list of feeds": ("/regions?lang=en", {"Accept-Encoding": "gzip"}),
    "archive": ("/regions/central-asia?lang=en", {"Accept-Encoding": "gzip"}),
    "web edition": ("/read/DIGEST", {"Accept-Encoding": "gzip"}),
    "style sheet": ("/static/dateline.css", {"Accept-Encoding": "br"}),
}


def main() -> None:
    """Start the site, then ask for each page in turn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=10, help="for each page")
    parser.add_argument("--connections", type=int, default=16, help="at the same time")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, site(Path(folder)) as digest:
        for name, (template, headers) in PAGES.items():
            path = template.replace("DIGEST", digest)
            figures = measure(path, with_etag(path, headers), args.seconds, args.connections)
            figures = {**figures, "megabytes": _megabytes(), "load": round(os.getloadavg()[0], 1)}
            print(json.dumps({"page": name, **figures}), flush=True)


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """Run the site with news and a digest; yields the digest's public id."""
    environment = {
        "DATELINE_VAR": str(folder),
        "BASE_URL": f"http://127.0.0.1:{PORT}",
        "PORT": str(PORT),
        "WEB_CONCURRENCY": "2",
        "SECRET_KEY": "s" * 32,
        "PATH": os.environ["PATH"],
    }
    digest = _make_news(Settings.from_env(environment))
    with subprocess.Popen(broker.broker_command(folder), start_new_session=True) as server:
        web = procfile.start("web", environment)
        try:
            _wait_until_it_answers()
            yield digest
        finally:
            procfile.kill_group(web)
            server.terminate()


def with_etag(path: str, headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers with the page's own ETag where they say ETAG."""
    if "If-None-Match" not in headers:
        return headers
    first = {name: value for name, value in headers.items() if name != "If-None-Match"}
    with urlopen(Request(f"http://127.0.0.1:{PORT}{path}", headers=first)) as answer:
        return {**first, "If-None-Match": answer.headers["ETag"]}


def measure(path: str, headers: Mapping[str, str], seconds: int, connections: int) -> Mapping[str, object]:
    """Ask for a page for some seconds, after one second to fill what is kept."""
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--latency"]
    for header in headers.items():
        command += ["--header", ": ".join(header)]
    url = f"http://127.0.0.1:{PORT}{path}"
    _run([*command, "--duration", "1", url])
    text = _run([*command, "--duration", str(seconds), url])
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return {
        "requests_per_second": round(float(_only(r"Requests/sec:\s+([\d.]+)", text))),
        "median": _only(r"\n +50%\s+(\S+)", text),
        "p99": _only(r"\n +99%\s+(\S+)", text),
        "others": int(refused[1]) if refused else 0,
    }


def _run(command: Sequence[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _only(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"wrk did not say {pattern}:\n{text}")
    return match[1]


def _megabytes() -> list[int]:
    """The memory of each worker, and of the process that started them."""
    pids = _run(["pgrep", "--full", f"gunicorn digest.wsgi:app --bind 0.0.0.0:{PORT}"]).split()
    pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return sorted(page * os.sysconf("SC_PAGE_SIZE") // 2**20 for page in pages)


def _make_news(settings: Settings) -> str:
    parts = build_parts(settings)
    parts.db.upgrade()
    world = World(parts.db, parts.tree, now)
    for number in range(STORIES):
        world.article(countries=("KZ" if number % 3 else "GE",), age=number % 23)
    world.subscriber(next_due_at=now())
    edition_planner.plan_due(parts.db, parts.planner(), now())
    with parts.db.read() as tx:
        digest = tx.scalars(select(Digest.public_id)).one()
    parts.db.close()
    return digest


def _wait_until_it_answers() -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(URLError, ConnectionError), urlopen(f"http://127.0.0.1:{PORT}/healthz"):
            return
        time.sleep(0.2)
    raise SystemExit("the web process did not start within a minute")


if __name__ == "__main__":
    main()
