"""The local outbox: a Maildir that replaces the mail server while none is set, and functions to read it."""

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
from digest.mail.outcome_saver import SaveOutcomes, save_and_wait
from digest.mail.outgoing_queue import POLL_INTERVAL, MaySend, always_send
from digest.mail.pure.dot_stuffing import dot_unstuff
from digest.mail.pure.outcomes import Accepted
from digest.mail.pure.session import Mail

KEY_PATTERN = re.compile(r"[\w.,:=+-]{1,200}")  # a Maildir file name: no slash


def open_maildir(path: Path) -> mailbox.Maildir:
    """The Maildir in a folder, which is made if there is none. Several processes may make it at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in (path, path / "tmp", path / "new", path / "cur"):
        folder.mkdir(mode=0o700, exist_ok=True)
    return mailbox.Maildir(path, create=False)


class OutboxRelay:
    """A relay that puts every mail into the local outbox."""

    def __init__(self, path: Path) -> None:
        self._maildir = open_maildir(path)

    def send_all(
        self,
        mails: Iterable[Mail | None],
        save: SaveOutcomes,
        *,
        may_send: MaySend = always_send,  # noqa: ARG002  # nothing waits here
    ) -> None:
        """Put each mail into the Maildir, with its envelope in header fields (Return-Path, Delivered-To; RFC 4021)."""
        for mail in mails:
            if mail is None:
                time.sleep(POLL_INTERVAL)
                continue
            envelope = f"Return-Path: <{mail.sender}>\r\nDelivered-To: {mail.recipient}\r\n"
            octets = envelope.encode("ascii", "replace") + dot_unstuff(mail.message)
            try:
                key = self._maildir.add(octets.replace(b"\r\n", b"\n"))
            except OSError as error:  # a full disk, say
                raise UnavailableError(f"can't write to the outbox: {error}") from error
            save_and_wait(save, [(mail, Accepted(f"250 kept in the outbox as {key}"))])

    def close(self) -> None:
        """Do nothing: nothing stays open."""


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message in the outbox."""

    key: str
    to: str
    subject: str
    date: datetime
    text: str
    html: str
    raw: bytes


def listing(path: Path, *, limit: int = 100) -> Sequence[OutboxMessage]:
    """The newest messages, newest first."""
    files = [file for folder in ("new", "cur") for file in (path / folder).glob("*") if file.is_file()]
    newest = sorted(files, key=lambda file: file.stat().st_mtime_ns, reverse=True)[:limit]
    return [_read(file) for file in newest]


def find_message(path: Path, key: str) -> OutboxMessage:
    """A message by its key; raises NotFoundError."""
    for folder in ("new", "cur"):
        file = path / folder / key
        if KEY_PATTERN.fullmatch(key) and key.strip(".") and file.is_file():  # "." and ".." are no files
            return _read(file)
    raise NotFoundError(f'There is no message "{key[:60]}" in the outbox.')


def _read(file: Path) -> OutboxMessage:
    raw = file.read_bytes()
    message = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(raw)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return OutboxMessage(
        key=file.name,
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        date=parsedate_to_datetime(message["Date"]) if message["Date"] else datetime.fromtimestamp(0, UTC),
        text=text.get_content() if text else "",
        html=html.get_content() if html else "",
        raw=raw,
    )
