"""A small LMTP (or SMTP) server for what comes back, behind a mail server that hands it over.

It takes mail for our own return paths and for the addresses that feedback loops write to, and for nobody else; a mail
is acknowledged once it is committed, and asked for again (451) while the database does not answer.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from digest.deliveries.pure import return_paths
from digest.errors import UnavailableError

log = logging.getLogger(__name__)
LARGEST = 20 * 1024 * 1024  # octets; a bounce may return all of a mail
IDLE = 60  # seconds after which a silent client is sent away
LONGEST_LINE = 100_000  # octets; what is returned is not always as RFC 5321 wants it (998)
BACKLOG = 50
# Names at the return path domain that feedback loops and people write to (RFC 2142).
NAMES = frozenset(("abuse", "postmaster", "fbl", "complaints", "bounces"))
ONE = "452 4.5.3 One recipient at a time"  # RFC 2033 wants a reply for each, and a mail is for one return path anyway

Take = Callable[[bytes, str], None]


class Handler:
    """What aiosmtpd calls."""

    def __init__(self, take: Take, *, secret: str, domain: str) -> None:
        self._take = take
        self._secret = secret
        self._domain = domain.casefold()

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take our own return paths and the few names, one a mail."""
        local, _, domain = address.rpartition("@")
        if domain.casefold() != self._domain:
            return "550 5.7.1 Not a domain of ours"
        ours = any(True for _ in return_paths.marks(self._secret, local))
        if not (ours or local.casefold() in NAMES):
            return "550 5.1.1 No such return path"
        if envelope.rcpt_tos:
            return ONE
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Read it, and say so only then."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode("utf-8", "replace")
        try:
            await asyncio.to_thread(self._take, raw, envelope.rcpt_tos[0])
        except UnavailableError as error:
            log.warning("%s; the mail is asked for again", error)
            return "451 4.3.0 Try again later"
        return "250 2.6.0 Read"


class _Lmtp(LMTP):
    line_length_limit = LONGEST_LINE


class _Smtp(SMTP):
    line_length_limit = LONGEST_LINE


async def serve(
    handler: Handler, host: str, port: int, *, protocol: str, ready: Callable[[int], None]
) -> None:
    """Listen until cancelled; `ready` is told the port. Mails in hand are finished first."""
    kind = _Lmtp if protocol == "lmtp" else _Smtp

    def client() -> SMTP:
        options: dict[str, Any] = {"data_size_limit": LARGEST, "timeout": IDLE, "enable_SMTPUTF8": True}
        return kind(handler, hostname="dateline", ident="Dateline", **options)

    server = await asyncio.get_running_loop().create_server(client, host, port, backlog=BACKLOG)
    async with server:
        ready(server.sockets[0].getsockname()[1])
        await server.serve_forever()
