"""Connections to addresses that strangers name: only to public ones, and never beyond a deadline."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

from digest.sources.pure.urls import is_public

Resolved = list[tuple[Any, ...]]  # what getaddrinfo answers
Resolve = Callable[[str, int, float], Resolved]  # host, port, seconds
MOST_ADDRESSES = 8  # of a name that are tried


class PrivateAddressError(OSError):
    """The host's address is not on the public internet."""


class Deadline:
    """Ends every connection it watches when the time is over: a socket's own timeout starts anew with each byte."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end_all)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        for handle in self._sockets:
            handle.close()

    @property
    def passed(self) -> bool:
        """Whether the time is over; by the clock, because on a busy machine the timer comes late."""
        return time.monotonic() >= self._end

    def remaining(self) -> float:
        """Seconds left; never quite 0, which would mean "do not block" to a socket."""
        return max(self._end - time.monotonic(), 0.001)

    def watch(self, sock: socket.socket) -> None:
        """Shut `sock` down when the time is over, also after TLS has taken it over (hence a duplicate)."""
        self._sockets.append(sock.dup())
        if self.passed:
            self._end_all()

    def _end_all(self) -> None:
        for handle in list(self._sockets):
            with suppress(OSError):  # it may have been closed in the meantime
                handle.shutdown(socket.SHUT_RDWR)


def connect(
    host: str, port: int, *, allowed: bool, timeout: float, resolve: Resolve | None = None
) -> socket.socket:
    """A TCP connection to the first address of `host` that answers within `timeout` seconds in all; only public
    ones unless `allowed`.

    The address checked is the one connected to, so a name that resolves differently the next time, an odd
    spelling of an address or a redirect gains nothing. Raises `PrivateAddressError`, `TimeoutError`, `OSError`.
    """
    resolve = resolve or _resolve
    problem: OSError = OSError("the name has no addresses")
    end = time.monotonic() + timeout
    found = resolve(host, port, timeout)[:MOST_ADDRESSES]
    for place, (family, kind, protocol, _, address) in enumerate(found, start=1):
        if not (allowed or is_public(address[0])):
            problem = PrivateAddressError(address[0])
            continue
        sock = socket.socket(family, kind, protocol)
        try:
            # An address that swallows everything must leave time for the next: often IPv6 does, and IPv4 would answer.
            left = max(end - time.monotonic(), 0.001)
            sock.settimeout(left if place == len(found) else left / 2)
            sock.connect(address)
        except OSError as error:
            sock.close()
            problem = error
        else:
            return sock
    raise problem


def _resolve(host: str, port: int, timeout: float) -> Resolved:
    """getaddrinfo in a thread of its own, because it can hang for a minute and takes no timeout."""
    answers: list[Resolved] = []
    problems: list[OSError] = []

    def ask() -> None:
        try:
            answers.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            problems.append(error)
        except UnicodeError:
            problems.append(socket.gaierror(f"{host!r} is not a host name"))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(timeout)
    if problems:
        raise problems[0]
    if not answers:
        raise TimeoutError("the name was not resolved in time")
    return answers[0]
