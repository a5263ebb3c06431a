"""Being told to stop: a sender finishes the mails on their way and gives the rest back at once.

Celery's warm shutdown waits for the tasks in its child processes without telling them. So its parent sets a flag in
shared memory; and a child that is told itself (some platforms signal every process) takes SIGTERM the same way while
it sends.
"""

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Drain:
    """The flag. Make it before forking."""

    def __init__(self) -> None:
        self._told = multiprocessing.Event()

    def begin(self) -> None:
        """Tell all senders of this worker."""
        self._told.set()

    @contextmanager
    def heard_here(self) -> Iterator[Callable[[], bool]]:
        """While the block runs, SIGTERM to this process counts too; yields whether to stop."""
        told_here = threading.Event()
        mine = threading.current_thread() is threading.main_thread()
        before = signal.signal(signal.SIGTERM, lambda *_: told_here.set()) if mine else None
        try:
            yield lambda: told_here.is_set() or self._told.is_set()
        finally:
            if mine:
                signal.signal(signal.SIGTERM, before)
