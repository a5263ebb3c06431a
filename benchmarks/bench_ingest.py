"""Ingesting news: 12 feeds end to end into rows, 200 unchanged sources, and 1,000 sources on 100 slow hosts.

Prints one JSON line for each. `--documents FOLDER` reads real feeds instead of the 12 made ones. Sites are in a process
of their own, whose time does not count; parsers are processes too, and theirs does. DATABASE_URL chooses the database;
unset: SQLite in a temporary folder (it must be empty otherwise).
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Self

from digest import clock
from digest.app import build_parts
from digest.articles.ingest import poller
from digest.articles.ingest.source_poll import PollReport
from digest.articles.store import articles
from digest.database import Database
from digest.parts import Parts
from digest.settings import Settings
from digest.sources.http.fetch import Fetcher
from digest.sources.models import Source
from digest.sources.store import sources

PORT = 8127
QUICK_HOSTS = 20  # hosts beside the slow ones that must not feel them


def main() -> None:
    """Run the benchmarks that were args for, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["rows", "unchanged", "slow"])
    parser.add_argument("--documents", type=Path)
    args = parser.parse_args()
    runs = {"rows": lambda: rows(args.documents), "unchanged": unchanged, "slow": slow}
    for name in args.parts:
        print(json.dumps({"benchmark": f"ingest: {name}"} | runs[name]()), flush=True)


def rows(folder: Path | None) -> dict[str, object]:
    """Twelve feeds, new and then with every entry changed: entries a second of CPU time, parsers included."""
    names = sorted(file.name for file in folder.iterdir()) if folder else [str(n) for n in range(12)]
    hosts = _addresses(2, len(names))
    kind = "document" if folder else "feed"
    results: dict[str, object] = {"feeds": len(names)}
    with run_sites(hosts, folder) as parts:
        for version, what in ((1, "new"), (2, "changed")):
            urls = [
                _url(host, f"/{kind}/{name}?v={version}") for host, name in zip(hosts, names, strict=True)
            ]
            _aim(parts.db, urls)
            start, cpu = time.monotonic(), _cpu()
            polled = _read(parts)
            spent = _cpu() - cpu
            count = sum(p.new + p.updated + p.held for p in polled)
            results |= {
                f"{what}_entries": count,
                f"{what}_s": round(time.monotonic() - start, 2),
                f"{what}_cpu_s": round(spent, 2),
                f"{what}_entries_per_cpu_s": round(count / spent),
                f"{what}_errors": [p.error for p in polled if p.error],
            }
    return results


def unchanged() -> dict[str, object]:
    """200 sources that have not changed: half say so (304), half send the same again."""
    hosts = _addresses(3, 200)
    urls = [_url(host, f"/{'feed' if n % 2 else 'same'}/{n}") for n, host in enumerate(hosts)]
    with run_sites(hosts) as parts:
        _aim(parts.db, urls)
        _read(parts)
        with parts.db.begin() as tx:
            sources.make_due(tx, None, clock.now())
        time.sleep(2.1)  # the gap between two requests to a host
        start, cpu = time.monotonic(), _cpu()
        polled = _read(parts)
        spent = _cpu() - cpu
    return {
        "sources": len(polled),
        "unchanged": sum(p.unchanged for p in polled),
        "s": round(time.monotonic() - start, 2),
        "cpu_s": round(spent, 2),
    }


def slow() -> dict[str, object]:
    """1,000 sources on 100 hosts that hang, drip or send megabytes without end, and 20 quick ones beside them."""
    bad, good = _addresses(4, 100), _addresses(5, QUICK_HOSTS)
    kinds = ("hang", "drip", "large")
    urls = [_url(host, f"/{kinds[n % 3]}/{n}") for n in range(10) for host in bad]
    urls += [_url(host, f"/feed/{n}") for n, host in enumerate(good)]
    alone, _ = _quick(good, urls[-QUICK_HOSTS:], seconds=10)
    with MemoryMonitor() as memory:
        cpu = _cpu()
        beside, polled = _quick([*bad, *good], urls, seconds=35)
    return {
        "sources": len(urls),
        "polled": polled,
        "quick_hosts_done": len(beside),
        "quick_hosts_last_s": round(max(beside), 1),
        "quick_hosts_alone_last_s": round(max(alone), 1),
        "cpu_s": round(_cpu() - cpu, 1),
        "peak_mb": round(memory.peak / 2**20),
    }


def _quick(hosts: Sequence[str], urls: Sequence[str], *, seconds: float) -> tuple[list[float], int]:
    """When each source that has something was taken in, and how many were looked at; no poll begins later."""
    done: list[tuple[float, PollReport]] = []
    with run_sites(hosts) as parts:
        _aim(parts.db, urls)
        start = time.monotonic()
        looked = poller.poll_due_sources(
            parts.db,
            parts.ingest,
            concurrency=parts.settings.poll_connections,
            until=clock.now() + timedelta(seconds=seconds),
            on_report=lambda polled: done.append((time.monotonic() - start, polled)),
        )
    return [when for when, polled in done if polled.new], looked


class MemoryMonitor:
    """The most memory that this process and its parsers held together (PSS: what they share counts once)."""

    def __init__(self) -> None:
        self.peak = 0
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            self.peak = max(self.peak, sum(map(_octets, (os.getpid(), *_parsers()))))


def _parsers() -> list[int]:
    children = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    found = [int(pid) for file in children for pid in _text(file).split()]
    return [pid for pid in found if "benchmarks" not in _text(Path(f"/proc/{pid}/cmdline"))]


def _octets(pid: int) -> int:
    found = re.search(r"^Pss:\s+(\d+) kB", _text(Path(f"/proc/{pid}/smaps_rollup")), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # a process that has ended meanwhile
        return ""


@contextmanager
def run_sites(hosts: Sequence[str], folder: Path | None = None) -> Iterator[Parts]:
    """An empty database, and sites at these addresses."""
    command = [sys.executable, "-m", "benchmarks.publishers", str(PORT), *hosts]
    with (
        tempfile.TemporaryDirectory() as var,
        subprocess.Popen(
            [*command, *(["--documents", str(folder)] if folder else [])], stdout=subprocess.PIPE
        ) as sites,
    ):
        assert sites.stdout
        assert sites.stdout.readline()
        settings = replace(Settings.from_env(), var=Path(var))
        parts = build_parts(settings)
        allow = frozenset(f"{host}:{PORT}" for host in hosts)
        fetcher = Fetcher(allowed_private_hosts=allow, user_agent="Dateline benchmark")
        parts.db.upgrade()
        try:
            yield replace(parts, ingest=replace(parts.ingest, fetcher=fetcher))
        finally:
            parts.db.close()
            sites.kill()


def _aim(db: Database, urls: Sequence[str]) -> None:
    """Make these addresses the sources, due now; those that are there already move to them."""
    with db.begin() as tx:
        known: Sequence[Source] = sources.all_sources(tx)
        by_id = sorted(known, key=lambda source: source.id)
        for source, url in zip(by_id, urls, strict=bool(known)):
            source.url, source.next_poll_at = url, clock.now()
        for url in urls if not known else ():
            sources.add(tx, url, "", clock.now())
    time.sleep(2.1 if known else 0)  # the gap between two requests to a host


def _read(parts: Parts) -> list[PollReport]:
    done: list[PollReport] = []
    until = clock.now() + timedelta(minutes=5)
    poller.poll_due_sources(
        parts.db,
        parts.ingest,
        concurrency=parts.settings.poll_connections,
        until=until,
        on_report=done.append,
    )
    with parts.db.read() as tx:
        assert articles.count_since(tx, clock.now() - timedelta(days=1)) > 0
    return done


def _addresses(net: int, count: int) -> list[str]:
    return [f"127.0.{net}.{n}" for n in range(1, count + 1)]


def _url(host: str, path: str) -> str:
    return f"http://{host}:{PORT}{path}"


def _cpu() -> float:
    """CPU seconds of this process and of the parsers, those that have ended and those that are kept."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used) + sum(map(_of_process, _parsers()))


def _of_process(pid: int) -> float:
    with suppress(OSError):  # it ended a moment ago
        times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


if __name__ == "__main__":
    main()
