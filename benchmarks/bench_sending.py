"""Sends a planned edition by SMTP with one or more senders. Then smtp-source sends as many mails to the same sink.

Prints one JSON line: mails a second, the ratio to smtp-source, CPU seconds for a thousand mails of the senders and of
PostgreSQL, and the senders' peak memory. Planning is not measured. DATABASE_URL chooses the database, which should be
empty; without it, it is SQLite in a temporary folder. The mail server is Postfix's smtp-sink, or the one at --sink.

Example: python -m benchmarks.bench_sending --readers 30000 --preferences 2000 --senders 2
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from benchmarks import bench_pipeline
from digest.app import build_parts
from digest.parts import Parts
from digest.settings import Settings

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
PATH = os.environ["PATH"] + ":/usr/sbin"
MESSAGE_OCTETS = 26_000  # of smtp-source's mails; those of the edition are about as long


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=30_000)
    parser.add_argument("--preferences", type=int, default=2_000)
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--senders", type=int, default=2, help="processes that send")
    parser.add_argument("--connections", type=int, default=20, help="of each sender")
    parser.add_argument(
        "--old", type=int, default=0, help="about how many deliveries of earlier editions there are"
    )
    parser.add_argument(
        "--most", type=int, default=0, help="stop each sender after so many mails; 0: send all"
    )
    parser.add_argument("--sink", default="", help="host:port of a running mail server, which gets all mails")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _sink(args.sink) as sink:
        environment = _environment(Path(folder), sink, args)
        figures = _measure(environment, args, sink)
    print(json.dumps({"benchmark": "sending", **vars(args), **figures}))


@contextmanager
def _sink(address: str) -> Iterator[str]:
    """The address of a mail server that accepts all mails."""
    if address:
        yield address
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = shutil.which("smtp-sink", path=PATH)
    if program is None:
        raise SystemExit("smtp-sink is missing (Debian: apt-get install postfix), or give --sink host:port")
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([program, *user, f"127.0.0.1:{port}", "200"]) as server:
        time.sleep(0.5)
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()


def _environment(folder: Path, sink: str, args: argparse.Namespace) -> dict[str, str]:
    own = {
        "DATELINE_VAR": str(folder),
        "SMTP_URL": f"smtp://{sink}?connections={args.connections * args.senders}",
        "SENDERS": str(args.senders),
        "DOMAIN_RATES": "",
        "BASE_URL": "https://news.example.org",
        "SECRET_KEY": "only for this benchmark, not a secret",
        "PATH": os.environ["PATH"],
    }
    database_url = os.environ.get("DATABASE_URL", "")
    return own | ({"DATABASE_URL": database_url} if database_url else {})


def _measure(environment: Mapping[str, str], args: argparse.Namespace, sink: str) -> dict[str, object]:
    parts = build_parts(Settings.from_env(environment))
    parts.db.upgrade()
    bench_pipeline.fill_database(parts, args)
    bench_pipeline.fill_earlier(parts, args.old // args.readers)
    name = parts.db.engine.dialect.name
    bench_pipeline.run(environment, "plan", 1)
    with parts.db.begin() as tx:
        tx.execute(text("analyze"))
    server = _postmaster(parts) if name == "postgresql" else 0
    parts.db.close()
    load, database_before = os.getloadavg()[0], _postgresql_cpu(server)
    sent = bench_pipeline.run(environment, "send", args.senders, most=args.most)
    database_cpu = _postgresql_cpu(server) - database_before
    mails = sum(part["messages"] for part in sent)
    seconds = max(part["seconds"] for part in sent)
    source = _smtp_source(sink, int(mails), args.connections * args.senders)
    return {
        "database": name,
        "load_before": round(load, 2),
        "mails": mails,
        "mails_per_second": round(mails / seconds),
        "smtp_source_per_second": round(source),
        "ratio_to_smtp_source": round(mails / seconds / source, 3),
        "cpu_seconds_per_1000": round(1000 * sum(part["cpu_seconds"] for part in sent) / mails, 3),
        "database_cpu_seconds_per_1000": round(1000 * database_cpu / mails, 3) if server else None,
        "peak_memory_mb": max(part["peak_memory_mb"] for part in sent),
    }


def _postmaster(parts: Parts) -> int:
    """The process id of the PostgreSQL server, which must run on this machine."""
    with parts.db.read() as tx:
        backend = tx.scalar(text("select pg_backend_pid()"))
    status = Path(f"/proc/{backend}/status").read_text()
    return int(status.partition("PPid:")[2].split()[0])


def _postgresql_cpu(postmaster: int) -> float:
    """CPU seconds of a PostgreSQL server until now, its background and ended processes included; 0 for SQLite."""
    if not postmaster:
        return 0.0
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return _cpu_seconds(str(postmaster), ended_children=True) + sum(map(_cpu_seconds, children))


def _cpu_seconds(pid: str, *, ended_children: bool = False) -> float:
    """CPU seconds of a process (proc(5): utime, stime, cutime, cstime); 0 if it has just ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11 : 15 if ended_children else 13])) / CLOCK_TICKS


def _smtp_source(sink: str, mails: int, connections: int) -> float:
    """The rate of Postfix's C client at the same sink."""
    program = shutil.which("smtp-source", path=PATH)
    if program is None:
        raise SystemExit("smtp-source is missing (Debian: apt-get install postfix)")
    options = ["-s", str(min(connections, 10)), "-d", "-l", str(MESSAGE_OCTETS), "-m", str(mails)]
    start = time.perf_counter()
    subprocess.run([program, *options, sink], check=True)
    return mails / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
