"""A gunicorn worker that slow clients can't stop: a request takes a thread only once all of it has arrived.

gunicorn's threaded worker reads a request in one of its threads, so as many half-sent requests as there are threads
stop it. A proxy that buffers requests protects it too; this worker also holds without one. Use it by
`--worker-class digest.web_server.BufferedThreadWorker`.
"""

import errno
import re
import selectors
import socket
import time
from collections import deque
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

READ_SIZE = 64 * 1024  # octets read from a connection at a time
MAX_BUFFERED = (
    3 * 1024 * 1024
)  # octets; more than the largest upload. A longer request is refused by the application
SEND_BUFFER = 512 * 1024  # octets; a page fits, so that a client which reads slowly holds no thread
HEADER_END = b"\r\n\r\n"
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)


def is_complete(request: bytes | bytearray) -> bool:
    """Whether all of a request has arrived, or so much that the application will refuse it."""
    header_end = request.find(HEADER_END)
    if len(request) >= MAX_BUFFERED:
        return True
    if header_end < 0:
        return False
    header = bytes(request[: header_end + 2])
    if CHUNKED.search(header):
        return request.endswith(b"\r\n0\r\n\r\n")
    length = CONTENT_LENGTH.search(header)
    body_length = int(length[1]) if length else 0
    return body_length > MAX_BUFFERED or len(request) >= header_end + len(HEADER_END) + body_length


class BufferedSocket:
    """A socket whose first octets have been read already. Waiting for the client has a limit of time."""

    def __init__(self, client: socket.socket, time_limit: float) -> None:
        self._client, self._time_limit = client, time_limit
        self.buffered = bytearray()

    def read_available(self) -> bool:
        """Buffer what has arrived, without waiting; false if the client has closed the connection."""
        self._client.setblocking(False)
        try:
            octets = self._client.recv(READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return True
        self.buffered += octets
        return bool(octets)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Up to `size` octets, the buffered ones first."""
        if not self.buffered:
            return self._within_limit(self._client.recv, size, flags)  # type: ignore[no-any-return]
        octets = bytes(self.buffered[:size])
        del self.buffered[:size]
        return octets

    def sendall(self, octets: bytes, flags: int = 0) -> None:
        """Send all of `octets`."""
        self._within_limit(self._client.sendall, octets, flags)

    def setblocking(self, blocking: bool) -> None:
        """As for a socket, but never without a limit of time."""
        self._client.settimeout(self._time_limit if blocking else 0)

    def _within_limit(self, call: Any, *args: Any) -> Any:
        try:
            return call(*args)
        except TimeoutError:  # gunicorn would log a traceback for each client that goes away
            raise ConnectionResetError(errno.ECONNRESET, "the client was too slow") from None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


class BufferedThreadWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's threaded worker, with requests that are read before they take a thread."""

    REQUEST_TIME = 20.0  # seconds in which all of a request must arrive
    RESPONSE_TIME = 20.0  # seconds in which a client must take each part of the response

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reading_conns: deque[Any] = deque()  # their requests are arriving, oldest first

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, and wait for its request without a thread."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        buffered = BufferedSocket(client, self.RESPONSE_TIME)
        conn = TConn(self.cfg, buffered, address, listener.getsockname())
        conn.data_ready = True  # whenever it gets a thread
        self._read_request(conn)

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """Read the next request of a connection that was kept alive."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._read_request(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """After a response: if the next request has arrived with the last one, begin with it."""
        super().finish_request(conn, fs)
        if conn.sock.buffered and conn in self.keepalived_conns:
            self.on_client_socket_readable(conn, conn.sock)

    def murder_pending(self) -> None:
        """Also close connections whose request does not arrive in time."""
        super().murder_pending()
        while self.reading_conns and self.reading_conns[0].timeout <= time.monotonic():
            self._stop_reading(self.reading_conns[0])

    def _read_request(self, conn: Any) -> None:
        conn.timeout = time.monotonic() + self.REQUEST_TIME
        self.reading_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_octets, conn))
        self._on_octets(conn, conn.sock)

    def _on_octets(self, conn: Any, _socket: Any) -> None:
        try:
            is_open = conn.sock.read_available()
        except OSError:
            is_open = False
        if is_complete(conn.sock.buffered):
            self.poller.unregister(conn.sock)
            self.reading_conns.remove(conn)
            self.enqueue_req(conn)
        elif not is_open:
            self._stop_reading(conn)

    def _stop_reading(self, conn: Any) -> None:
        self.poller.unregister(conn.sock)
        self.reading_conns.remove(conn)
        self.nr_conns -= 1
        conn.close()
