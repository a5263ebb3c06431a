"""A gunicorn worker that slow clients can't stop: a request takes a thread only once all of it has arrived.

gunicorn's threaded worker reads a request in one of its threads, so as many half-sent requests as there are threads
stop it. A proxy that buffers requests protects it too; this worker also holds without one. Use it by
`--worker-class digest.web_server.BufferedThreadWorker`.

A thread never waits for a client's octets. Where gunicorn expects more than this module did, it finds the end of the
connection, and the connection is closed after the response. So the two need not agree about odd requests.
"""

import errno
import selectors
import socket
import time
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from digest.request_framing import RequestProgress

READ_SIZE = 64 * 1024  # octets read from a connection at a time
SEND_BUFFER = 512 * 1024  # octets; a page fits, so that a client which reads slowly holds no thread
RETRIED_ERRORS = (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK)
NO_ROOM_ERRORS = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class BufferedSocket:
    """A socket whose request has been read already. Sending has a limit of time; receiving never waits."""

    def __init__(self, client: socket.socket, time_limit: float) -> None:
        self._client, self._time_limit = client, time_limit
        self.buffered = bytearray()
        self.progress = RequestProgress()
        self.counted = 0  # octets that the worker counts for this connection
        self.is_short = False  # whether gunicorn expected more octets than have arrived

    def read_available(self) -> bool:
        """Buffer what has arrived, without waiting; false if the client has closed the connection."""
        self._client.setblocking(False)
        try:
            octets = self._client.recv(READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return True
        self.buffered += octets
        return bool(octets)

    def recv(self, size: int, flags: int = 0) -> bytes:  # noqa: ARG002  -- as for a socket
        """Up to `size` of the buffered octets; none at their end, as if the client had closed the connection."""
        octets = bytes(self.buffered[:size])
        del self.buffered[:size]
        self.is_short = self.is_short or not octets
        return octets

    def sendall(self, octets: bytes, flags: int = 0) -> None:
        """Send all of `octets`."""
        try:
            self._client.sendall(octets, flags)
        except TimeoutError:  # gunicorn would log a traceback for each client that goes away
            raise ConnectionResetError(errno.ECONNRESET, "the client was too slow") from None

    def setblocking(self, blocking: bool) -> None:
        """As for a socket, but never without a limit of time."""
        self._client.settimeout(self._time_limit if blocking else 0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


class BufferedThreadWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's threaded worker, with requests that are read before they take a thread."""

    REQUEST_TIME = 20.0  # seconds in which all of a request must arrive
    RESPONSE_TIME = 20.0  # seconds in which a client must take each part of the response
    MOST_OCTETS = (
        64 * 1024 * 1024
    )  # buffered for all connections; beyond it the oldest incomplete requests are dropped

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reading_conns: deque[Any] = deque()  # their requests are arriving, oldest first
        self.octets = 0

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, and wait for its request without a thread. The oldest idle one makes room for it."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in NO_ROOM_ERRORS:
                self._make_room()
            elif error.errno not in RETRIED_ERRORS:
                raise
            return
        self.nr_conns += 1
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        buffered = BufferedSocket(client, self.RESPONSE_TIME)
        conn = TConn(self.cfg, buffered, address, listener.getsockname())
        conn.data_ready = True  # whenever it gets a thread
        self._read_request(conn)
        if self.nr_conns >= self.worker_connections:  # gunicorn accepts none then
            self._make_room()

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """Read the next request of a connection that was kept alive."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._read_request(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """After a response: if the next request has arrived with the last one, begin with it."""
        if conn.parser is not None:  # what gunicorn has read of the next request
            conn.sock.buffered[:0] = conn.parser.unreader.take_buffered()
        super().finish_request(conn, fs)
        self._count_octets(conn)
        if conn in self.keepalived_conns:
            if conn.sock.buffered:
                self.on_client_socket_readable(conn, conn.sock)
        else:
            self._forget_octets(conn)

    def murder_pending(self) -> None:
        """Also close connections whose request does not arrive in time."""
        super().murder_pending()
        while self.reading_conns and self.reading_conns[0].timeout <= time.monotonic():
            self._stop_reading(self.reading_conns[0])

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        """A connection whose request was shorter than announced is closed: the rest would look like a new request."""
        return bool(super()._keepalive_after(conn, keepalive)) and not conn.sock.is_short

    def _read_request(self, conn: Any) -> None:
        conn.timeout = time.monotonic() + self.REQUEST_TIME
        conn.sock.progress = RequestProgress()
        self.reading_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_octets, conn))
        self._on_octets(conn, conn.sock)

    def _on_octets(self, conn: Any, _socket: Any) -> None:
        if conn not in self.reading_conns:
            return  # it was closed to make room, after the poller had reported it
        try:
            is_open = conn.sock.read_available()
        except OSError:
            is_open = False
        self._count_octets(conn)
        if conn.sock.progress.is_complete(conn.sock.buffered):
            self.poller.unregister(conn.sock)
            self.reading_conns.remove(conn)
            self.enqueue_req(conn)
        elif not is_open:
            self._stop_reading(conn)
        while self.octets > self.MOST_OCTETS and self.reading_conns:
            self._stop_reading(self.reading_conns[0])

    def _make_room(self) -> None:
        """Close the connection that has waited longest for octets of its client; there may be none."""
        if self.reading_conns:
            self._stop_reading(self.reading_conns[0])
        elif self.keepalived_conns:
            conn = self.keepalived_conns.popleft()
            with suppress(OSError, KeyError, ValueError):
                self.poller.unregister(conn.sock)
            self._close(conn)

    def _stop_reading(self, conn: Any) -> None:
        self.poller.unregister(conn.sock)
        self.reading_conns.remove(conn)
        self._close(conn)

    def _close(self, conn: Any) -> None:
        self._forget_octets(conn)
        self.nr_conns -= 1
        conn.close()

    def _count_octets(self, conn: Any) -> None:
        self.octets += len(conn.sock.buffered) - conn.sock.counted
        conn.sock.counted = len(conn.sock.buffered)

    def _forget_octets(self, conn: Any) -> None:
        self.octets -= conn.sock.counted
        conn.sock.counted = 0
