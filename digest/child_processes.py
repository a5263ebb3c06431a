"""Forked child processes: they share what is loaded already, and they end when their parent does."""

import ctypes
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)

RESTART_DELAY = 3  # seconds; a child that fails at once must not keep a processor busy
PARENT_CHECK_INTERVAL = 1.0  # seconds, on systems that send no signal when a parent ends
PR_SET_PDEATHSIG = 1  # https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
WATCHED_SIGNALS = (*STOP_SIGNALS, signal.SIGCHLD, signal.SIGALRM)


class ForkedProcesses:
    """Runs each of `commands`, by name, in a child process, until this process gets a signal to stop.

    The children share the memory of what is loaded already. Nothing may have opened connections or started threads yet.
    """

    def __init__(self, commands: Mapping[str, Callable[[], int]]) -> None:
        self._commands = commands
        self._running: dict[int, str] = {}  # process ids with the names of their commands
        self._stopping = False
        self._inherited_mask: set[int] = set()

    def run(self) -> None:
        """Return when a signal has stopped all children."""
        share_loaded_modules()
        # Some systems discard a blocked SIGCHLD that has no handler.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._inherited_mask = {
            int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED_SIGNALS)
        }
        self._start_missing()
        while self._running or not self._stopping:
            number = signal.sigwait(WATCHED_SIGNALS)
            if number == signal.SIGCHLD:
                self._reap()
            elif number == signal.SIGALRM:
                self._start_missing()
            else:
                self._stop(number)

    def _start_missing(self) -> None:
        if not self._stopping:
            for name in self._commands.keys() - self._running.values():
                self._start(name)

    def _start(self, name: str) -> None:
        self._running[start_child(name, self._commands[name], self._inherited_mask)] = name

    def _reap(self) -> None:
        while self._running:
            child, wait_status = os.waitpid(-1, os.WNOHANG)
            if not child:
                return
            name = self._running.pop(child, "")
            if name and not self._stopping:
                status = os.waitstatus_to_exitcode(wait_status)
                log.error("%s ended with status %d; it starts again in %d s", name, status, RESTART_DELAY)
                signal.alarm(RESTART_DELAY)

    def _stop(self, number: int) -> None:
        self._stopping = True
        for child in self._running:
            os.kill(child, signal.SIGQUIT if number == signal.SIGQUIT else signal.SIGTERM)


def start_child(name: str, command: Callable[[], int], mask: set[int]) -> int:
    """Run a command in a forked process that ends with this one; returns its id. Its exit status is what it returns.

    No signal has a handler there, and those of `mask` are blocked.
    """
    sys.stdout.flush()
    parent = os.getpid()
    if child := os.fork():
        return child
    status = 1
    try:
        for number in WATCHED_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        end_with_parent(parent)
        status = command()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        log.exception("%s failed", name)
    finally:
        logging.shutdown()
        sys.stdout.flush()
        os._exit(status)  # the stack below belongs to the parent
    raise AssertionError


def share_loaded_modules() -> None:
    """Keep the garbage collectors of children from writing to the memory that they share; call it before they start.

    What is loaded by now stays loaded (https://docs.python.org/3/library/gc.html#gc.freeze).
    """
    gc.collect()
    gc.freeze()


def end_with_parent(parent: int, number: int = signal.SIGTERM) -> None:
    """Have this process get a signal when its parent ends, also when the parent is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # it ended before that call
            os.kill(os.getpid(), number)
    else:
        threading.Thread(target=_watch_parent, args=(parent, number), daemon=True).start()


def _watch_parent(parent: int, number: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_INTERVAL)
    os.kill(os.getpid(), number)
