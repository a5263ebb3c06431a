"""Reads new mails from a mailbox: IMAP, POP3 or a Maildir.

A mail is removed only after it was processed and committed, so a crash loses none. A mail that is read twice counts
once. Mail that is no feedback (a person wrote to the address) stays for a person: marked as seen in IMAP, in `cur` of
the Maildir, and in a Maildir of ours for POP3, which has no flags.

imaplib and poplib of the standard library suffice: we only search, fetch and flag.
"""

import contextlib
import imaplib
import poplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from digest.errors import UnavailableError
from digest.feedback.pure.mail_parts import MAX_MAIL_BYTES
from digest.mail.outbox import open_maildir
from digest.own_addresses import LOCAL_HOSTS

TIMEOUT = 30  # seconds for each reply of the server
MAILS_PER_FLUSH = 50  # mails between two removals
MAILS_PER_RUN = 2_000  # the next run reads the others
TOP_LINES = 5_000  # lines of a mail's body that are fetched by POP3
LONGEST_LINE = 100_000  # octets; poplib stops at 2,048, and can not continue after a longer line
PORTS = {"imaps": 993, "imap": 143, "pop3s": 995, "pop3": 110}


class Mailbox(Protocol):
    """A mailbox whose mails have keys."""

    def unread_keys(self) -> Sequence[str]:
        """The keys of the mails that nobody has read yet."""

    def fetch(self, key: str) -> bytes | None:
        """The first MAX_MAIL_BYTES of a mail; None when it no longer exists."""

    def mark_processed(self, key: str, raw: bytes, /, *, is_feedback: bool) -> None:
        """Mark a mail as processed: feedback may be removed, other mail stays for a person."""

    def flush(self) -> None:
        """Remove the feedback that was marked."""


@dataclass(frozen=True, slots=True)
class MailboxUrl:
    """The URL of a mailbox: imaps://user:pass@host/FOLDER, pop3s://user:pass@host, maildir:///path."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    folder: str


def parse_mailbox_url(url: str) -> MailboxUrl:
    """The parts of the URL of a mailbox."""
    parts = urlsplit(url)
    return MailboxUrl(
        parts.scheme,
        parts.hostname or "",
        parts.port or PORTS.get(parts.scheme, 0),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        unquote(parts.path),
    )


def process_new_mails(
    mailbox_url: MailboxUrl,
    process_mail: Callable[[bytes], bool],
    *,
    other_mail_folder: Path,
    ssl_context: ssl.SSLContext | None = None,
) -> int:
    """Call `process_mail` for each new mail; returns how many mails there were.

    `process_mail` returns whether the mail was feedback. `other_mail_folder` is a Maildir for the mails that POP3 can't
    keep. Raises UnavailableError when the mailbox does not answer. When `process_mail` raises, the mail stays in place.
    """
    count = 0
    with (
        _raise_unavailable(mailbox_url),
        _open_mailbox(mailbox_url, other_mail_folder, ssl_context or ssl.create_default_context()) as box,
    ):
        for key in box.unread_keys()[:MAILS_PER_RUN]:
            raw = box.fetch(key)
            if raw is None:
                continue
            box.mark_processed(key, raw, is_feedback=process_mail(raw))
            count += 1
            if count % MAILS_PER_FLUSH == 0:
                box.flush()
        box.flush()
    return count


def save_other_mail(folder: Path, raw: bytes) -> None:
    """Add a mail that is no feedback to a Maildir, for a person to read."""
    open_maildir(folder).add(raw)


@contextlib.contextmanager
def _open_mailbox(url: MailboxUrl, other_mail_folder: Path, context: ssl.SSLContext) -> Iterator[Mailbox]:
    if url.scheme == "maildir":
        yield _Maildir(Path(url.folder))
    elif url.scheme.startswith("imap"):
        client = _connect_imap(url, context)
        try:
            yield _Imap(client)
        finally:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                client.logout()
    else:
        pop3 = _connect_pop3(url, context)
        try:
            yield _Pop3(pop3, other_mail_folder)
            pop3.quit()  # removes the marked mails; a connection that breaks before this removes nothing
        finally:
            pop3.close()


def _connect_imap(url: MailboxUrl, context: ssl.SSLContext) -> imaplib.IMAP4:
    client: imaplib.IMAP4
    if url.scheme == "imaps":
        client = imaplib.IMAP4_SSL(url.host, url.port, ssl_context=context, timeout=TIMEOUT)
    else:
        client = imaplib.IMAP4(url.host, url.port, timeout=TIMEOUT)
        if url.host not in LOCAL_HOSTS:  # no password crosses a network in the clear
            client.starttls(context)
    client.login(url.user, url.password)
    status, reply = client.select(_quote_folder(url.folder.strip("/") or "INBOX"))
    if status != "OK":
        raise imaplib.IMAP4.error(f"folder {url.folder.strip('/')!r}: {reply!r}")
    return client


def _connect_pop3(url: MailboxUrl, context: ssl.SSLContext) -> poplib.POP3:
    client: poplib.POP3
    if url.scheme == "pop3s":
        client = _LongLinesSsl(url.host, url.port, timeout=TIMEOUT, context=context)
    else:
        client = _LongLines(url.host, url.port, timeout=TIMEOUT)
        if url.host not in LOCAL_HOSTS:
            client.stls(context)
    client.user(url.user)
    client.pass_(url.password)
    return client


class _Imap:
    def __init__(self, client: imaplib.IMAP4) -> None:
        self._client = client
        self._marked: list[str] = []

    def unread_keys(self) -> Sequence[str]:
        _status, lines = self._client.uid("SEARCH", "UNSEEN", "UNDELETED")
        return [key.decode() for line in lines if isinstance(line, bytes) for key in line.split()]

    def fetch(self, key: str) -> bytes | None:
        _status, reply = self._client.uid("FETCH", key, f"(BODY.PEEK[]<0.{MAX_MAIL_BYTES}>)")
        return next((item[1] for item in reply if isinstance(item, tuple)), None)

    def mark_processed(self, key: str, _raw: bytes, *, is_feedback: bool) -> None:
        self._client.uid("STORE", key, "+FLAGS.SILENT", r"(\Seen \Deleted)" if is_feedback else r"(\Seen)")
        if is_feedback:
            self._marked.append(key)

    def flush(self) -> None:
        if not self._marked:
            return
        # With UIDPLUS, only our own mails are removed, not those that a person has marked as deleted.
        if "UIDPLUS" in self._client.capabilities:
            self._client.uid("EXPUNGE", ",".join(self._marked))
        else:
            self._client.expunge()
        self._marked.clear()


class _Pop3:
    def __init__(self, client: poplib.POP3, other_mail_folder: Path) -> None:
        self._client = client
        self._other_mail_folder = other_mail_folder

    def unread_keys(self) -> Sequence[str]:
        return [line.split()[0].decode() for line in self._client.list()[1]]

    def fetch(self, key: str) -> bytes | None:
        return b"\r\n".join(self._client.top(int(key), TOP_LINES)[1])[:MAX_MAIL_BYTES]

    def mark_processed(self, key: str, raw: bytes, *, is_feedback: bool) -> None:
        if not is_feedback:
            save_other_mail(self._other_mail_folder, raw)
        self._client.dele(int(key))

    def flush(self) -> None:
        """Do nothing: POP3 removes at the end of the session."""


class _Maildir:
    def __init__(self, folder: Path) -> None:
        if not (folder / "new").is_dir():
            raise UnavailableError(
                f"feedback: {folder} is not a Maildir: it has no folder `new` (FEEDBACK_MAILBOX)"
            )
        self._folder = folder

    def unread_keys(self) -> Sequence[str]:
        return sorted(path.name for path in (self._folder / "new").iterdir() if path.is_file())

    def fetch(self, key: str) -> bytes | None:
        with contextlib.suppress(FileNotFoundError), (self._folder / "new" / key).open("rb") as file:
            return file.read(MAX_MAIL_BYTES)
        return None

    def mark_processed(self, key: str, _raw: bytes, *, is_feedback: bool) -> None:
        """Move the mail to `cur`, and mark feedback as seen. Only the Maildir's owner deletes mails."""
        (self._folder / "cur").mkdir(exist_ok=True)
        name = key.partition(":")[0] + ":2," + ("S" if is_feedback else "")
        with contextlib.suppress(FileNotFoundError):
            (self._folder / "new" / key).rename(self._folder / "cur" / name)

    def flush(self) -> None:
        """Do nothing: each mail was moved at once."""


class _LongLines(poplib.POP3):
    """POP3 without poplib's limit of 2,048 octets a line."""

    def _getline(self) -> tuple[bytes, int]:
        line = self.file.readline(LONGEST_LINE)
        if not line:
            raise poplib.error_proto("-ERR EOF")
        return line.rstrip(b"\r\n"), len(line)


class _LongLinesSsl(_LongLines, poplib.POP3_SSL):
    """The same over TLS."""


@contextlib.contextmanager
def _raise_unavailable(url: MailboxUrl) -> Iterator[None]:
    """Turn the errors of the mail libraries into an UnavailableError."""
    name = url.folder if url.scheme == "maildir" else f"{url.host}:{url.port}"
    try:
        yield
    except (OSError, imaplib.IMAP4.error, poplib.error_proto, EOFError) as error:
        reply = error.args[0] if error.args else error
        text = reply.decode(errors="replace") if isinstance(reply, bytes) else str(error)
        raise UnavailableError(f"feedback: the mailbox {name} failed: {text} (FEEDBACK_MAILBOX)") from error


def _quote_folder(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
