"""One non-blocking connection to a mail server, with the SMTP session on it. A selector says when it can go on."""

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

from digest.mail.pure.handshake import (
    START_TLS,
    HandshakeError,
    HandshakeSteps,
    run_handshake,
)
from digest.mail.pure.replies import Reply, ReplyParser
from digest.mail.pure.servers import Server, TlsMode
from digest.mail.pure.session import ServerExtensions, SmtpSession

# Seconds to wait for a reply. RFC 5321 (4.5.3.2) allows five minutes for most replies and ten after the final dot. A
# server that needs so long is too slow for thousands of mails. The wait after the final dot is longer, as giving up
# then leaves a mail in doubt.
HANDSHAKE_TIMEOUT = 30.0
ADDRESS_TIMEOUT = 5.0  # for connecting while the server has other addresses: this one may be unreachable
REPLY_TIMEOUT = 60.0
DOT_TIMEOUT = 240.0
READ_SIZE = 65536  # octets read at once
WRITE_SIZE = 16384  # octets written at once: one TLS record (RFC 8446, 5.1), so that partial writes are counted exactly

AddrInfo = tuple[int, int, int, str, Any]  # an item of the list that `getaddrinfo` returns


class ConnectionBrokenError(Exception):
    """The connection can't be used any more; the message is the reason."""


@dataclass(eq=False)
class Connection:
    """A connection from connecting to closing. `session` is set when the handshake is done and mails may follow."""

    server: Server
    selector: selectors.BaseSelector
    max_messages: int  # mails over this connection
    now: float
    addresses: Sequence[AddrInfo] = ()  # the server's addresses; empty: resolve its host name
    session: SmtpSession | None = None
    unsaved_outcomes: int = 0  # of its mails; no message is sent before they are saved

    def __post_init__(self) -> None:
        self._replies = ReplyParser()
        self._unsent = memoryview(b"")
        self._octets_after_dot = 0
        self._in_tls_handshake = False
        try:
            token = Path(self.server.token_file).read_text().strip() if self.server.token_file else ""
            self._handshake_steps: HandshakeSteps = run_handshake(
                self.server, ehlo_name=ehlo_name(), access_token=token
            )
            addresses = self.addresses or socket.getaddrinfo(
                self.server.host, self.server.port, type=socket.SOCK_STREAM
            )
            self._addresses: list[Any] = list(addresses)
            self._connect(self.now)
        except OSError as error:
            raise ConnectionBrokenError(str(error)) from error

    @property
    def final_dot_sent(self) -> bool:
        """Whether all octets up to the last final dot were written to the socket."""
        return len(self._unsent) <= self._octets_after_dot

    def handle_ready(self, now: float) -> None:
        """Continue, because the selector reports that the socket is ready. Raises ConnectionBrokenError."""
        try:
            if self._is_connecting:
                self._finish_connecting(now)
            elif self._in_tls_handshake:
                self._continue_tls()
            else:
                self._exchange(now)
        except (ssl.SSLWantReadError, BlockingIOError):
            self._wait_for(selectors.EVENT_READ)
        except ssl.SSLWantWriteError:
            self._wait_for(selectors.EVENT_READ | selectors.EVENT_WRITE)
        except (OSError, HandshakeError) as error:
            raise ConnectionBrokenError(str(error) or type(error).__name__) from error

    def check_timeout(self, now: float) -> None:
        """Raise ConnectionBrokenError if the server has been silent for too long.

        While connecting, the next of its addresses is tried first.
        """
        if now <= self.deadline:
            return
        if not (self._is_connecting and self._addresses):
            raise ConnectionBrokenError("no answer in time")
        self.close()
        try:
            self._connect(now)
        except OSError as error:
            raise ConnectionBrokenError(str(error)) from error

    def flush(self, now: float) -> None:
        """Write what the session has to send. Raises ConnectionBrokenError."""
        session = self.session
        if session is None or not session.outgoing:
            return
        self._octets_after_dot = session.octets_after_dot
        self.deadline = now + (DOT_TIMEOUT if session.awaits_dot_reply else REPLY_TIMEOUT)
        chunks, session.outgoing = session.outgoing, []
        try:
            self._send(chunks)
        except OSError as error:
            self._read_last_reply(now)
            raise ConnectionBrokenError(str(error)) from error

    def close(self, *, send_quit: bool = False) -> None:
        """Close the connection; `send_quit` sends QUIT first if that needs no waiting."""
        with contextlib.suppress(KeyError, ValueError):
            self.selector.unregister(self._sock)
        with contextlib.suppress(OSError):
            if send_quit and self.session is not None and not self._unsent:
                self._sock.send(b"QUIT\r\n")
        with contextlib.suppress(OSError):
            self._sock.close()

    def _connect(self, now: float) -> None:
        """Start to connect to the next address of the server that has a route."""
        while True:
            family, kind, proto, _name, address = self._addresses.pop(0)
            try:
                self._sock = _start_connecting(socket.socket(family, kind, proto), address)
                break
            except OSError:
                if not self._addresses:
                    raise
        self.deadline = now + (ADDRESS_TIMEOUT if self._addresses else HANDSHAKE_TIMEOUT)
        self._interest = selectors.EVENT_WRITE  # writable means that connecting has succeeded or failed
        self._is_connecting = True
        self.selector.register(self._sock, self._interest, self)

    def _finish_connecting(self, now: float) -> None:
        error = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error and self._addresses:
            self.close()
            self._connect(now)
            return
        if error:
            raise OSError(error, os.strerror(error))
        self._is_connecting = False
        self.deadline = now + HANDSHAKE_TIMEOUT
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._wait_for(selectors.EVENT_READ)
        if self.server.tls is TlsMode.TLS:
            self._start_tls()
        next(self._handshake_steps)

    def _start_tls(self) -> None:
        context = ssl.create_default_context(cafile=self.server.ca or None)
        self.selector.unregister(self._sock)
        self._sock = context.wrap_socket(
            self._sock, server_hostname=self.server.host, do_handshake_on_connect=False
        )
        self._interest = selectors.EVENT_READ | selectors.EVENT_WRITE
        self.selector.register(self._sock, self._interest, self)
        self._in_tls_handshake = True

    def _continue_tls(self) -> None:
        if isinstance(self._sock, ssl.SSLSocket):
            self._sock.do_handshake()
        self._in_tls_handshake = False
        self._wait_for(selectors.EVENT_READ)
        if self.server.tls is TlsMode.STARTTLS:
            self._take_handshake_step(self._handshake_steps.send(Reply(220, ())))

    def _exchange(self, now: float) -> None:
        """Read before writing, because a server that takes no more of a message may have replied why."""
        try:
            self._read(now)
        except (ssl.SSLWantReadError, BlockingIOError):
            self._wait_for(selectors.EVENT_READ)
        if self._unsent:
            self._write()

    def _read_last_reply(self, now: float) -> None:
        """Handle the reply that the server may have sent before it closed the connection."""
        with contextlib.suppress(OSError, ConnectionBrokenError):
            self._read(now)

    def _read(self, now: float) -> None:
        while octets := self._sock.recv(READ_SIZE):
            for reply in self._replies.feed(octets):
                self._handle_reply(reply, now)
            if self._replies.error:
                raise ConnectionBrokenError(self._replies.error)
            if self._in_tls_handshake or not isinstance(self._sock, ssl.SSLSocket):
                return  # the selector reports further octets, except those that TLS has buffered
        if not octets:
            raise ConnectionBrokenError("the server closed the connection")

    def _handle_reply(self, reply: Reply, now: float) -> None:
        self.deadline = now + REPLY_TIMEOUT
        if self.session is not None:
            if self.session.awaits_dot_reply and not self.final_dot_sent:
                self.session.handle_early_reply(reply)
            else:
                self.session.handle_reply(reply)
            return
        if self._in_tls_handshake:
            raise ConnectionBrokenError("the server sent something between STARTTLS and TLS")
        try:
            self._take_handshake_step(self._handshake_steps.send(reply))
        except StopIteration as end:
            extensions: ServerExtensions = end.value
            self.session = SmtpSession(extensions, max_messages=self.max_messages)

    def _take_handshake_step(self, step: object) -> None:
        if step is START_TLS:
            if not self._replies.empty:  # CVE-2011-0411: replies injected before TLS
                raise ConnectionBrokenError("the server sent something between STARTTLS and TLS")
            self._start_tls()
        elif isinstance(step, bytes) and step:
            self._unsent = memoryview(step)
            self._write()

    def _send(self, chunks: list[bytes]) -> None:
        """Write chunks, or keep what the socket does not take yet."""
        try:
            # Nearly always the socket takes all at once; only a remainder is joined and written later.
            sent = 0 if self._unsent or isinstance(self._sock, ssl.SSLSocket) else self._sock.sendmsg(chunks)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._unsent = memoryview(b"".join(chunks))  # so that the final dot does not count as sent
            raise
        if sent == sum(map(len, chunks)):
            return
        self._unsent = memoryview(b"".join([self._unsent, *chunks])[sent:])
        try:
            self._write()
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError, BlockingIOError):
            self._wait_for(selectors.EVENT_READ | selectors.EVENT_WRITE)

    def _write(self) -> None:
        while self._unsent:
            sent = self._sock.send(self._unsent[:WRITE_SIZE])
            self._unsent = self._unsent[sent:]
        self._wait_for(selectors.EVENT_READ)

    def _wait_for(self, interest: int) -> None:
        if self._unsent:
            interest |= selectors.EVENT_WRITE
        if interest != self._interest:
            self._interest = interest
            self.selector.modify(self._sock, interest, self)


def _start_connecting(sock: socket.socket, address: Any) -> socket.socket:
    sock.setblocking(False)
    error = sock.connect_ex(address)
    if error not in (0, errno.EINPROGRESS):
        sock.close()
        raise OSError(error, os.strerror(error))
    return sock


def ehlo_name() -> str:
    """The name for EHLO: this machine's name, or else an address literal (RFC 5321, section 4.1.3)."""
    name = socket.gethostname()
    return name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "[127.0.0.1]"
