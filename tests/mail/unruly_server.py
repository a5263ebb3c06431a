"""One connection of a mail server that may do anything at any step, as a script says. It runs without a thread.

Whatever the script says, what the server got and answered is written to a ledger.
"""

import contextlib
import socket
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from tests.mail.relay_ledger import Answer, Meaning, Receipt, RelayLedger, key_in


class Then(Enum):
    """What the server does after an answer."""

    GO_ON = auto()
    CLOSE = auto()  # at once, with what is unread
    HALF_CLOSE = auto()  # it says nothing more, and reads on
    FALL_SILENT = auto()  # the same, without closing its side
    STOP_READING = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """What the server does for one command, for the greeting, or for a message."""

    answer: Answer | None = None  # None: the right one
    delay: float = 0.0  # seconds before it
    pieces: int = 1  # in which it comes; each comes `delay` after the last one
    unasked: bytes = b""  # follows the answer
    early: bool = False  # for a message: the answer comes at its first octets
    then: Then = Then.GO_ON


@dataclass(frozen=True, slots=True)
class Script:
    """What one connection does: how it opens, what the server offers, and its steps. After them it does all right."""

    opens: str = "at once"  # or "refused", "no route", "never"
    extensions: tuple[str, ...] = ("PIPELINING", "SIZE 1000000", "SMTPUTF8")
    read_size: int = 65536  # octets that it reads at once
    steps: tuple[Step, ...] = ()


RIGHT = Step()
KEPT = b"250 2.0.0 kept\r\n"


class UnrulyConnection:
    """The server's end of a connection."""

    def __init__(self, sock: socket.socket, script: Script, ledger: RelayLedger, now: float) -> None:
        self.closed = False
        self.truthful = True  # so far each reply answered one command, in order
        self._sock, self._script, self._ledger = sock, script, ledger
        self._steps = iter(script.steps)
        # When each is due, what is said, and the mail whose answer ends with it.
        self._said: deque[tuple[float, bytes, str]] = deque()
        self._heard = b""
        self._reading = self._speaking = True
        self._body_step: Step | None = None  # while a message is awaited: what is done for it
        self._answered_early = False  # that message
        self._envelope_accepted = {"MAIL": False, "RCPT": False}
        self._respond(now, self._next_step(), b"220 server\r\n")

    @property
    def next_due_at(self) -> float | None:
        """When it will say something; None when nothing is planned."""
        return self._said[0][0] if self._said and not self.closed else None

    def turn(self, now: float) -> None:
        """Say what is due, read what there is, and answer it."""
        self._say(now)
        while self._reading and not self.closed:
            try:
                octets = self._sock.recv(self._script.read_size)
            except BlockingIOError:
                break
            except OSError:
                octets = b""
            if not octets:
                self.close()
                return
            self._heard += octets
            self._understand(now)
            if self._script.read_size < 65536:
                break
        self._say(now)

    def close(self) -> None:
        """Close the connection."""
        self.closed = True
        self._sock.close()

    def _next_step(self) -> Step:
        return next(self._steps, RIGHT)

    def _say(self, now: float) -> None:
        while self._said and self._said[0][0] <= now and not self.closed:
            _, octets, key = self._said.popleft()
            with contextlib.suppress(OSError):
                if octets == b"close":
                    self.close()
                elif octets == b"half close":
                    self._sock.shutdown(socket.SHUT_WR)
                elif self._sock.send(octets) == len(octets) and key:
                    self._ledger.delivered.add(key)

    def _understand(self, now: float) -> None:
        """Take commands and messages from what was heard."""
        while self._reading:
            if self._body_step is None:
                line, end, rest = self._heard.partition(b"\r\n")
                if not end:
                    return
                self._heard = rest
                self._take_command(now, line)
            elif not self._take_message(now, self._body_step):
                return

    def _take_command(self, now: float, line: bytes) -> None:
        verb = line[:4].decode("latin-1").upper()
        if self.truthful:
            assert verb.isalpha(), f"a message where a command was due: {line[:40]!r}"
        step = self._next_step()
        if verb == "DATA":
            all_accepted = all(self._envelope_accepted.values())
            code = self._respond(now, step, b"354 go on\r\n" if all_accepted else b"503 no recipient\r\n")
            self._body_step = self._next_step() if code is Meaning.GO_ON else None
            self._answered_early = False
            self._envelope_accepted = dict.fromkeys(self._envelope_accepted, False)
            return
        reply = self._hello() if verb == "EHLO" else b"250 2.1.0 fine\r\n"
        code = self._respond(now, step, reply)
        if verb in self._envelope_accepted:
            self._envelope_accepted[verb] = code is Meaning.ACCEPTED

    def _hello(self) -> bytes:
        lines = ["server", *self._script.extensions]
        text = "".join(f"250{'-' if n < len(lines) - 1 else ' '}{line}\r\n" for n, line in enumerate(lines))
        return text.encode()

    def _take_message(self, now: float, step: Step) -> bool:
        """Take a message; returns false while its end is not there."""
        if step.early and not self._answered_early and (early_key := key_in(self._heard)):
            self._answered_early = self._ledger.misled = True
            self._respond(now, step, KEPT, key=early_key)
        if self._heard.startswith(b".\r\n"):
            message, end, rest = b"", b"\r\n.\r\n", self._heard[3:]
        else:
            message, end, rest = self._heard.partition(b"\r\n.\r\n")
        if not end:
            return False
        self._heard, self._body_step = rest, None
        key = key_in(message)
        if not self._answered_early:
            self._respond(now, step, KEPT, key=key)
        if key:
            meaning = step.answer.meaning if step.answer else Meaning.ACCEPTED
            self._ledger.received[key] = Receipt(meaning, early=self._answered_early, truthful=self.truthful)
        return True

    def _respond(self, now: float, step: Step, right: bytes, key: str = "") -> Meaning:
        """Plan an answer and what follows it; returns what the answer means."""
        answer = step.answer or Answer(right, _meaning_of(right))
        due = max([now, *(due for due, _, _ in self._said)])
        if self._speaking:
            for piece in _pieces(answer.octets, step.pieces):
                due += step.delay
                self._said.append((due, piece, ""))
            if key and answer.octets:
                self._said[-1] = (*self._said[-1][:2], key)
            if step.unasked:
                self.truthful, self._ledger.misled = False, True
                self._said.append((due, step.unasked, ""))
        ends = answer.meaning is Meaning.NOTHING and step.then is Then.GO_ON
        self._do(Then.FALL_SILENT if ends else step.then, due)
        return answer.meaning

    def _do(self, then: Then, due: float) -> None:
        match then:
            case Then.GO_ON:
                return
            case Then.CLOSE:
                self._said.append((due, b"close", ""))
                self._reading = False
            case Then.HALF_CLOSE:
                self._said.append((due, b"half close", ""))
            case Then.STOP_READING:
                self._reading = False
            case Then.FALL_SILENT:
                pass
        self._speaking = False


def _pieces(octets: bytes, count: int) -> Iterator[bytes]:
    size = max(1, -(-len(octets) // count))
    for start in range(0, len(octets), size):
        yield octets[start : start + size]


def _meaning_of(right: bytes) -> Meaning:
    return {b"3": Meaning.GO_ON, b"5": Meaning.REFUSED}.get(right[:1], Meaning.ACCEPTED)
