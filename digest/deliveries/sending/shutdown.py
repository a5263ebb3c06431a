"""Stops a sender: it finishes the mails that are being sent, and releases all others at once.

Celery's warm shutdown waits for the tasks in its child processes without telling them to stop. So the parent sets a
flag in shared memory. Some platforms send SIGTERM to the children too: a child that is sending mail treats it like
the flag.
"""

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class ShutdownFlag:
    """A flag that a worker's processes share. Make it before forking."""

    def __init__(self) -> None:
        self._flag = multiprocessing.Event()

    def set(self) -> None:
        """Tell all senders of this worker to stop."""
        self._flag.set()

    def renew(self) -> None:
        """Begin a flag that only this process and its later children share."""
        self._flag = multiprocessing.Event()

    @contextmanager
    def watch_sigterm(self) -> Iterator[Callable[[], bool]]:
        """Treat SIGTERM to this process like the flag; yields a function that returns whether to stop."""
        received = False

        def note(*_: object) -> None:
            # No lock, as `threading.Event` has one: a second SIGTERM may interrupt this function.
            nonlocal received
            received = True

        in_main_thread = threading.current_thread() is threading.main_thread()
        previous = signal.signal(signal.SIGTERM, note) if in_main_thread else None
        try:
            yield lambda: received or self._flag.is_set()
        finally:
            if in_main_thread:
                signal.signal(signal.SIGTERM, previous)
