"""One connection to a mail server: the socket under a session, never waiting. A selector says when it may go on."""

import contextlib
import os
import selectors
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from digest.mail.opening import SECURE, Dialogue, Ready, TurnedAwayError, dialogue
from digest.mail.replies import NotSmtpError, Replies, Reply
from digest.mail.servers import Server
from digest.mail.session import Session

# Seconds for an answer. RFC 5321 (4.5.3.2) allows five minutes for most and ten for the last dot, but a server that
# needs so long is not one to send thousands of mails to; after the last dot giving up leaves a doubt, so it gets more.
OPENING_TIMEOUT = 30.0
TIMEOUT = 60.0
DOT_TIMEOUT = 240.0
PIECE = 65536  # octets read at once


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
    session: Session | None = None

    def __post_init__(self) -> None:
        self._replies = Replies()
        self._outbox = memoryview(b"")
        self._behind_dot = 0
        self._secured = self.server.tls == "none"
        self._handshaking = False
        self.deadline = self.now + OPENING_TIMEOUT
        try:
            token = Path(self.server.token_file).read_text().strip() if self.server.token_file else ""
            self._dialogue: Dialogue = dialogue(self.server, name=own_name(), token=token)
            self._addresses = socket.getaddrinfo(self.server.host, self.server.port, type=socket.SOCK_STREAM)
            self._connect()
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
                self._connected()
            elif self._handshaking:
                self._handshake()
            else:
                if self._outbox:
                    self._write()
                self._read(now)
        except (ssl.SSLWantReadError, BlockingIOError):
            self._watch(selectors.EVENT_READ)
        except ssl.SSLWantWriteError:
            self._watch(selectors.EVENT_READ | selectors.EVENT_WRITE)
        except (OSError, NotSmtpError) as error:
            raise BrokenError(str(error) or type(error).__name__) from error
        except TurnedAwayError as error:
            raise BrokenError(str(error), busy=error.busy) from error

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
            raise BrokenError(str(error)) from error
        if sent == sum(map(len, words)):
            return
        self._outbox = memoryview(b"".join([self._outbox, *words])[sent:])
        try:
            self._write()
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError, BlockingIOError):
            self._watch(selectors.EVENT_READ | selectors.EVENT_WRITE)
        except OSError as error:
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

    def _connect(self) -> None:
        """Begin to connect to the next of the server's addresses."""
        family, kind, proto, _name, address = self._addresses.pop(0)
        self._sock = socket.socket(family, kind, proto)
        self._sock.setblocking(False)
        self._sock.connect_ex(address)
        self._interest = selectors.EVENT_WRITE  # writable: connected, or not
        self._connecting = True
        self.selector.register(self._sock, self._interest, self)

    def _connected(self) -> None:
        error = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error and self._addresses:
            self.close()
            self._connect()
            return
        if error:
            raise OSError(error, os.strerror(error))
        self._connecting = False
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

    def _read(self, now: float) -> None:
        while octets := self._sock.recv(PIECE):
            for reply in self._replies.feed(octets):
                self._hear(reply, now)
            if self._handshaking or not isinstance(self._sock, ssl.SSLSocket):
                return  # plain sockets tell again when there is more; TLS may hold it back
        if not octets:
            raise BrokenError("the server closed the connection")

    def _hear(self, reply: Reply, now: float) -> None:
        self.deadline = now + TIMEOUT
        if self.session is not None:
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
            sent = self._sock.send(self._outbox)
            self._outbox = self._outbox[sent:]
        self._watch(selectors.EVENT_READ)

    def _watch(self, interest: int) -> None:
        if self._outbox:
            interest |= selectors.EVENT_WRITE
        if interest != self._interest:
            self._interest = interest
            self.selector.modify(self._sock, interest, self)


def own_name() -> str:
    """What we call ourselves to the server: this machine's name, or its address (RFC 5321, section 4.1.3)."""
    name = socket.gethostname()
    return name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "[127.0.0.1]"
