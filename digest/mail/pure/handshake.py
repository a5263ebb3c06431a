"""The opening of an SMTP connection, from the banner to where mails may follow, without a socket.

`run_handshake` is a generator: it yields the octets to send, or `START_TLS` where the connection must switch to TLS,
and receives the replies.
"""

import base64
from collections.abc import Generator

from digest.mail.pure.replies import Reply
from digest.mail.pure.servers import Server, TlsMode
from digest.mail.pure.session import ServerExtensions

START_TLS = (
    object()
)  # yielded: start TLS now, and discard what the server has said, as it was not verified yet
LISTEN = b""  # yielded: send nothing, wait for a reply


class HandshakeError(Exception):
    """The server does not accept us; the message is the reason."""


HandshakeSteps = Generator[object, Reply, ServerExtensions]


def run_handshake(server: Server, *, ehlo_name: str, access_token: str = "") -> HandshakeSteps:
    """Greet the server and sign in. Returns its extensions; raises HandshakeError.

    `ehlo_name` is our own name, `access_token` an OAuth 2 access token.
    """
    _expect((yield LISTEN), "the banner")
    extensions = yield from _hello(ehlo_name)
    if server.tls is TlsMode.STARTTLS:
        if "STARTTLS" not in extensions:
            raise HandshakeError("offers no STARTTLS (add ?tls=none only where nobody can eavesdrop)")
        _expect((yield b"STARTTLS\r\n"), "STARTTLS")
        yield START_TLS
        extensions = yield from _hello(ehlo_name)  # extensions from before TLS don't count (RFC 3207, 4.2)
    if server.user:
        yield from _sign_in(server, extensions.get("AUTH", "").upper().split(), access_token)
    return _parse_extensions(extensions)


def _hello(name: str) -> Generator[object, Reply, dict[str, str]]:
    reply = yield f"EHLO {name}\r\n".encode()
    if reply.code in (500, 502, 504, 550):  # a server without extensions (before RFC 1869)
        _expect((yield f"HELO {name}\r\n".encode()), "HELO")
        return {}
    _expect(reply, "EHLO")
    extensions = {}
    for line in reply.lines[1:]:
        keyword, _, parameters = line.strip().replace("=", " ", 1).partition(" ")
        extensions[keyword.upper()] = parameters.strip()
    return extensions


def _sign_in(server: Server, mechanisms: list[str], token: str) -> Generator[object, Reply, None]:
    """Sign in by XOAUTH2 if there is a token, else by PLAIN (RFC 4616), else by LOGIN."""
    if token:
        _require("XOAUTH2", mechanisms)
        reply = (
            yield b"AUTH XOAUTH2 " + _base64(f"user={server.user}\x01auth=Bearer {token}\x01\x01") + b"\r\n"
        )
        if reply.code == 334:  # the error in JSON; an empty line ends the exchange
            reply = yield b"\r\n"
    elif "PLAIN" in mechanisms:
        reply = yield b"AUTH PLAIN " + _base64(f"\0{server.user}\0{server.password}") + b"\r\n"
    else:
        _require("LOGIN", mechanisms)
        _expect((yield b"AUTH LOGIN\r\n"), "AUTH LOGIN", 334)
        _expect((yield _base64(server.user) + b"\r\n"), "the user name", 334)
        reply = yield _base64(server.password) + b"\r\n"
    _expect(reply, f"signing in as {server.user}", 235)


def _require(mechanism: str, offered: list[str]) -> None:
    if mechanism not in offered:
        names = ", ".join(offered) or "none"
        raise HandshakeError(f"offers no way to sign in that we know: it has {names}; we need {mechanism}")


def _expect(reply: Reply, what: str, code: int = 0) -> None:
    """Raise HandshakeError unless a reply has this code, or any 2xx code for 0."""
    if reply.code == code or (not code and 200 <= reply.code < 300):
        return
    raise HandshakeError(f"{what}: {reply.code} {reply.text[:300]}")


def _base64(text: str) -> bytes:
    return base64.b64encode(text.encode())


def _parse_extensions(extensions: dict[str, str]) -> ServerExtensions:
    size = extensions.get("SIZE", "")
    return ServerExtensions(
        pipelining="PIPELINING" in extensions,
        smtputf8="SMTPUTF8" in extensions,
        max_size=int(size) if size.isdecimal() and len(size) < 15 else 0,
        supports_size="SIZE" in extensions,
    )
