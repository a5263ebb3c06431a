"""The local outbox: a Maildir that takes the place of a mail server while none is set, and how to read it."""

import email.policy
import mailbox
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from digest.errors import NotFoundError, UnavailableError
from digest.mail.outgoing_queue import MOMENT, Still, always
from digest.mail.pure.dot_stuffing import unwired
from digest.mail.pure.outcomes import Accepted
from digest.mail.pure.session import Mail
from digest.mail.relay import Keep

KEY = re.compile(r"[\w.,:=+-]{1,200}")  # of a Maildir file name; no slash, no dots alone


class OutboxRelay:
    """Takes every message."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._maildir = mailbox.Maildir(path, create=True)

    def carry(self, mails: Iterable[Mail | None], keep: Keep, *, still: Still = always) -> None:  # noqa: ARG002
        """Put each message into the Maildir, with its envelope on top (RFC 4021's Return-Path, Delivered-To)."""
        for mail in mails:
            if mail is None:
                time.sleep(MOMENT)
                continue
            envelope = f"Return-Path: <{mail.sender}>\r\nDelivered-To: {mail.recipient}\r\n"
            octets = envelope.encode("ascii", "replace") + unwired(mail.message)
            try:
                key = self._maildir.add(octets.replace(b"\r\n", b"\n"))
            except OSError as error:  # a full disk, say
                raise UnavailableError(f"the outbox takes nothing: {error}") from error
            keep([(mail, Accepted(f"250 kept in the outbox as {key}"))])

    def close(self) -> None:
        """Nothing stays open."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A message in the outbox."""

    key: str
    to: str
    subject: str
    date: datetime
    text: str
    html: str
    raw: bytes


def listing(path: Path, *, limit: int = 100) -> Sequence[Kept]:
    """The newest messages, newest first."""
    files = [file for part in ("new", "cur") for file in (path / part).glob("*") if file.is_file()]
    newest = sorted(files, key=lambda file: file.stat().st_mtime_ns, reverse=True)[:limit]
    return [_read(file) for file in newest]


def find(path: Path, key: str) -> Kept:
    """One message by its key; raises NotFoundError."""
    for part in ("new", "cur"):
        file = path / part / key
        if KEY.fullmatch(key) and key.strip(".") and file.is_file():
            return _read(file)
    raise NotFoundError(f'There is no message "{key[:60]}" in the outbox.')


def _read(file: Path) -> Kept:
    raw = file.read_bytes()
    message = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(raw)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return Kept(
        key=file.name,
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        date=parsedate_to_datetime(message["Date"]) if message["Date"] else datetime.fromtimestamp(0, UTC),
        text=text.get_content() if text else "",
        html=html.get_content() if html else "",
        raw=raw,
    )
