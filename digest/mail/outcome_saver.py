"""Saves the outcomes of mails while other connections go on, in one or more groups at a time."""

import contextlib
import selectors
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from digest.mail.connection import Connection
from digest.mail.pure.outcomes import Outcome
from digest.mail.pure.session import Mail

MailOutcome = tuple[Mail, Outcome]
# Outcomes that begin to be saved while another group is. Fewer wait for that, as each save costs the database much more
# than another row of it.
MIN_OVERLAPPING = 6


class SaveInProgress(Protocol):
    """A group of outcomes that is being saved; a `concurrent.futures.Future` is one.

    It may have a `socket`: the number of a file that is readable when the save may be done. And it may have
    `allows_another`: whether the next group may be saved meanwhile; without it, that waits.
    """

    def done(self) -> bool:
        """Whether the outcomes are saved, or saving them has failed."""

    def result(self) -> None:
        """Return when the outcomes are saved. Raises what went wrong."""

    def add_done_callback(self, wake: Callable[[object], None]) -> None:
        """Call `wake`, in any thread, when the save is done and no `socket` tells so."""


# Told of each outcome, with the name of the server that it came from; "" if the mail was on no connection.
CountOutcome = Callable[[str, Mail, Outcome], None]
# Saves outcomes. Returns None when they are saved, or the save in progress. The next call comes when that is done, or
# when it allows another.
SaveOutcomes = Callable[[Sequence[MailOutcome]], SaveInProgress | None]


def save_and_wait(save: SaveOutcomes, outcomes: Sequence[MailOutcome]) -> None:
    """Save outcomes, and return when they are saved."""
    if (in_progress := save(outcomes)) is not None:
        in_progress.result()


@dataclass(slots=True, eq=False)
class _Group:
    """A group that is being saved, the connections of its outcomes, and the socket that tells when it may be done."""

    save: SaveInProgress
    connections: list[Connection]
    watched: int | None = None


class OutcomeSaver:
    """Collects outcomes, saves those collected so far as one group, and wakes a selector when a group is saved.

    A connection counts its unsaved outcomes, because it may send no message before they are saved.
    """

    def __init__(self, selector: selectors.BaseSelector, count: CountOutcome | None = None) -> None:
        self._selector, self._count = selector, count
        self._save: SaveOutcomes = lambda _outcomes: None
        self._signal: tuple[socket.socket, socket.socket] | None = None  # made when it is needed
        self.failed = False  # whether `save` failed
        self._groups: list[_Group] = []
        self._outcomes: list[MailOutcome] = []
        self._connections: list[Connection] = []  # over which they came

    @property
    def busy(self) -> bool:
        """Whether a group is being saved."""
        return bool(self._groups)

    def begin(self, save: SaveOutcomes) -> None:
        """Use `save` from now on, and forget what an earlier run did not save."""
        self._forget_groups()
        self._save, self.failed = save, False
        self._outcomes, self._connections = [], []

    def add(self, outcome: MailOutcome, connection: Connection | None) -> None:
        """Add an outcome that is to be saved, and the connection over which the mail was sent, if any."""
        self._outcomes.append(outcome)
        if self._count is not None:
            self._count(connection.server.name if connection is not None else "", *outcome)
        if connection is not None:
            connection.unsaved_outcomes += 1
            self._connections.append(connection)

    def start(self) -> bool:
        """Start to save the outcomes, unless groups are saved that allow no other. Returns whether they are saved."""
        if not self._outcomes or not self._may_start():
            return False
        outcomes, self._outcomes = self._outcomes, []
        connections, self._connections = self._connections, []
        with self._note_failure():
            in_progress = self._save(outcomes)
        if in_progress is None:
            _release(connections)
            return True
        group = _Group(in_progress, connections)
        self._groups.append(group)
        self._open_signal()
        in_progress.add_done_callback(self._wake)
        group.watched = getattr(in_progress, "socket", None)
        if group.watched is not None:
            self._selector.register(group.watched, selectors.EVENT_READ, self)
        return False

    def finish(self) -> None:
        """Let the connections of saved groups go on. Raises what `save` raised."""
        for group in tuple(self._groups):
            if group.save.done():
                self._stop_watching(group)
                self._groups.remove(group)
                with self._note_failure():
                    group.save.result()
                _release(group.connections)
            elif getattr(group.save, "socket", None) is None:
                self._stop_watching(group)  # a thread does the rest

    def _may_start(self) -> bool:
        if not self._groups:
            return True
        allowed = all(getattr(group.save, "allows_another", False) for group in self._groups)
        return allowed and len(self._outcomes) >= MIN_OVERLAPPING

    def clear_signal(self) -> None:
        """Read the signal that a group was saved."""
        if self._signal is not None:
            with contextlib.suppress(BlockingIOError):
                self._signal[0].recv(64)

    def close(self) -> None:
        """Watch no socket any more. Those of the signal are opened again when they are needed."""
        self._forget_groups()
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

    def _forget_groups(self) -> None:
        for group in self._groups:
            self._stop_watching(group)
        self._groups = []

    def _stop_watching(self, group: _Group) -> None:
        if group.watched is not None:
            with contextlib.suppress(KeyError, ValueError, OSError):
                self._selector.unregister(group.watched)
            group.watched = None

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


def _release(connections: Iterable[Connection]) -> None:
    for connection in connections:
        connection.unsaved_outcomes -= 1
