"""Work on hostile bytes in a process of its own, which may use so much time and memory and no more.

A subprocess rather than multiprocessing, because Celery's prefork workers are daemonic and may have no
children of that kind; and text rather than pickle on the way back, because what read a hostile document
must not be able to make us run something.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from digest.errors import InvalidInputError

CPU_SECONDS = 20  # four times what 10 MiB of honest but badly formed RSS takes (5 s)
WALL_SECONDS = 60  # a busy machine; the CPU limit is what bites
MEMORY_BYTES = 1024**3
REFUSED = 3  # the child's exit status when it can't use the body; its output is the reason
PROJECT = Path(__file__).parents[2]  # so that the child finds the package wherever we were started


def run_apart(module: str, body: bytes, order: dict[str, Any], *, cpu_seconds: int = CPU_SECONDS) -> bytes:
    """What `module`, which calls `serve`, made of `body`; starting it takes about 0.2 s.

    Safe in threads and in Celery's worker processes. Raises `InvalidInputError` if the module refused the body
    or went over its limits.
    """
    try:
        done = subprocess.run(  # noqa: S603 -- our own module, and no shell
            [sys.executable, "-m", module],
            input=json.dumps({"cpu_seconds": cpu_seconds, "order": order}).encode() + b"\n" + body,
            capture_output=True,
            timeout=WALL_SECONDS,
            cwd=PROJECT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InvalidInputError(
            f"reading this took longer than {WALL_SECONDS} s; it is too complicated"
        ) from error
    if done.returncode == REFUSED:
        raise InvalidInputError(done.stdout.decode("utf-8", "replace"))
    if done.returncode < 0:
        raise InvalidInputError(
            f"reading this took more than {cpu_seconds} s of CPU time; it is too complicated"
        )
    if done.returncode > 0:
        raise InvalidInputError(
            f"reading this took more than {MEMORY_BYTES // 1024**2} MiB of memory or failed"
        )
    return done.stdout


def serve(work: Callable[[bytes, dict[str, Any]], str]) -> int:
    """In the child: set the limits, do `work` on standard input, print the result; the process's exit status."""
    letter = json.loads(sys.stdin.buffer.readline())
    cpu_seconds = letter["cpu_seconds"]
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it has no file to write
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        result = work(sys.stdin.buffer.read(), letter["order"])
    except InvalidInputError as error:
        sys.stdout.buffer.write(str(error).encode("utf-8", "replace"))
        return REFUSED
    sys.stdout.buffer.write(result.encode())
    return 0
