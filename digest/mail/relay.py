"""Speaking SMTP over connections that stay open. The only module that imports smtplib."""

import contextlib
import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from digest.errors import SettingsError, UnavailableError
from digest.mail.outcomes import Deferred, InDoubt, Outcome, Refused, of_reply

TIMEOUT = 30  # seconds for each answer; RFC 5321 (4.5.3.2) allows minutes, but a lease runs meanwhile
ENVELOPE = re.compile(r"[!-;=?-~]+")  # printable ASCII without blanks and angle brackets
MESSAGES_PER_CONNECTION = 500  # below the limits that common servers announce by 421


class Relay(Protocol):
    """Where messages go: a mail server, or the local outbox."""

    def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Hand over one message; raises UnavailableError when nobody can be reached at all."""

    def close(self) -> None:
        """End what is open."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server, as SMTP_URL names it."""

    host: str
    port: int
    tls: str  # none | starttls | tls
    user: str
    password: str
    connections: int


def read_smtp_url(url: str) -> Server:
    """Read `smtp://user:pass@host:587/?tls=starttls&connections=4`; raises SettingsError.

    `smtps:` means TLS from the first octet. With a user name, TLS defaults to starttls: a password never goes in clear.
    """
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    tls = "tls" if parts.scheme == "smtps" else options.get("tls", "starttls" if parts.username else "none")
    if not parts.hostname:
        raise SettingsError("SMTP_URL: names no host (example: smtp://localhost:25)")
    if tls not in ("none", "starttls", "tls"):
        raise SettingsError(f'SMTP_URL: tls="{tls}" is none of starttls, tls, none')
    if unknown := options.keys() - {"tls", "connections"}:
        raise SettingsError(
            f"SMTP_URL: unknown option {', '.join(sorted(unknown))}; there are tls and connections"
        )
    return Server(
        host=parts.hostname,
        port=parts.port or {"tls": 465, "starttls": 587, "none": 25}[tls],
        tls=tls,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        connections=_connections(options),
    )


def _connections(options: Mapping[str, str]) -> int:
    text = options.get("connections", "2")
    if not text.isdecimal() or not 1 <= int(text) <= 50:
        raise SettingsError(f'SMTP_URL: connections="{text}" is not a whole number from 1 to 50')
    return int(text)


class SmtpRelay:
    """One connection to a mail server, opened when first needed and used again until it breaks."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None
        self._sent = 0

    def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Hand over one message. An idle connection that the server has closed is opened again once."""
        if not ENVELOPE.fullmatch(
            sender + recipient
        ):  # a line end in an address would be a command of its own
            return Refused(f"553 {recipient!r} can't be put into an envelope")
        smtp = self._connected()
        self._sent += 1
        for command in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA"):
            try:
                code, text = smtp.docmd(command)
            except (smtplib.SMTPException, OSError) as error:
                self._drop()
                return Deferred(f"connection lost before the message: {error}")
            if not 200 <= code < 400:  # smtplib says -1 of what is no SMTP reply at all
                return self._turned_down(smtp, code, text)
        try:
            smtp.send(_dotted(message))
        except (smtplib.SMTPException, OSError) as error:  # the final dot, the last of it, is still here
            self._drop()
            return Deferred(f"connection lost within the message: {error}")
        try:
            code, text = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return InDoubt(f"connection lost before the reply: {error}")
        return self._turned_down(smtp, code, text) if code >= 400 else of_reply(code, _words(text))

    def check(self) -> None:
        """Connect and sign in; raises UnavailableError with the reason."""
        self._smtp = self._connected()

    def close(self) -> None:
        """Say goodbye, if there is somebody to say it to."""
        smtp, self._smtp, self._sent = self._smtp, None, 0
        if smtp is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is not None and self._sent < MESSAGES_PER_CONNECTION and not _hung_up(self._smtp):
            return self._smtp
        self.close()
        self._smtp = self._connect()
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        context = None if server.tls == "none" else ssl.create_default_context()
        try:
            if server.tls == "tls":
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                    server.host, server.port, timeout=TIMEOUT, context=context
                )
            else:
                smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
            smtp.ehlo_or_helo_if_needed()
            if server.tls == "starttls":
                smtp.starttls(context=context)
            if server.user:
                smtp.login(server.user, server.password)
        except (smtplib.SMTPException, OSError) as error:
            raise UnavailableError(
                f"mail server {server.host}:{server.port}: {error} (SMTP_URL; is it running?)"
            ) from error
        return smtp

    def _turned_down(self, smtp: smtplib.SMTP, code: int, text: bytes) -> Outcome:
        if code == 421:  # RFC 5321, 3.8: the server is closing the connection
            self._drop()
        else:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.rset()
        return of_reply(code, _words(text))

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp, self._sent = None, 0


def _hung_up(smtp: smtplib.SMTP) -> bool:
    """Whether the server has closed an idle connection; anything waiting to be read can only be its goodbye."""
    if smtp.sock is None:
        return True
    smtp.sock.setblocking(False)
    try:
        smtp.sock.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True
    finally:
        smtp.sock.settimeout(TIMEOUT)
    return True


def _dotted(message: bytes) -> bytes:
    """Double the dots at line starts and end with the final one (RFC 5321, section 4.5.2)."""
    stuffed = message.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    return stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _words(text: bytes) -> str:
    return text.decode("utf-8", "replace").replace("\n", " ")[:400]
