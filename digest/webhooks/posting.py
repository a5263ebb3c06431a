"""Posts to an address that an operator has set: no redirects, a deadline, and private addresses only if allowed."""

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.sources.http.connect import Deadline, PrivateAddressError, connect

TIME_LIMIT = 15.0  # seconds for a whole request
CONNECT_TIME_LIMIT = 5.0
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """What came of a post: the status, or None and the reason why there is none."""

    status: int | None
    reason: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the receiver has taken the message."""
        return self.status is not None and 200 <= self.status < 300


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allowed_private_hosts: frozenset[str] = frozenset()
) -> PostAnswer:
    """Post a message. `allowed_private_hosts` are host:port pairs that may be on a private network."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(host, port)
    try:
        with Deadline(TIME_LIMIT) as deadline:
            allow_private = f"{host}:{port}".lower() in allowed_private_hosts
            connection.sock = _connect(parts.scheme, host, port, deadline, allow_private=allow_private)
            connection.request("POST", target, body=body, headers={"User-Agent": "Dateline", **headers})
            status = connection.getresponse().status
    except PrivateAddressError as error:
        advice = f"to allow it, add {host}:{port} to FETCH_ALLOW"
        return PostAnswer(None, f"{host} is not on the public internet ({error}); {advice}")
    except (OSError, ValueError, http.client.HTTPException) as error:
        return PostAnswer(None, f"{host} can't be reached: {error or type(error).__name__}")
    finally:
        connection.close()
    return PostAnswer(status, "" if 200 <= status < 300 else f"{host} answered {status}")


def _connect(scheme: str, host: str, port: int, deadline: Deadline, *, allow_private: bool) -> socket.socket:
    sock = connect(host, port, allow_private=allow_private, timeout=CONNECT_TIME_LIMIT)
    deadline.watch(sock)
    sock.settimeout(deadline.remaining())
    if scheme != "https":
        return sock
    try:
        return ssl.create_default_context().wrap_socket(sock, server_hostname=host)
    except OSError:
        sock.close()
        raise
