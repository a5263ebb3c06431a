"""TCP connections to hosts that other people name: only to public addresses, and only until a deadline."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any, Self

from digest.sources.pure.urls import is_public_ip

ResolvedAddresses = list[tuple[Any, ...]]  # as getaddrinfo returns them
Resolver = Callable[[str, int, float], ResolvedAddresses]  # host, port, seconds
MAX_ADDRESSES = 8  # of one name that are tried


class PrivateAddressError(OSError):
    """The host's address is not on the public internet."""


class Deadline:
    """When the time is over, shuts down every socket that it watches.

    A socket's own timeout is not enough: it starts anew with each byte.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._start = time.monotonic()
        self._end = self._start + seconds
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._shut_down_all)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        for sock in self._sockets:
            sock.close()

    @property
    def expired(self) -> bool:
        """Whether the time is over. Reads the clock, because the timer comes late on a busy machine."""
        return time.monotonic() >= self._end

    @property
    def elapsed(self) -> float:
        """The seconds since the start."""
        return time.monotonic() - self._start

    def remaining(self) -> float:
        """The seconds left, never 0, because a socket takes 0 for "do not block"."""
        return max(self._end - time.monotonic(), 0.001)

    def watch(self, sock: socket.socket) -> None:
        """Shut `sock` down when the time is over. Keeps a duplicate, which works even after TLS has wrapped `sock`."""
        self._sockets.append(sock.dup())
        if self.expired:
            self._shut_down_all()

    def _shut_down_all(self) -> None:
        for sock in list(self._sockets):
            with suppress(OSError):  # it may have been closed in the meantime
                sock.shutdown(socket.SHUT_RDWR)


def connect(
    host: str, port: int, *, allow_private: bool, timeout: float, resolve: Resolver | None = None
) -> socket.socket:
    """A TCP connection to the first address of `host` that answers; `timeout` seconds are for all addresses together.

    Only public addresses are tried, unless `allow_private`. The very address that was checked is connected to, so a
    name that resolves differently the next time, an odd spelling of an address or a redirect cannot evade the check.
    Raises `PrivateAddressError`, `TimeoutError`, `OSError`.
    """
    resolve = resolve or _resolve
    last_error: OSError = OSError("the name has no addresses")
    end = time.monotonic() + timeout
    addresses = resolve(host, port, timeout)[:MAX_ADDRESSES]
    for position, (family, kind, protocol, _, address) in enumerate(addresses, start=1):
        if not (allow_private or is_public_ip(address[0])):
            last_error = PrivateAddressError(address[0])
            continue
        sock = socket.socket(family, kind, protocol)
        try:
            # An address that never answers must leave time for the next: often IPv6 hangs where IPv4 would answer.
            seconds_left = max(end - time.monotonic(), 0.001)
            sock.settimeout(seconds_left if position == len(addresses) else seconds_left / 2)
            sock.connect(address)
        except OSError as error:
            sock.close()
            last_error = error
        else:
            return sock
    raise last_error


def _resolve(host: str, port: int, timeout: float) -> ResolvedAddresses:
    """Call getaddrinfo in its own thread, because it can hang for a minute and has no timeout."""
    results: list[ResolvedAddresses] = []
    errors: list[OSError] = []

    def look_up() -> None:
        try:
            results.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            errors.append(error)
        except UnicodeError:
            errors.append(socket.gaierror(f"{host!r} is not a host name"))

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(timeout)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError("the name was not resolved in time")
    return results[0]


@cache
def tls_context() -> ssl.SSLContext:
    """The context of all connections. It is made for the first one: reading the trusted certificates takes 90 ms."""
    return ssl.create_default_context()
