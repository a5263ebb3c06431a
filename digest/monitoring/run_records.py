"""Writes heartbeats, and the last run of each task. What can't be written is left out: it must stop nothing."""

import logging
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from digest.clock import Clock
from digest.database import Database, Tx
from digest.errors import DatelineError, UnavailableError
from digest.monitoring.store import heartbeats

log = logging.getLogger(__name__)
HEARTBEAT_INTERVAL = 30.0  # seconds


def record_heartbeats(db: Database, clock: Clock, roles: Sequence[str], folder: Path) -> None:
    """Record that a process with these roles lives, and how full the disk of `folder` is.

    The connection is closed afterwards, so that no child of the process inherits it.
    """
    try:
        disk = shutil.disk_usage(folder)
        with db.begin() as tx:
            for role in roles:
                heartbeats.beat(
                    tx, role, socket.gethostname(), clock(), disk_free=disk.free, disk_size=disk.total
                )
    except (UnavailableError, OSError) as error:
        log.warning("no heartbeat of %s: %s", " and ".join(roles), error)
    finally:
        db.close()


@contextmanager
def recorded_run(db: Database, clock: Clock, task: str) -> Iterator[None]:
    """Record when a task began and ended, how long it took, and its error if it fails."""
    started = time.monotonic()
    _write(db, lambda tx: heartbeats.start_task(tx, task, clock()))
    error = ""
    try:
        yield
    except BaseException as raised:
        error = describe_error(raised)
        raise
    finally:
        seconds = time.monotonic() - started
        _write(db, lambda tx: heartbeats.finish_task(tx, task, clock(), seconds=seconds, error=error))


def describe_error(error: BaseException) -> str:
    """An error for a row that pages show: without the texts of foreign errors, which may have an address in them."""
    return f"{type(error).__name__}: {error}" if isinstance(error, DatelineError) else type(error).__name__


def _write(db: Database, write: Callable[[Tx], None]) -> None:
    try:
        with db.begin() as tx:
            write(tx)
    except UnavailableError as error:
        log.warning("the run of a task is not recorded: %s", error)
