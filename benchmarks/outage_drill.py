"""Breaks an installation of real processes in each way of a list, and says when that is seen, and when its end is told.

    python -m benchmarks.outage_drill [beat worker mail_server broker_full database_read_only source_hangs disk_full]

Prints one JSON line an outage: seconds until /metrics, /readyz, an alert and doctor have named it (at most 120 may
pass), and seconds until its end was told. `disk_full` needs root, for a small file system in memory. About four minutes
an outage.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import redis
from sqlalchemy import text

from benchmarks import trial_servers
from benchmarks.outages import Drill
from digest import broker
from digest.sources.store import sources

MOST_SECONDS = 120.0
Repair = Callable[[], None]


def main() -> None:
    """Run the outages that are named, or all."""
    outages: dict[str, Callable[[Path], tuple[str, float, float]]] = {
        "beat": lambda folder: _plain(folder, "beat_silent", _kill("beat")),
        "worker": lambda folder: _plain(folder, "worker_silent", _kill("worker")),
        "mail_server": lambda folder: _plain(folder, "mail_server_away", _stop_mail_server),
        "broker_full": lambda folder: _plain(folder, "broker_away", _fill_broker),
        "source_hangs": lambda folder: _plain(folder, "all_sources_fail", _hang_source, prepare=_add_source),
        "database_read_only": _read_only_database,
        "disk_full": _full_disk,
    }
    failed = False
    for name in sys.argv[1:] or outages:
        with tempfile.TemporaryDirectory(prefix="dateline-drill-") as folder:
            problem, seen, ended = outages[name](Path(folder))
        kept = seen <= MOST_SECONDS
        failed = failed or not kept
        figures = {
            "outage": name,
            "problem": problem,
            "seen_after": round(seen, 1),
            "end_told_after": round(ended, 1),
        }
        print(json.dumps({**figures, "kept": kept, "load": round(os.getloadavg()[0], 1)}), flush=True)
    sys.exit(1 if failed else 0)


def _plain(
    folder: Path,
    problem: str,
    break_it: Callable[[Drill], Repair],
    *,
    prepare: Callable[[Drill], None] = lambda _drill: None,
) -> tuple[str, float, float]:
    with Drill(folder) as drill:
        prepare(drill)
        return _run(drill, problem, break_it)


def _run(drill: Drill, problem: str, break_it: Callable[[Drill], Repair]) -> tuple[str, float, float]:
    """Start everything, wait until all is well, break it, and repair it."""
    for name in ("web", "worker", "beat"):
        drill.start(name)
    drill.wait_until_seen(
        "that all is well", lambda: drill.mail_server_is_up() is True and not drill.names_in_metrics()
    )
    repair = break_it(drill)
    seen = drill.see(problem)
    repair()
    return problem, seen, drill.see_end(problem)


def _kill(name: str) -> Callable[[Drill], Repair]:
    def kill(drill: Drill) -> Repair:
        drill.kill(name)
        return lambda: drill.start(name)

    return kill


def _stop_mail_server(drill: Drill) -> Repair:
    drill.mail_server.stop()
    return drill.mail_server.start


def _fill_broker(drill: Drill) -> Repair:
    """Leave the broker no memory for writes."""
    client = redis.Redis(unix_socket_path=str(broker.socket_path(drill.folder)))
    client.config_set("maxmemory", "1kb")

    def repair() -> None:
        client.config_set("maxmemory", "128mb")

    return repair


def _add_source(drill: Drill) -> None:
    """The only source, on a host that accepts connections and never answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    drill.environment["FETCH_ALLOW"] += f",127.0.0.1:{port}"
    threading.Thread(target=_serve_feed, args=(drill, listener), daemon=True).start()
    with drill.parts.db.begin() as tx:
        sources.add(tx, f"http://127.0.0.1:{port}/feed.xml", "The Steppe Post", drill.parts.clock())


def _serve_feed(drill: Drill, listener: socket.socket) -> None:
    feed = b"<rss version='2.0'><channel><title>The Steppe Post</title></channel></rss>"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nConnection: close\r\n"
    kept = []
    while True:
        client, _ = listener.accept()
        if drill.hangs:
            kept.append(client)
            continue
        client.recv(4096)
        client.sendall(head + f"Content-Length: {len(feed)}\r\n\r\n".encode() + feed)
        client.close()


def _hang_source(drill: Drill) -> Repair:
    # The end of a poll that is running would put the next one off.
    drill.wait_until_seen("the first poll of the source", lambda: _is_read(drill))
    drill.hangs = True
    _make_due(drill)

    def repair() -> None:
        drill.hangs = False
        _make_due(drill)

    return repair


def _is_read(drill: Drill) -> bool:
    with drill.parts.db.read() as tx:
        return all(source.last_success_at is not None for source in sources.all_sources(tx))


def _make_due(drill: Drill) -> None:
    with drill.parts.db.begin() as tx:
        tx.execute(text("update hosts set not_before = busy_until where not_before > busy_until"))
        sources.make_due(tx, None, drill.parts.clock())


def _read_only_database(folder: Path) -> tuple[str, float, float]:
    """PostgreSQL accepts no writes, as a standby."""
    with trial_servers.postgresql() as url, Drill(folder, settings={"DATABASE_URL": url}) as drill:
        return _run(drill, "database_away", _make_read_only)


def _make_read_only(drill: Drill) -> Repair:
    def set_read_only(value: str) -> None:
        with drill.parts.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("set transaction_read_only = off"))
            connection.execute(text(f"alter system set default_transaction_read_only = {value}"))
            connection.execute(text("select pg_reload_conf()"))

    set_read_only("on")
    return lambda: set_read_only("off")


def _full_disk(folder: Path) -> tuple[str, float, float]:
    """A small file system that is filled by a file."""
    subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", "size=60m", "dateline-drill", str(folder)], check=True)
    try:
        with Drill(folder) as drill:
            return _run(drill, "disk_nearly_full", _fill_disk)
    finally:
        time.sleep(1)
        subprocess.run(["/bin/umount", "--lazy", str(folder)], check=True)


def _fill_disk(drill: Drill) -> Repair:
    status = os.statvfs(drill.folder)
    filler = drill.folder / "filler"
    filler.write_bytes(b"\0" * int(status.f_bavail * status.f_frsize * 0.97))
    return filler.unlink


if __name__ == "__main__":
    main()
