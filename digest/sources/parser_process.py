"""Parse untrusted bytes in a child process with limits on time and memory.

It uses subprocess and not multiprocessing, because Celery's prefork workers are daemonic and may not have
multiprocessing children. The answer comes back as text and not as a pickle, because a child that a hostile document
has taken over must not be able to run code in this process. Starting a child costs more than parsing a usual feed, so
a child is reused for the next document. It is ended when it has exceeded a limit, grown, or parsed MAX_DOCUMENTS.
"""

import contextlib
import json
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, NamedTuple

from digest import project_files
from digest.errors import InvalidInputError, NewsroomText

log = logging.getLogger(__name__)
CPU_SECONDS = 20  # four times the 5 s that 10 MiB of harmless but badly formed RSS take
WALL_SECONDS = 60  # enough on a busy machine; usually the CPU limit is reached first
MAX_MEMORY_BYTES = 1024**3
MAX_FILE_BYTES = 128 * 1024**2  # py3langid unpacks its model, 65 MB, into a temporary file
OWN_STATUS = Path("/proc/self/status")  # on Linux
MAX_DOCUMENTS = 500  # for one child; memory that the parser's libraries leak is freed when it ends
RECYCLE_RSS_KIB = 400 * 1024  # a child that has used more memory is replaced
MAX_REASON_LENGTH = 300  # characters of the reason why a document cannot be read
IDLE_SECONDS = 120  # a child without work ends after this time
MAX_IDLE_CHILDREN = 2  # for each of our processes


class _Status(StrEnum):
    """Whether the module parsed a document or refused it."""

    DONE = "done"
    REFUSED = "refused"


class _Reply(NamedTuple):
    """A child's answer to one document. `is_last` means that the child takes no more documents."""

    status: _Status
    is_last: bool
    body: bytes


class _Child:
    """A process that parses one document after the other."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.owner = os.getpid()
        self.process = subprocess.Popen(  # noqa: S603 -- our own module, and no shell
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=project_files.ROOT,  # so that it finds the package, wherever this process runs
        )

    def send(self, body: bytes, request: dict[str, Any], cpu_seconds: int) -> _Reply | None:
        """The child's reply; None if it ended without one."""
        head = {"cpu_seconds": cpu_seconds, "length": len(body), "request": request}
        timer = threading.Timer(WALL_SECONDS, self.process.kill)
        timer.start()
        try:
            _write(self.process.stdin, head, body)
            return _read_reply(self.process.stdout)
        except (BrokenPipeError, ConnectionResetError):
            return None
        finally:
            timer.cancel()

    def is_usable(self) -> bool:
        """Whether it runs and is a child of this process. A fork inherits the list of its parent's idle children."""
        return self.owner == os.getpid() and self.process.poll() is None

    def end(self) -> int:
        """End the process and return its exit status."""
        self.process.kill()
        exit_status = self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                try:
                    pipe.close()
                except BrokenPipeError:  # the child had not read all of its input
                    continue
        return exit_status


_idle: list[_Child] = []
# The children of one process that work at the same time. Each may need 1 GiB, and more would only wait for a processor.
_working = threading.BoundedSemaphore(2)
_lock = threading.Lock()


def run_isolated(
    module: str, body: bytes, request: dict[str, Any], *, cpu_seconds: int = CPU_SECONDS
) -> bytes:
    """What `module`, which calls `serve_requests`, returns for `body`. Starting a child takes about 0.2 s.

    Safe in threads and in Celery's worker processes. Raises `InvalidInputError` if the module refused the body
    or exceeded its limits.
    """
    with _working:
        child, reply = _send(module, body, request, cpu_seconds)
        if reply.status == _Status.DONE and not reply.is_last:
            _give_back(child)
        else:
            child.end()
    if reply.status == _Status.REFUSED:
        raise InvalidInputError(reply.body.decode("utf-8", "replace"))
    return reply.body


def _send(module: str, body: bytes, request: dict[str, Any], cpu_seconds: int) -> tuple[_Child, _Reply]:
    """The child that parsed `body` and its reply; a second child is tried if an idle one ended at that very moment."""
    child, was_idle = _take(module)
    reply = child.send(body, request, cpu_seconds)
    if reply is None:
        exit_status = child.end()
        if not was_idle or exit_status != -signal.SIGALRM:
            raise InvalidInputError(_describe_exit(exit_status, cpu_seconds))
        child, _ = _take(module)
        reply = child.send(body, request, cpu_seconds)
    if reply is None:
        raise InvalidInputError(_describe_exit(child.end(), cpu_seconds))
    return child, reply


def serve_requests(handle: Callable[[bytes, dict[str, Any]], str]) -> int:
    """Run in the child: set limits and answer each document on standard input by `handle`; returns the exit status."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    for documents_left in range(MAX_DOCUMENTS - 1, -1, -1):
        signal.alarm(IDLE_SECONDS)
        line = requests.readline()
        signal.alarm(0)
        if not line:
            break
        head = json.loads(line)
        body = requests.read(head["length"])
        _limit_cpu(head["cpu_seconds"])
        status, result = _handle_safely(handle, body, head["request"])
        has_grown = _peak_rss_kib() > RECYCLE_RSS_KIB
        is_last = has_grown or not documents_left
        _write(replies, {"status": status, "length": len(result), "is_last": is_last}, result)
        if has_grown:
            break
    return 0


def _handle_safely(
    handle: Callable[[bytes, dict[str, Any]], str], body: bytes, request: dict[str, Any]
) -> tuple[_Status, bytes]:
    """The result, or the reason why there is none."""
    try:
        return _Status.DONE, handle(body, request).encode()
    except InvalidInputError as error:
        return _Status.REFUSED, str(error).encode("utf-8", "replace")
    except MemoryError:
        limit = MAX_MEMORY_BYTES // 1024**2
        return _Status.REFUSED, f"reading this took more than {limit} MiB of memory".encode()
    except Exception as error:  # a document that breaks a library must not look like one that is too large
        log.exception("a parser failed")
        reason = f"this cannot be read: {type(error).__name__}: {error}"[:MAX_REASON_LENGTH]
        return _Status.REFUSED, reason.encode("utf-8", "replace")


def _peak_rss_kib() -> int:
    """The most memory that this program has used.

    On Linux, `ru_maxrss` is at least what the process that started this one used: a child of a process with much
    memory would end after each document.
    """
    with contextlib.suppress(OSError):
        for line in OWN_STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _limit_cpu(seconds: int) -> None:
    """Allow this many more seconds of CPU time. The system counts whole seconds from the start of the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(usage.ru_utime + usage.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _take(module: str) -> tuple[_Child, bool]:
    """A child that runs `module`, and whether it was idle rather than newly started."""
    with _lock:
        while _idle:
            child = _idle.pop()
            if child.module == module and child.is_usable():
                return child, True
    return _Child(module), False


def _give_back(child: _Child) -> None:
    """Keep a child for the next document, or end it if enough others are idle."""
    with _lock:
        if len(_idle) < MAX_IDLE_CHILDREN:
            _idle.append(child)
            return
    child.end()


def _write(pipe: IO[bytes] | None, head: dict[str, Any], body: bytes) -> None:
    if pipe is None:
        raise BrokenPipeError
    pipe.write(json.dumps(head).encode() + b"\n")
    pipe.write(body)
    pipe.flush()


def _read_reply(pipe: IO[bytes] | None) -> _Reply | None:
    """The next reply; None if the pipe ended before the reply was complete."""
    line = pipe.readline() if pipe else b""
    if pipe is None or not line.endswith(b"\n"):
        return None
    head: dict[str, Any] = json.loads(line)
    body = pipe.read(head["length"])
    if len(body) != head["length"]:
        return None
    return _Reply(_Status(head["status"]), head["is_last"], body)


def _describe_exit(exit_status: int, cpu_seconds: int) -> str:
    """Why a child ended."""
    if exit_status == -signal.SIGXCPU:
        return NewsroomText(
            "reading this took more than %(cpu_seconds)s s of CPU time; it is too complicated",
            cpu_seconds=cpu_seconds,
        )
    if exit_status == -signal.SIGKILL:
        return NewsroomText(
            "reading this took longer than %(wall_seconds)s s; it is too complicated",
            wall_seconds=WALL_SECONDS,
        )
    return NewsroomText(
        "reading this took more than %(size)s MiB of memory or failed", size=MAX_MEMORY_BYTES // 1024**2
    )
