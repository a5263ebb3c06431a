"""One connection to a mail server: the socket under a session, never waiting. A selector says when it may go on."""

import contextlib
import errno
import os
import selectors
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digest.mail.pure.handshake import SECURE, Dialogue, Ready, TurnedAwayError, dialogue
from digest.mail.pure.replies import Replies, Reply
from digest.mail.pure.servers import Server
from digest.mail.pure.session import Session

# Seconds for an answer. RFC 5321 (4.5.3.2) allows five minutes for most and ten for the last dot, but a server that
# needs so long is not one to send thousands of mails to; after the last dot giving up leaves a doubt, so it gets more.
OPENING_TIMEOUT = 30.0
NEXT_ADDRESS = 5.0  # while the server has other addresses: this one may be out of reach
TIMEOUT = 60.0
DOT_TIMEOUT = 240.0
PIECE = 65536  # octets read at once
RECORD = 16384  # octets written at once; with TLS a record (RFC 8446, 5.1): what counts as gone has gone


Address = tuple[int, int, int, str, Any]  # as `getaddrinfo` tells them


class BrokenError(Exception):
    """The connection can't be used any more; the text says why."""

    def __init__(self, text: str, *, busy: bool = False) -> None:
        super().__init__(text)
        self.busy = busy


@dataclass
class Connection:
    """From connecting to the end. `session` is there once mails may follow."""

    server: Server
    selector: selectors.BaseSelector
    most: int  # mails over it
    now: float
    addresses: Sequence[Address] = ()  # what the server's name stands for; none: it is looked up
    session: Session | None = None

    def __post_init__(self) -> None:
        self._replies = Replies()
        self._outbox = memoryview(b"")
        self._behind_dot = 0
        self._secured = self.server.tls == "none"
        self._handshaking = False
        try:
            token = Path(self.server.token_file).read_text().strip() if self.server.token_file else ""
            self._dialogue: Dialogue = dialogue(self.server, name=own_name(), token=token)
            found = self.addresses or socket.getaddrinfo(
                self.server.host, self.server.port, type=socket.SOCK_STREAM
            )
            self._addresses: list[Any] = list(found)
            self._connect(self.now)
        except OSError as error:
            raise BrokenError(str(error)) from error

    @property
    def dot_gone(self) -> bool:
        """Whether everything up to the last final dot has left us."""
        return len(self._outbox) <= self._behind_dot

    def ready(self, now: float) -> None:
        """The selector says that something can be read or written. Raises BrokenError."""
        try:
            if self._connecting:
                self._connected(now)
            elif self._handshaking:
                self._handshake()
            else:
                self._talk(now)
        except (ssl.SSLWantReadError, BlockingIOError):
            self._watch(selectors.EVENT_READ)
        except ssl.SSLWantWriteError:
            self._watch(selectors.EVENT_READ | selectors.EVENT_WRITE)
        except OSError as error:
            raise BrokenError(str(error) or type(error).__name__) from error
        except TurnedAwayError as error:
            raise BrokenError(str(error), busy=error.busy) from error

    def overdue(self, now: float) -> bool:
        """Whether it has said nothing for too long; one that is not connected yet goes on to the server's next address.

        Raises BrokenError."""
        if now <= self.deadline:
            return False
        if not (self._connecting and self._addresses):
            return True
        self.close()
        try:
            self._connect(now)
        except OSError as error:
            raise BrokenError(str(error)) from error
        return False

    def flush(self, now: float) -> None:
        """Write what the session has to say. Raises BrokenError."""
        session = self.session
        if session is None or not session.out:
            return
        self._behind_dot = session.behind_dot
        self.deadline = now + (DOT_TIMEOUT if session.waits_for_dot else TIMEOUT)
        words, session.out = session.out, []
        try:
            # Nearly always all of it goes at once; only what does not is put together to be written later.
            sent = 0 if self._outbox or isinstance(self._sock, ssl.SSLSocket) else self._sock.sendmsg(words)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._hear_last_words(now)
            raise BrokenError(str(error)) from error
        if sent == sum(map(len, words)):
            return
        self._outbox = memoryview(b"".join([self._outbox, *words])[sent:])
        try:
            self._write()
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError, BlockingIOError):
            self._watch(selectors.EVENT_READ | selectors.EVENT_WRITE)
        except OSError as error:
            self._hear_last_words(now)
            raise BrokenError(str(error)) from error

    def close(self, *, politely: bool = False) -> None:
        """End it; `politely` says QUIT if that goes without waiting."""
        with contextlib.suppress(KeyError, ValueError):
            self.selector.unregister(self._sock)
        with contextlib.suppress(OSError):
            if politely and self.session is not None and not self._outbox:
                self._sock.send(b"QUIT\r\n")
        with contextlib.suppress(OSError):
            self._sock.close()

    def _connect(self, now: float) -> None:
        """Begin to connect to the next of the server's addresses that there is a way to."""
        while True:
            family, kind, proto, _name, address = self._addresses.pop(0)
            try:
                self._sock = _connecting(socket.socket(family, kind, proto), address)
                break
            except OSError:
                if not self._addresses:
                    raise
        self.deadline = now + (NEXT_ADDRESS if self._addresses else OPENING_TIMEOUT)
        self._interest = selectors.EVENT_WRITE  # writable: connected, or not
        self._connecting = True
        self.selector.register(self._sock, self._interest, self)

    def _connected(self, now: float) -> None:
        error = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error and self._addresses:
            self.close()
            self._connect(now)
            return
        if error:
            raise OSError(error, os.strerror(error))
        self._connecting = False
        self.deadline = now + OPENING_TIMEOUT
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._watch(selectors.EVENT_READ)
        if self.server.tls == "tls":
            self._secure()
        next(self._dialogue)

    def _secure(self) -> None:
        context = ssl.create_default_context(cafile=self.server.ca or None)
        self.selector.unregister(self._sock)
        self._sock = context.wrap_socket(
            self._sock, server_hostname=self.server.host, do_handshake_on_connect=False
        )
        self._interest = selectors.EVENT_READ | selectors.EVENT_WRITE
        self.selector.register(self._sock, self._interest, self)
        self._handshaking = True

    def _handshake(self) -> None:
        if isinstance(self._sock, ssl.SSLSocket):
            self._sock.do_handshake()
        self._handshaking = False
        self._secured = True
        self._watch(selectors.EVENT_READ)
        if self.server.tls == "starttls":
            self._say(self._dialogue.send(Reply(220, ())))

    def _talk(self, now: float) -> None:
        """Listen first: a server that won't take the rest of a message may have said why."""
        try:
            self._read(now)
        except (ssl.SSLWantReadError, BlockingIOError):
            self._watch(selectors.EVENT_READ)
        if self._outbox:
            self._write()

    def _hear_last_words(self, now: float) -> None:
        """What the server said before it hung up on us."""
        with contextlib.suppress(OSError, BrokenError):
            self._read(now)

    def _read(self, now: float) -> None:
        while octets := self._sock.recv(PIECE):
            for reply in self._replies.feed(octets):
                self._hear(reply, now)
            if self._replies.nonsense:
                raise BrokenError(self._replies.nonsense)
            if self._handshaking or not isinstance(self._sock, ssl.SSLSocket):
                return  # plain sockets tell again when there is more; TLS may hold it back
        if not octets:
            raise BrokenError("the server closed the connection")

    def _hear(self, reply: Reply, now: float) -> None:
        self.deadline = now + TIMEOUT
        if self.session is not None:
            if self.session.waits_for_dot and not self.dot_gone:
                self.session.cut_short(reply)
            else:
                self.session.heard(reply)
            return
        if self._handshaking:
            raise BrokenError("the server said something between STARTTLS and TLS")
        try:
            self._say(self._dialogue.send(reply))
        except StopIteration as end:
            ready: Ready = end.value
            self.session = Session(ready.offers, most=self.most)

    def _say(self, words: object) -> None:
        if words is SECURE:
            if not self._replies.empty:  # CVE-2011-0411: answers slipped in before TLS
                raise BrokenError("the server said something between STARTTLS and TLS")
            self._secure()
        elif isinstance(words, bytes) and words:
            self._outbox = memoryview(words)
            self._write()

    def _write(self) -> None:
        while self._outbox:
            sent = self._sock.send(self._outbox[:RECORD])
            self._outbox = self._outbox[sent:]
        self._watch(selectors.EVENT_READ)

    def _watch(self, interest: int) -> None:
        if self._outbox:
            interest |= selectors.EVENT_WRITE
        if interest != self._interest:
            self._interest = interest
            self.selector.modify(self._sock, interest, self)


def _connecting(sock: socket.socket, address: Any) -> socket.socket:
    sock.setblocking(False)
    error = sock.connect_ex(address)
    if error not in (0, errno.EINPROGRESS):
        sock.close()
        raise OSError(error, os.strerror(error))
    return sock


def own_name() -> str:
    """What we call ourselves to the server: this machine's name, or its address (RFC 5321, section 4.1.3)."""
    name = socket.gethostname()
    return name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "[127.0.0.1]"
