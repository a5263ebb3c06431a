"""A small LMTP or SMTP server for feedback, behind a mail server that forwards it.

It accepts mail for our own return paths and for the addresses that feedback loops write to, and for no other. It
acknowledges a mail after the commit, and replies 451, so that the mail comes again, while the database is unavailable.
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
MAX_MESSAGE_BYTES = 20 * 1024 * 1024  # octets; a bounce may return the whole mail
IDLE_TIMEOUT = 60  # seconds after which a silent client is disconnected
LONGEST_LINE = 100_000  # octets; returned mails do not always keep the limit of RFC 5321 (998)
BACKLOG = 50
# Local parts at the return path domain that feedback loops and people write to (RFC 2142).
ACCEPTED_LOCAL_PARTS = frozenset(("abuse", "postmaster", "fbl", "complaints", "bounces"))
# RFC 2033 demands a reply for each recipient after the data, and a mail goes to one return path anyway.
ONE_RECIPIENT_REPLY = "452 4.5.3 One recipient at a time"

ProcessMail = Callable[[bytes, str], None]  # takes a mail and its envelope recipient


class FeedbackSmtpHandler:
    """The handler that aiosmtpd calls."""

    def __init__(self, process_mail: ProcessMail, *, secret: str, domain: str) -> None:
        self._process_mail = process_mail
        self._secret = secret
        self._domain = domain.casefold()

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept one recipient a mail: a return path of ours, or one of ACCEPTED_LOCAL_PARTS."""
        local, _, domain = address.rpartition("@")
        if domain.casefold() != self._domain:
            return "550 5.7.1 Not a domain of ours"
        is_return_path = any(True for _ in return_paths.find_tokens(self._secret, local))
        if not (is_return_path or local.casefold() in ACCEPTED_LOCAL_PARTS):
            return "550 5.1.1 No such return path"
        if envelope.rcpt_tos:
            return ONE_RECIPIENT_REPLY
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Process the mail, then acknowledge it."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode("utf-8", "replace")
        try:
            await asyncio.to_thread(self._process_mail, raw, envelope.rcpt_tos[0])
        except UnavailableError as error:
            log.warning("%s; the mail must be sent again", error)
            return "451 4.3.0 Try again later"
        return "250 2.6.0 Read"


class _Lmtp(LMTP):
    line_length_limit = LONGEST_LINE


class _Smtp(SMTP):
    line_length_limit = LONGEST_LINE


async def serve(
    handler: FeedbackSmtpHandler, host: str, port: int, *, protocol: str, on_ready: Callable[[int], None]
) -> None:
    """Listen until cancelled; `on_ready` is called with the port."""
    server_class = _Lmtp if protocol == "lmtp" else _Smtp

    def make_session() -> SMTP:
        options: dict[str, Any] = {
            "data_size_limit": MAX_MESSAGE_BYTES,
            "timeout": IDLE_TIMEOUT,
            "enable_SMTPUTF8": True,
        }
        return server_class(handler, hostname="dateline", ident="Dateline", **options)

    server = await asyncio.get_running_loop().create_server(make_session, host, port, backlog=BACKLOG)
    async with server:
        on_ready(server.sockets[0].getsockname()[1])
        await server.serve_forever()
