"""Identifies processes, so that one of them can tell whether another on the same machine has ended."""

import os
from functools import lru_cache
from pathlib import Path

PROC = Path("/proc")


def own_process() -> str:
    """The identity of this process: the machine and container it runs in, its number, and when it started.

    Empty where the system does not tell (it is not Linux).
    """
    try:
        return f"{_host()} {os.getpid()} {_start_time(os.getpid())}"
    except OSError:
        return ""


def has_ended(process: str) -> bool:
    """Whether a process has certainly ended. False if it ran elsewhere, because then nobody here can tell."""
    try:
        host, pid, start_time = process.split()
        if host != _host():
            return False
    except (ValueError, OSError):
        return False
    try:
        return _start_time(int(pid)) != start_time
    except OSError:
        return True


@lru_cache(maxsize=1)
def _host() -> str:
    """A name for this boot of the machine and this process namespace: a process number means something only in it."""
    boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    namespace = (PROC / "self/ns/pid").readlink()
    return f"{boot}/{namespace}"


def _start_time(pid: int) -> str:
    """When a process started, in ticks since the boot; process numbers are used again (proc(5), field 22)."""
    fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    if fields[0] == "Z":  # killed, and nobody has waited for it yet
        raise ProcessLookupError(pid)
    return fields[19]
