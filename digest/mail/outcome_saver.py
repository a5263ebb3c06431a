"""Saves the outcomes of mails while other connections go on, one group after the other."""

import contextlib
import selectors
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from digest.mail.connection import Connection
from digest.mail.pure.outcomes import Outcome
from digest.mail.pure.session import Mail

MailOutcome = tuple[Mail, Outcome]


class SaveInProgress(Protocol):
    """A group of outcomes that is being saved; a `concurrent.futures.Future` is one.

    It may have a `socket`: the number of a file that is readable when the save may be done.
    """

    def done(self) -> bool:
        """Whether the outcomes are saved, or saving them has failed."""

    def result(self) -> None:
        """Return when the outcomes are saved. Raises what went wrong."""

    def add_done_callback(self, wake: Callable[[object], None]) -> None:
        """Call `wake`, in any thread, when the save is done and no `socket` tells so."""


# Told of each outcome, with the name of the server that it came from; "" if the mail was on no connection.
CountOutcome = Callable[[str, Mail, Outcome], None]
# Saves outcomes. Returns None when they are saved, or the save in progress. The next call comes when that is done.
SaveOutcomes = Callable[[Sequence[MailOutcome]], SaveInProgress | None]


def save_and_wait(save: SaveOutcomes, outcomes: Sequence[MailOutcome]) -> None:
    """Save outcomes, and return when they are saved."""
    if (in_progress := save(outcomes)) is not None:
        in_progress.result()


class OutcomeSaver:
    """Collects outcomes, saves those collected so far as one group, and wakes a selector when a group is saved.

    A connection counts its unsaved outcomes, because it may send no message before they are saved.
    """

    def __init__(self, selector: selectors.BaseSelector, count: CountOutcome | None = None) -> None:
        self._selector, self._count = selector, count
        self._save: SaveOutcomes = lambda _outcomes: None
        self._signal: tuple[socket.socket, socket.socket] | None = None  # made when it is needed
        self.failed = False  # whether `save` failed
        self._in_progress: SaveInProgress | None = None
        self._watched: int | None = None  # the socket that tells when it may be done
        self._outcomes: list[MailOutcome] = []
        self._connections: list[Connection] = []  # over which they came
        self._saving_connections: list[Connection] = []

    @property
    def busy(self) -> bool:
        """Whether a group is being saved."""
        return self._in_progress is not None

    def begin(self, save: SaveOutcomes) -> None:
        """Use `save` from now on, and forget what an earlier run did not save."""
        self._stop_watching()
        self._save, self.failed, self._in_progress = save, False, None
        self._outcomes, self._connections, self._saving_connections = [], [], []

    def add(self, outcome: MailOutcome, connection: Connection | None) -> None:
        """Add an outcome that is to be saved, and the connection over which the mail was sent, if any."""
        self._outcomes.append(outcome)
        if self._count is not None:
            self._count(connection.server.name if connection is not None else "", *outcome)
        if connection is not None:
            connection.unsaved_outcomes += 1
            self._connections.append(connection)

    def start(self) -> bool:
        """Start to save the outcomes, unless a group is being saved. Returns whether they are saved already."""
        if not self._outcomes or self._in_progress is not None:
            return False
        outcomes, self._outcomes = self._outcomes, []
        self._saving_connections, self._connections = self._connections, []
        with self._note_failure():
            self._in_progress = self._save(outcomes)
        if self._in_progress is None:
            self._release_connections()
            return True
        self._open_signal()
        self._in_progress.add_done_callback(self._wake)
        self._watched = getattr(self._in_progress, "socket", None)
        if self._watched is not None:
            self._selector.register(self._watched, selectors.EVENT_READ, self)
        return False

    def finish(self) -> None:
        """Let the connections of a saved group go on. Raises what `save` raised."""
        if self._in_progress is None:
            return
        if self._in_progress.done():
            self._stop_watching()
            in_progress, self._in_progress = self._in_progress, None
            with self._note_failure():
                in_progress.result()
            self._release_connections()
        elif getattr(self._in_progress, "socket", None) is None:
            self._stop_watching()  # a thread does the rest

    def clear_signal(self) -> None:
        """Read the signal that a group was saved."""
        if self._signal is not None:
            with contextlib.suppress(BlockingIOError):
                self._signal[0].recv(64)

    def close(self) -> None:
        """Watch no socket any more. Those of the signal are opened again when they are needed."""
        self._stop_watching()
        signal, self._signal = self._signal, None
        if signal is not None:
            self._selector.unregister(signal[0])
            for end in signal:
                end.close()

    @contextlib.contextmanager
    def _note_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.failed = True
            raise

    def _release_connections(self) -> None:
        for connection in self._saving_connections:
            connection.unsaved_outcomes -= 1
        self._saving_connections = []

    def _stop_watching(self) -> None:
        if self._watched is not None:
            with contextlib.suppress(KeyError, ValueError, OSError):
                self._selector.unregister(self._watched)
            self._watched = None

    def _open_signal(self) -> None:
        if self._signal is None:
            self._signal = socket.socketpair()
            for end in self._signal:
                end.setblocking(False)
            self._selector.register(self._signal[0], selectors.EVENT_READ, self)

    def _wake(self, _save: object) -> None:
        """Make the selector return; called in the thread that saves."""
        signal = self._signal
        if signal is not None:
            with contextlib.suppress(OSError):  # it is full, or was closed because the run was interrupted
                signal[1].send(b".")
