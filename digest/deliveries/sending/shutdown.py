"""Stops a sender: it finishes the mails that are being sent, and releases all others at once.

Celery's warm shutdown waits for the tasks in its child processes without telling them to stop. So the parent sets a
flag in shared memory. Some platforms send SIGTERM to the children too: a child that is sending mail treats it like
the flag.
"""

import ctypes
import multiprocessing.sharedctypes
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def _new_flag() -> ctypes.c_bool:
    # A raw value has no lock. `multiprocessing.Event` has one: a sender that is killed while it holds that lock would
    # stop all other senders of this worker, because each looks at the flag before each mail.
    return multiprocessing.sharedctypes.RawValue(ctypes.c_bool, False)


class ShutdownFlag:
    """A flag that a worker's processes share. Make it before forking."""

    def __init__(self) -> None:
        self._flag = _new_flag()

    def set(self) -> None:
        """Tell all senders of this worker to stop."""
        self._flag.value = True

    def renew(self) -> None:
        """Begin a flag that only this process and its later children share."""
        self._flag = _new_flag()

    @contextmanager
    def watch_sigterm(self) -> Iterator[Callable[[], bool]]:
        """Treat SIGTERM to this process like the flag; yields a function that returns whether to stop."""
        received = False

        def note(*_: object) -> None:
            # A variable has no lock. `threading.Event` has one, and a second SIGTERM may interrupt this function.
            nonlocal received
            received = True

        in_main_thread = threading.current_thread() is threading.main_thread()
        previous = signal.signal(signal.SIGTERM, note) if in_main_thread else None
        try:
            yield lambda: received or self._flag.value
        finally:
            if in_main_thread:
                signal.signal(signal.SIGTERM, previous)
