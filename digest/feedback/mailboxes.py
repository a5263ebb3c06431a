"""A mailbox that bounces arrive in: IMAP, POP3 or a Maildir, read until it holds nothing new.

A mail is removed only after what it says is committed, so a crash at any moment loses none; one that is read twice
counts once. What is no feedback (somebody wrote to the address) is left for a person: unread no more in IMAP, in `cur`
of the Maildir, and for POP3, which knows no such thing, put into a Maildir of ours.

imaplib and poplib of the standard library do: what is asked of them is a search, a fetch and a flag.
"""

import contextlib
import imaplib
import mailbox as files
import poplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from digest.errors import UnavailableError
from digest.feedback.pure.mail_parts import LARGEST

TIMEOUT = 30  # seconds for each answer of the server
AT_ONCE = 50  # mails between two removals
MOST = 2_000  # mails of one run; the next run goes on
LOCAL = frozenset(("localhost", "127.0.0.1", "::1"))
TOP_LINES = 5_000  # lines of a mail's body that POP3 is asked for
LONGEST_LINE = 100_000  # octets; poplib gives up at 2,048, and would lose its place for good
PORTS = {"imaps": 993, "imap": 143, "pop3s": 995, "pop3": 110}


class Mailbox(Protocol):
    """Mails by a key, and what is done with each once it was read."""

    def keys(self) -> Sequence[str]:
        """The mails that nobody has read yet."""

    def fetch(self, key: str) -> bytes | None:
        """The beginning of a mail; None when it is gone."""

    def done(self, key: str, raw: bytes, /, *, feedback: bool) -> None:
        """It was acted on, or (no feedback) is left for a person."""

    def flush(self) -> None:
        """Remove for good what was acted on."""


@dataclass(frozen=True, slots=True)
class Where:
    """A mailbox's address: imaps://user:pass@host/FOLDER, pop3s://user:pass@host, maildir:///path."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    folder: str


def read_url(url: str) -> Where:
    """The parts of a mailbox's address."""
    parts = urlsplit(url)
    return Where(
        parts.scheme,
        parts.hostname or "",
        parts.port or PORTS.get(parts.scheme, 0),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        unquote(parts.path),
    )


def empty(
    where: Where, take: Callable[[bytes], bool], *, left: Path, context: ssl.SSLContext | None = None
) -> int:
    """Read what is new in a mailbox, and give each mail to `take`, which says whether it was feedback.

    Returns how many were read. `left` is a Maildir for what POP3 can't keep. Raises UnavailableError when the mailbox
    does not answer; an error of `take` leaves the mail where it is.
    """
    read = 0
    with _translated(where), _opened(where, left, context or ssl.create_default_context()) as box:
        for key in box.keys()[:MOST]:
            raw = box.fetch(key)
            if raw is None:
                continue
            box.done(key, raw, feedback=take(raw))
            read += 1
            if read % AT_ONCE == 0:
                box.flush()
        box.flush()
    return read


def leave(folder: Path, raw: bytes) -> None:
    """Put a mail that is no feedback where a person may read it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    files.Maildir(folder, create=True).add(raw)


@contextlib.contextmanager
def _opened(where: Where, left: Path, context: ssl.SSLContext) -> Iterator[Mailbox]:
    if where.scheme == "maildir":
        yield _Maildir(Path(where.folder))
    elif where.scheme.startswith("imap"):
        client = _imap(where, context)
        try:
            yield _Imap(client)
        finally:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                client.logout()
    else:
        popper = _pop3(where, context)
        try:
            yield _Pop3(popper, left)
            popper.quit()  # which removes what was marked; a connection that breaks before removes nothing
        finally:
            popper.close()


def _imap(where: Where, context: ssl.SSLContext) -> imaplib.IMAP4:
    client: imaplib.IMAP4
    if where.scheme == "imaps":
        client = imaplib.IMAP4_SSL(where.host, where.port, ssl_context=context, timeout=TIMEOUT)
    else:
        client = imaplib.IMAP4(where.host, where.port, timeout=TIMEOUT)
        if where.host not in LOCAL:  # a password never goes over a foreign line in the clear
            client.starttls(context)
    client.login(where.user, where.password)
    status, answer = client.select(_quoted(where.folder.strip("/") or "INBOX"))
    if status != "OK":
        raise imaplib.IMAP4.error(f"folder {where.folder.strip('/')!r}: {answer!r}")
    return client


def _pop3(where: Where, context: ssl.SSLContext) -> poplib.POP3:
    client: poplib.POP3
    if where.scheme == "pop3s":
        client = _LongLinesSsl(where.host, where.port, timeout=TIMEOUT, context=context)
    else:
        client = _LongLines(where.host, where.port, timeout=TIMEOUT)
        if where.host not in LOCAL:
            client.stls(context)
    client.user(where.user)
    client.pass_(where.password)
    return client


class _Imap:
    def __init__(self, client: imaplib.IMAP4) -> None:
        self._client = client
        self._gone: list[str] = []

    def keys(self) -> Sequence[str]:
        _status, found = self._client.uid("SEARCH", "UNSEEN", "UNDELETED")
        return [key.decode() for line in found if isinstance(line, bytes) for key in line.split()]

    def fetch(self, key: str) -> bytes | None:
        _status, answer = self._client.uid("FETCH", key, f"(BODY.PEEK[]<0.{LARGEST}>)")
        return next((item[1] for item in answer if isinstance(item, tuple)), None)

    def done(self, key: str, _raw: bytes, *, feedback: bool) -> None:
        self._client.uid("STORE", key, "+FLAGS.SILENT", r"(\Seen \Deleted)" if feedback else r"(\Seen)")
        if feedback:
            self._gone.append(key)

    def flush(self) -> None:
        if not self._gone:
            return
        if (
            "UIDPLUS" in self._client.capabilities
        ):  # removes just ours, not what a person has marked meanwhile
            self._client.uid("EXPUNGE", ",".join(self._gone))
        else:
            self._client.expunge()
        self._gone.clear()


class _Pop3:
    def __init__(self, client: poplib.POP3, left: Path) -> None:
        self._client = client
        self._left = left

    def keys(self) -> Sequence[str]:
        return [line.split()[0].decode() for line in self._client.list()[1]]

    def fetch(self, key: str) -> bytes | None:
        return b"\r\n".join(self._client.top(int(key), TOP_LINES)[1])[:LARGEST]

    def done(self, key: str, raw: bytes, *, feedback: bool) -> None:
        if not feedback:
            leave(self._left, raw)
        self._client.dele(int(key))

    def flush(self) -> None:
        """Nothing: POP3 removes at the end of the session."""


class _Maildir:
    def __init__(self, folder: Path) -> None:
        if not (folder / "new").is_dir():
            raise UnavailableError(
                f"feedback: {folder} is no Maildir: it has no folder `new` (FEEDBACK_MAILBOX)"
            )
        self._folder = folder

    def keys(self) -> Sequence[str]:
        return sorted(path.name for path in (self._folder / "new").iterdir() if path.is_file())

    def fetch(self, key: str) -> bytes | None:
        with contextlib.suppress(FileNotFoundError), (self._folder / "new" / key).open("rb") as file:
            return file.read(LARGEST)
        return None

    def done(self, key: str, _raw: bytes, *, feedback: bool) -> None:
        """Move it to `cur`, seen; nothing of a Maildir is deleted, its owner does that."""
        (self._folder / "cur").mkdir(exist_ok=True)
        name = key.partition(":")[0] + ":2," + ("S" if feedback else "")
        with contextlib.suppress(FileNotFoundError):
            (self._folder / "new" / key).rename(self._folder / "cur" / name)

    def flush(self) -> None:
        """Nothing: each mail was moved at once."""


class _LongLines(poplib.POP3):
    """poplib, for mails as they are."""

    def _getline(self) -> tuple[bytes, int]:
        line = self.file.readline(LONGEST_LINE)
        if not line:
            raise poplib.error_proto("-ERR EOF")
        return line.rstrip(b"\r\n"), len(line)


class _LongLinesSsl(_LongLines, poplib.POP3_SSL):
    """The same over TLS."""


@contextlib.contextmanager
def _translated(where: Where) -> Iterator[None]:
    name = where.folder if where.scheme == "maildir" else f"{where.host}:{where.port}"
    try:
        yield
    except (OSError, imaplib.IMAP4.error, poplib.error_proto, EOFError) as error:
        told = error.args[0] if error.args else error
        text = told.decode(errors="replace") if isinstance(told, bytes) else str(error)
        raise UnavailableError(
            f"feedback: the mailbox {name} does not do as asked: {text} (FEEDBACK_MAILBOX)"
        ) from error


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
