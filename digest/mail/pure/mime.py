"""Raw messages (RFC 5322, MIME): the body is encoded once per digest, each delivery splices in its own parts.

`email.message` with `policy.SMTP` writes quoted-printable lines of 78 characters, over RFC 2045's 76, and takes
milliseconds a message; so the encoding is `binascii.b2a_qp`, and the layout is ours.
"""

import binascii
import html
import re
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from itertools import zip_longest

from digest.mail.pure.slotted_text import Mould, Slot

# Quoted-printable writes "=" as "=3D", so this can't occur in a part (RFC 2045, section 6.7).
BOUNDARY = "=_dateline_part"
QP_LINE = 75  # octets before the soft break's "="; with it 76, RFC 2045's most
SOFT_BREAK = b"=\r\n"
LEADING_DOT = re.compile(rb"(?m)^\..*$")
PLAIN_TEXT = re.compile(r"[!-<>-~]*")  # stands for itself in quoted-printable; a link, say
IN_HTML = re.compile("[&<>\"']")  # what HTML writes in other letters
PLAIN_VALUE = re.compile(r"[!-~]+(?: [!-~]+)*")  # a header value that is neither encoded nor mended
SHORT_LINE = 76  # with ": " it is the 78 of RFC 5322, section 2.1.1
JOINERS = "\u200c\u200d"  # without them Persian words fall apart, and so do families in emoji

Headers = Sequence[tuple[str, str]]


class MessageMould:
    """A multipart/alternative message, encoded but for its slots."""

    def __init__(self, headers: Headers, *, text: Mould, html_body: Mould) -> None:
        self._head = b"".join(header(name, value) for name, value in headers)
        self._parts: list[bytes | tuple[str, bool]] = []  # octets, or a slot and whether it is in HTML
        self._literal(
            header("MIME-Version", "1.0")
            + f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"\r\n\r\n'.encode()
        )
        self._part("text/plain", text, in_html=False)
        self._part("text/html", html_body, in_html=True)
        self._literal(f"--{BOUNDARY}--\r\n".encode())

    def filled(self, values: Mapping[str, str]) -> "MessageMould":
        """The same with what many readers have in common spliced in; slots without a value stay open."""
        out = copy(self)
        out._parts = []
        for part in self._parts:
            if isinstance(part, bytes):
                out._literal(part)
            elif part[0] in values:
                out._literal(_spliced(values[part[0]])[part[1]])
            else:
                out._parts.append(part)
        return out

    def pour(self, headers: Headers, values: Mapping[str, str]) -> bytes:
        """One delivery: its own header fields and slot values spliced in. Raises KeyError for a slot without value.

        It is in wire form as it is: lines end with CRLF, and none begins with a dot.
        """
        spliced = {name: _spliced(value) for name, value in values.items()}
        parts = [part if isinstance(part, bytes) else spliced[part[0]][part[1]] for part in self._parts]
        return b"".join([*(header(name, value) for name, value in headers), self._head, *parts])

    @property
    def html_octets(self) -> int:
        """Size of the HTML part as sent, without its slots' values."""
        start = max(
            i for i, part in enumerate(self._parts) if isinstance(part, bytes) and b"text/html" in part
        )
        return sum(len(part) for part in self._parts[start:] if isinstance(part, bytes))

    def _part(self, content_type: str, body: Mould, *, in_html: bool) -> None:
        self._literal(
            f"--{BOUNDARY}\r\nContent-Type: {content_type}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n".encode()
        )
        for part, following in zip_longest(body.parts, body.parts[1:]):
            if isinstance(part, Slot):
                self._parts.append((part.name, in_html))
            else:
                encoded = quoted_printable(part)
                self._literal(_before_slot(encoded) if following else encoded)
        self._literal(b"\r\n")

    def _literal(self, octets: bytes) -> None:
        if self._parts and isinstance(self._parts[-1], bytes):
            self._parts[-1] += octets
        else:
            self._parts.append(octets)


def header(name: str, value: str) -> bytes:
    """A header field, encoded (RFC 2047) and folded; control characters, line ends among them, become spaces."""
    if (
        PLAIN_VALUE.fullmatch(value)
        and "=?" not in value
        and (" " not in value or len(name) + len(value) < SHORT_LINE)
    ):
        return f"{name}: {value}\r\n".encode()
    if not value.isprintable():
        value = "".join(c if c.isprintable() or c in JOINERS else " " for c in value)
    clean = " ".join(value.split())
    spoof = (
        name == "Subject" and "=?" in clean
    )  # a headline that looks encoded would be read as something else
    if clean.isascii() and not spoof:
        return _folded(name, clean)
    encoded = Header(clean, "utf-8", maxlinelen=75, header_name=name).encode(linesep="\r\n")
    return f"{name}: {encoded}\r\n".encode("ascii")


def mailbox(text: str) -> str:
    """A From value whose display name is encoded where it must be: `Имя <a@b>`."""
    name, address = parseaddr(text)
    return formataddr((name, address), "utf-8") if name else address


def date(moment: datetime) -> str:
    """A Date value (RFC 5322, section 3.3)."""
    return _date(moment.replace(microsecond=0))


@lru_cache(maxsize=4)  # thousands of mails a second have the same
def _date(second: datetime) -> str:
    return format_datetime(second)


def quoted_printable(text: str) -> bytes:
    """Encode text (RFC 2045, section 6.7) with CRLF line ends and lines of at most 76 octets, none of which begins with
    a dot: what nobody has to double, nobody can forget to (RFC 5321, section 4.5.2)."""
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    encoded = binascii.b2a_qp(unix.encode(), istext=True)
    if encoded.startswith(b".") or b"\n." in encoded:
        encoded = LEADING_DOT.sub(lambda line: b"=\n".join(_wrapped(line[0])), encoded)
    return encoded.replace(b"\n", b"\r\n")


def _before_slot(encoded: bytes) -> bytes:
    """Encoded text whose last line has room for the soft break that a slot begins with."""
    start = encoded.rfind(b"\n") + 1
    return encoded[:start] + SOFT_BREAK.join(_wrapped(encoded[start:]))


def _spliced(value: str) -> tuple[bytes, bytes]:
    """A slot's value on lines of its own, whatever stands before and behind it: in plain text, and in HTML."""
    in_text = _splice(value)
    return in_text, _splice(html.escape(value)) if IN_HTML.search(value) else in_text


def _splice(value: str) -> bytes:
    if not PLAIN_TEXT.fullmatch(value):
        return SOFT_BREAK + _before_slot(quoted_printable(value)) + SOFT_BREAK
    octets = value.encode()
    pieces = [octets[at : at + QP_LINE] for at in range(0, len(octets), QP_LINE)]
    if any(piece.startswith(b".") for piece in pieces):
        pieces = _wrapped(octets)
    return SOFT_BREAK + SOFT_BREAK.join(pieces) + SOFT_BREAK


def _wrapped(encoded: bytes) -> list[bytes]:
    """An encoded line in pieces that have room for a soft break; none begins with a dot."""
    pieces: list[bytes] = []
    while True:
        if encoded.startswith(b"."):
            encoded = b"=2E" + encoded[1:]
        if len(encoded) <= QP_LINE:
            return [*pieces, encoded]
        escape = encoded.rfind(b"=", QP_LINE - 2, QP_LINE)
        cut = escape if escape >= 0 else QP_LINE  # never within an escape
        pieces.append(encoded[:cut])
        encoded = encoded[cut:]


def _folded(name: str, value: str) -> bytes:
    """Fold at spaces so that lines stay within 78 characters where they can (RFC 5322, section 2.1.1)."""
    lines, line = [], f"{name}:"
    for word in value.split(" "):
        if len(line) + 1 + len(word) > 78 and line.strip() and not line.endswith(":"):
            lines.append(line)
            line = ""
        line += " " + word
    lines.append(line)
    return ("\r\n".join(lines) + "\r\n").encode("ascii")
