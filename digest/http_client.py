"""Requests to addresses that an operator has set: no redirects, a deadline, and private addresses only if allowed."""

import http.client
import socket
import string
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from digest.errors import UnavailableError
from digest.sources.http.connect import Deadline, PrivateAddressError, connect, tls_context

TIME_LIMIT = 15.0  # seconds for a whole request
CONNECT_TIME_LIMIT = 5.0
MAX_ANSWER = 64 * 1024  # octets that are read of an answer
DEFAULT_PORTS = {"http": 80, "https": 443}
CONTROLS = frozenset(map(chr, range(33))) | {"\x7f"}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The status and the beginning of the body of an answer."""

    status: int
    body: bytes

    @property
    def succeeded(self) -> bool:
        """Whether the request was done."""
        return 200 <= self.status < 300


def send_request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    most: int = MAX_ANSWER,
    allowed_private_hosts: frozenset[str] = frozenset(),
) -> HttpAnswer:
    """Send one request, and read at most `most` octets of the answer's body; with 0 only its status is waited for.

    `allowed_private_hosts` are host:port pairs that may be on a private network. Raises UnavailableError.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
        # Only what is not ASCII is encoded: http.client refuses it.
        target = quote(
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=string.punctuation
        )
    except ValueError as error:  # "http://[", a port over 65535, or half of a surrogate pair
        raise UnavailableError(f"the address can't be asked: {error}") from error
    if not host or not port or CONTROLS & set(url):
        raise UnavailableError(f"{host or 'the address'} can't be asked: it is no http or https address")
    connection = http.client.HTTPConnection(host, port)
    try:
        with Deadline(TIME_LIMIT) as deadline:
            connection.sock = _connect(parts.scheme, host, port, deadline, allowed_private_hosts)
            connection.request(
                method, target, body=body, headers={"User-Agent": "Dateline", **(headers or {})}
            )
            response = connection.getresponse()
            return HttpAnswer(response.status, response.read(most) if most else b"")
    except PrivateAddressError as error:
        advice = f"to allow it, add {host}:{port} to FETCH_ALLOW"
        raise UnavailableError(f"{host} is not on the public internet ({error}); {advice}") from error
    except (OSError, http.client.HTTPException) as error:
        raise UnavailableError(f"{host} can't be reached: {error or type(error).__name__}") from error
    finally:
        connection.close()


def _connect(
    scheme: str, host: str, port: int, deadline: Deadline, allowed_private_hosts: frozenset[str]
) -> socket.socket:
    allow_private = f"{host}:{port}".lower() in allowed_private_hosts
    sock = connect(host, port, allow_private=allow_private, timeout=CONNECT_TIME_LIMIT)
    deadline.watch(sock)
    sock.settimeout(deadline.remaining())
    if scheme != "https":
        return sock
    try:
        return tls_context().wrap_socket(sock, server_hostname=host)
    except OSError:
        sock.close()
        raise
