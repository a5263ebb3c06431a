"""What is said over an open connection, message by message (RFC 5321, RFC 2920): knows no socket and no clock.

Where the server offers PIPELINING, the envelope of the next message follows the body of the last one at once. A body
goes out only after the answer to the one before it was heard and kept, so at most one message a connection is ever
between us and the server.
"""

import re
from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from digest.mail.pure.outcomes import Accepted, Deferred, InDoubt, Outcome, Refused, of_reply
from digest.mail.pure.replies import Reply

CLOSING = 421  # RFC 5321, 3.8: the server is closing the connection
GO_ON = 354


class Mail(NamedTuple):
    """A message to be handed over. `key` is the sender's own name for it; `message` has wire form (`dot_stuffing`)."""

    key: object
    sender: str
    recipient: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Offers:
    """What a server says it can do (EHLO)."""

    pipelining: bool = False
    smtputf8: bool = False
    size: int = 0  # octets of a message at most; 0: it doesn't say
    declares_size: bool = False


class Step(Enum):
    """What an awaited reply answers."""

    RSET = auto()
    MAIL = auto()
    RCPT = auto()
    DATA = auto()
    DOT = auto()
    EMPTY = auto()  # the dot that ends a message nobody is to get


ENVELOPE = (Step.MAIL, Step.RCPT, Step.DATA)
PLAIN_ADDRESS = re.compile(r"[!-;=?-~]{1,320}")


class Session:
    """One connection's talk. `out` is what is to be written, `done` what is known of messages, `again` what must go
    over another connection."""

    def __init__(self, offers: Offers, *, most: int) -> None:
        self.out: list[bytes] = []
        self.done: list[tuple[Mail, Outcome]] = []
        self.again: list[Mail] = []
        self.closing = False  # nothing more may be begun
        self.behind_dot = 0  # octets in `out` that follow the last final dot
        self.begun = 0  # messages whose envelope went over this connection
        self.answers = 0  # messages that it said something of, behind their final dot
        self.turned_off = False  # the server ended it by 421, in answer to something
        self.goodbye = ""  # and said this
        self._offers, self._most = offers, most
        self._current: Mail | None = None  # its final dot is out
        self._next: Mail | None = None  # its envelope is out, or going out
        self._cleared = False  # the next one's body may go
        self._verdict: Outcome | None = None  # of the next one, when its envelope was turned down
        self._stale = False  # an envelope was begun that no message followed
        self._unsaid: deque[tuple[Step, bytes]] = deque()
        self._awaited: deque[Step] = deque()

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return self._current is None and self._next is None and not self._awaited

    @property
    def wants(self) -> bool:
        """Whether the next message may be begun."""
        if self.closing or self._next is not None or self.begun >= self._most:
            return False
        return not self._awaited or self._offers.pipelining

    @property
    def waits_for_dot(self) -> bool:
        """Whether the answer to a final dot is awaited."""
        return self._current is not None

    @property
    def spent(self) -> bool:
        """Whether this connection has carried its share, or must not be used again."""
        return self.idle and (self.closing or self.begun >= self._most)

    @property
    def cleared(self) -> bool:
        """Whether a body may go out now."""
        return self._cleared and not self.closing

    def begin(self, mail: Mail) -> None:
        """Say a message's envelope."""
        self.begun += 1
        sizes = self._offers.size and len(mail.message) > self._offers.size
        recipient = envelope_address(mail.recipient, smtputf8=self._offers.smtputf8)
        sender = envelope_address(mail.sender, smtputf8=self._offers.smtputf8)
        if sizes or recipient is None or sender is None:
            why = (
                f"552 5.3.4 {len(mail.message)} octets are more than the server's {self._offers.size}"
                if sizes
                else f"553 5.1.3 {mail.recipient!r} can't be put into an envelope"
            )
            self.done.append((mail, Refused(why)))
            return
        self._next, self._verdict, self._cleared = mail, None, False
        options = f" SIZE={len(mail.message)}" if self._offers.declares_size else ""
        if not (sender + recipient).isascii():
            options += " SMTPUTF8"
        if self._stale:
            self._unsaid.append((Step.RSET, b"RSET\r\n"))
            self._stale = False
        lines = (f"MAIL FROM:<{sender}>{options}\r\n", f"RCPT TO:<{recipient}>\r\n", "DATA\r\n")
        if self._offers.pipelining and not self._unsaid:
            self._say("".join(lines).encode(), *ENVELOPE)
            return
        self._unsaid += ((step, line.encode()) for step, line in zip(ENVELOPE, lines, strict=True))
        self._speak()

    def send_body(self) -> None:
        """Send the body of the message that was cleared, to its final dot."""
        if self._next is None:
            return
        self._current, self._next, self._cleared = self._next, None, False
        message = self._current.message
        self.out.append(message if message.endswith(b"\r\n") else message + b"\r\n")
        self.out.append(b".\r\n")
        self.behind_dot = 0
        self._awaited.append(Step.DOT)

    def heard(self, reply: Reply) -> None:
        """Take in a reply."""
        if reply.code == CLOSING:
            self.closing = True
            self.turned_off = bool(self._awaited)  # said unasked, it tells nothing of how much it bears
            self.goodbye = f"{reply.code} {reply.text}"
        if not self._awaited:  # nothing was asked: a goodbye, or nonsense
            self.closing = True
            self._give_next_back()
            return
        step = self._awaited.popleft()
        match step:
            case Step.DOT:
                self._answered(reply)
            case Step.MAIL | Step.RCPT:
                if not 200 <= reply.code < 300:
                    self._turn_down(reply)
            case Step.DATA:
                self._data(reply)
            case Step.RSET | Step.EMPTY:
                pass
        self._speak()

    def cut_short(self, reply: Reply) -> None:
        """A reply came before the final dot had left us: the server has had enough of this message, and nobody knows
        any more what a reply answers. It can't have accepted what it has not got."""
        self.closing = True
        self.goodbye = f"{reply.code} {reply.text}"
        if self._current is not None:
            self.answers += 1
            self.done.append((self._current, _no(reply)))
        self._current = None
        self._give_next_back()

    def broke(self, reason: str, *, dot_gone: bool) -> None:
        """The connection is no more. `dot_gone`: the last final dot had left us."""
        self.closing = True
        if self._current is not None:
            self.done.append((self._current, InDoubt(reason) if dot_gone else Deferred(reason)))
        if self._next is not None:
            at_data = bool(self._awaited) and self._awaited[0] is Step.DATA and self._verdict is None
            if at_data:  # perhaps it is this very message that it can't bear
                self.done.append((self._next, Deferred(reason)))
            elif self._verdict is not None:
                self.done.append((self._next, self._verdict))
            else:
                self.again.append(self._next)
        self._current = self._next = None
        self._awaited.clear()
        self._unsaid.clear()

    def _answered(self, reply: Reply) -> None:
        mail, self._current = self._current, None
        if mail is None:
            return
        self.answers += 1
        # A 3xx here makes no sense; it may have been taken, or not.
        unclear = 300 <= reply.code < 400
        said = f"{reply.code} {reply.text}"
        self.done.append((mail, InDoubt(said) if unclear else of_reply(reply.code, reply.text)))
        if self.closing and self._next is not None:
            self._give_next_back()

    def _turn_down(self, reply: Reply) -> None:
        if self.closing:
            self._give_next_back()
            return
        if self._verdict is None:
            self._verdict = _no(reply)
        if any(step is Step.DATA for step, _ in self._unsaid):  # one by one: the rest need not be said
            self._unsaid.clear()
            self._finish_next()

    def _data(self, reply: Reply) -> None:
        if self.closing:
            self._give_next_back()
        elif reply.code == GO_ON and self._verdict is None:
            self._cleared = True
        elif (
            reply.code == GO_ON
        ):  # RFC 2920, 3.1: it may say so though there is no recipient; then nothing is sent
            self.out.append(b".\r\n")
            self._awaited.append(Step.EMPTY)
            self._finish_next()
        else:
            self.closing = self.closing or 200 <= reply.code < 400  # we no longer understand each other
            self._verdict = self._verdict or _no(reply)
            self._finish_next()

    def _finish_next(self) -> None:
        if self._next is not None and self._verdict is not None:
            self.done.append((self._next, self._verdict))
        self._next, self._verdict, self._stale = None, None, True

    def _give_next_back(self) -> None:
        if self._next is not None:
            self.again.append(self._next)
        self._next = None
        self._awaited.clear()
        self._unsaid.clear()

    def _speak(self) -> None:
        while self._unsaid and (self._offers.pipelining or not self._awaited):
            step, words = self._unsaid.popleft()
            self._say(words, step)

    def _say(self, words: bytes, *steps: Step) -> None:
        self._awaited += steps
        self.out.append(words)
        self.behind_dot += len(words)


def envelope_address(address: str, *, smtputf8: bool) -> str | None:
    """An address as it may stand in an envelope; None when it can't, or not at this server.

    A line end or an angle bracket in it would be a command of its own.
    """
    if PLAIN_ADDRESS.fullmatch(address):
        return address
    if not address or len(address) > 320 or not address.isprintable() or set(address) & set(" <>"):
        return None
    if address.isascii() or smtputf8:
        return address
    local, _, domain = address.rpartition("@")
    try:
        plain = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return None
    return plain if plain.isascii() else None


def _no(reply: Reply) -> Outcome:
    outcome = of_reply(reply.code, reply.text)
    return Deferred(outcome.answer) if isinstance(outcome, Accepted) else outcome
