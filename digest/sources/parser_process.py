"""Work on hostile bytes in a process of its own, which may use so much time and memory and no more.

A subprocess rather than multiprocessing, because Celery's prefork workers are daemonic and may have no
children of that kind; and text rather than pickle on the way back, because what read a hostile document
must not be able to make us run something. Starting one costs more than reading a usual feed, so a child is
kept and given the next document; one that was refused anything, grew or has done its share is not.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from digest.errors import InvalidInputError

CPU_SECONDS = 20  # four times what 10 MiB of honest but badly formed RSS takes (5 s)
WALL_SECONDS = 60  # a busy machine; the CPU limit is what bites
MEMORY_BYTES = 1024**3
FILE_BYTES = (
    128 * 1024**2
)  # py3langid unpacks its model, 65 MB, into a temporary file; nothing else is written
DOCUMENTS = 500  # that one child reads: what leaks in a parser's libraries ends with it
GROWN = 400 * 1024  # KiB of memory at which a child is let go
IDLE_SECONDS = 120  # after which a child that nobody asks ends
KEPT = 2  # idle children of one of our processes
DONE, REFUSED = "done", "refused"
PROJECT = Path(__file__).parents[2]  # so that the child finds the package wherever we were started


class _Child:
    """A process that reads one document after the other."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.owner = os.getpid()
        self.process = subprocess.Popen(  # noqa: S603 -- our own module, and no shell
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,
        )

    def ask(self, body: bytes, order: dict[str, Any], cpu_seconds: int) -> tuple[dict[str, Any], bytes]:
        """The head of the answer and the answer; a head without "status" if the child ended."""
        letter = {"cpu_seconds": cpu_seconds, "length": len(body), "order": order}
        timer = threading.Timer(WALL_SECONDS, self.process.kill)
        timer.start()
        try:
            _write(self.process.stdin, letter, body)
            return _read(self.process.stdout)
        except (BrokenPipeError, ConnectionResetError):
            return {}, b""
        finally:
            timer.cancel()

    def ended(self) -> bool:
        """Whether it is of no more use: gone, or another process's (we were forked with it)."""
        return self.owner != os.getpid() or self.process.poll() is not None

    def end(self) -> int:
        """Its exit status, made sure of."""
        self.process.kill()
        status = self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                try:
                    pipe.close()
                except BrokenPipeError:  # what it had not read yet
                    continue
        return status


_idle: list[_Child] = []
# Children of one process at work at a time, each up to 1 GiB; more would only wait for the processors.
_at_work = threading.BoundedSemaphore(2)
_lock = threading.Lock()


def run_apart(module: str, body: bytes, order: dict[str, Any], *, cpu_seconds: int = CPU_SECONDS) -> bytes:
    """What `module`, which calls `serve`, made of `body`; its first start takes about 0.2 s.

    Safe in threads and in Celery's worker processes. Raises `InvalidInputError` if the module refused the body
    or went over its limits.
    """
    with _at_work:
        return _run(module, body, order, cpu_seconds)


def _run(module: str, body: bytes, order: dict[str, Any], cpu_seconds: int) -> bytes:
    for last_try in (False, True):
        child, used = _take(module)
        head, answer = child.ask(body, order, cpu_seconds)
        if "status" in head:
            break
        status = child.end()
        if last_try or not used or status != -signal.SIGALRM:  # it went to rest just as we came
            raise InvalidInputError(_cause(status, cpu_seconds))
    if head["status"] == DONE and not head["last"]:
        _give_back(child)
    else:
        child.end()
    if head["status"] == REFUSED:
        raise InvalidInputError(answer.decode("utf-8", "replace"))
    return answer


def serve(work: Callable[[bytes, dict[str, Any]], str]) -> int:
    """In the child: set the limits, do `work` on each document that comes; the process's exit status."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    for left in range(DOCUMENTS - 1, -1, -1):
        signal.alarm(IDLE_SECONDS)
        line = source.readline()
        signal.alarm(0)
        if not line:
            break
        letter = json.loads(line)
        body = source.read(letter["length"])
        _limit_cpu(letter["cpu_seconds"])
        status, result = _done(work, body, letter["order"])
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > GROWN
        _write(answers, {"status": status, "length": len(result), "last": grown or not left}, result)
        if grown:
            break
    return 0


def _done(
    work: Callable[[bytes, dict[str, Any]], str], body: bytes, order: dict[str, Any]
) -> tuple[str, bytes]:
    try:
        return DONE, work(body, order).encode()
    except InvalidInputError as error:
        return REFUSED, str(error).encode("utf-8", "replace")
    except MemoryError:
        return REFUSED, f"reading this took more than {MEMORY_BYTES // 1024**2} MiB of memory".encode()


def _limit_cpu(seconds: int) -> None:
    """So many more seconds of CPU time; the limit counts from the start of the process, in whole seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(usage.ru_utime + usage.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _take(module: str) -> tuple[_Child, bool]:
    """A child for `module`, and whether it has read documents before."""
    with _lock:
        while _idle:
            child = _idle.pop()
            if child.module == module and not child.ended():
                return child, True
    return _Child(module), False


def _give_back(child: _Child) -> None:
    with _lock:
        if len(_idle) < KEPT:
            _idle.append(child)
            return
    child.end()


def _write(to: IO[bytes] | None, head: dict[str, Any], body: bytes) -> None:
    if to is None:
        raise BrokenPipeError
    to.write(json.dumps(head).encode() + b"\n")
    to.write(body)
    to.flush()


def _read(source: IO[bytes] | None) -> tuple[dict[str, Any], bytes]:
    line = source.readline() if source else b""
    if source is None or not line.endswith(b"\n"):
        return {}, b""
    head: dict[str, Any] = json.loads(line)
    answer = source.read(head["length"])
    return (head, answer) if len(answer) == head["length"] else ({}, b"")


def _cause(status: int, cpu_seconds: int) -> str:
    """Why a child ended, from its exit status."""
    if status == -signal.SIGXCPU:
        return f"reading this took more than {cpu_seconds} s of CPU time; it is too complicated"
    if status == -signal.SIGKILL:
        return f"reading this took longer than {WALL_SECONDS} s; it is too complicated"
    return f"reading this took more than {MEMORY_BYTES // 1024**2} MiB of memory or failed"
