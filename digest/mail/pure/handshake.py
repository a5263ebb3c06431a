"""The first words with a mail server, from its banner to where mails may follow: a dialogue that knows no socket.

`dialogue` yields what is to be said, or `SECURE` where the connection is to turn into TLS, and is sent the replies.
"""

import base64
from collections.abc import Generator
from dataclasses import dataclass

from digest.mail.pure.replies import Reply
from digest.mail.pure.servers import Server
from digest.mail.pure.session import Offers

SECURE = object()  # yielded: start TLS now; whatever came before it was not said by the server we verified
NOTHING = b""  # yielded: only listen


class TurnedAwayError(Exception):
    """The server does not let us in; the text says why."""

    def __init__(self, text: str, *, busy: bool = False) -> None:
        super().__init__(text)
        self.busy = busy  # it is only too much for now (4xx)


@dataclass(frozen=True, slots=True)
class Ready:
    """The end of the dialogue: what the server offers."""

    offers: Offers


Dialogue = Generator[object, Reply, Ready]


def dialogue(server: Server, *, name: str, token: str = "") -> Dialogue:
    """Speak the opening; raises TurnedAwayError. `name` is ours, `token` an OAuth 2 access token."""
    _expect((yield NOTHING), "the banner")
    extensions = yield from _hello(name)
    if server.tls == "starttls":
        if "STARTTLS" not in extensions:
            raise TurnedAwayError("offers no STARTTLS (add ?tls=none only where nobody can listen in)")
        _expect((yield b"STARTTLS\r\n"), "STARTTLS")
        yield SECURE
        extensions = yield from _hello(
            name
        )  # what was offered in clear counts no more (RFC 3207, section 4.2)
    if server.user:
        yield from _sign_in(server, extensions.get("AUTH", "").upper().split(), token)
    return Ready(_offers(extensions))


def _hello(name: str) -> Generator[object, Reply, dict[str, str]]:
    reply = yield f"EHLO {name}\r\n".encode()
    if reply.code in (500, 502, 504, 550):  # from before 1995: no extensions
        _expect((yield f"HELO {name}\r\n".encode()), "HELO")
        return {}
    _expect(reply, "EHLO")
    out = {}
    for line in reply.lines[1:]:
        word, _, rest = line.strip().replace("=", " ", 1).partition(" ")
        out[word.upper()] = rest.strip()
    return out


def _sign_in(server: Server, mechanisms: list[str], token: str) -> Generator[object, Reply, None]:
    """XOAUTH2 where there is a token, else PLAIN (RFC 4616), else LOGIN."""
    if token:
        _wanted("XOAUTH2", mechanisms)
        reply = (
            yield b"AUTH XOAUTH2 " + _base64(f"user={server.user}\x01auth=Bearer {token}\x01\x01") + b"\r\n"
        )
        if reply.code == 334:  # the error in JSON; an empty answer ends it
            reply = yield b"\r\n"
    elif "PLAIN" in mechanisms:
        reply = yield b"AUTH PLAIN " + _base64(f"\0{server.user}\0{server.password}") + b"\r\n"
    else:
        _wanted("LOGIN", mechanisms)
        _expect((yield b"AUTH LOGIN\r\n"), "AUTH LOGIN", 334)
        _expect((yield _base64(server.user) + b"\r\n"), "the user name", 334)
        reply = yield _base64(server.password) + b"\r\n"
    _expect(reply, f"signing in as {server.user}", 235)


def _wanted(mechanism: str, offered: list[str]) -> None:
    if mechanism not in offered:
        told = ", ".join(offered) or "none"
        raise TurnedAwayError(f"offers no way to sign in that we know: it has {told}; we need {mechanism}")


def _expect(reply: Reply, what: str, code: int = 0) -> None:
    if reply.code == code or (not code and 200 <= reply.code < 300):
        return
    raise TurnedAwayError(f"{what}: {reply.code} {reply.text[:300]}", busy=400 <= reply.code < 500)


def _base64(text: str) -> bytes:
    return base64.b64encode(text.encode())


def _offers(extensions: dict[str, str]) -> Offers:
    size = extensions.get("SIZE", "")
    return Offers(
        pipelining="PIPELINING" in extensions,
        smtputf8="SMTPUTF8" in extensions,
        size=int(size) if size.isdecimal() and len(size) < 15 else 0,
        declares_size="SIZE" in extensions,
    )
