"""Raw messages (RFC 5322, MIME). The body is encoded once per digest; each delivery inserts its own values.

`email.message` with `policy.SMTP` writes quoted-printable lines of 78 characters, more than the 76 of RFC 2045, and
takes milliseconds per message. So this module encodes with `binascii.b2a_qp` and builds the structure itself.
"""

import binascii
import html
import re
from collections.abc import Mapping
from copy import copy
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from itertools import zip_longest

from digest.mail.pure.header_fields import Headers, encode_header, encode_headers
from digest.mail.pure.marks import SOFT_BREAK, Marks
from digest.mail.pure.slotted_text import Block, Slot, SlottedText

# Quoted-printable writes "=" as "=3D", so this can't occur in a part (RFC 2045, section 6.7).
BOUNDARY = "=_dateline_part"
QP_LINE = 75  # octets before the "=" of a soft line break; 76 with it, the limit of RFC 2045
# Lines that begin like this must be encoded: SMTP doubles the dot (RFC 5321, section 4.5.2), and mailboxes in mbox
# format put ">" before "From " (RFC 2049, section 3), which also breaks the DKIM signature.
UNSAFE_START = re.compile(rb"(?m)^(?:\.|From ).*$")
ESCAPED_STARTS = ((b".", b"=2E"), (b"From ", b"=46rom "))
QP_SAFE_TEXT = re.compile(r"[!-<>-~]*")  # needs no quoted-printable encoding; a link, say
HTML_SPECIAL = re.compile("[&<>\"']")  # must be escaped in HTML


class PreparedMessage:
    """A multipart/alternative message that is encoded except for its slots. `marks` are filled in its texts."""

    def __init__(
        self, headers: Headers, *, text: SlottedText, html_body: SlottedText, marks: Marks | None = None
    ) -> None:
        self._head = encode_headers(headers)
        self._marks = marks
        self._parts: list[bytes | tuple[str, bool]] = []  # octets, or a slot and whether it is in HTML
        self._append(
            encode_header("MIME-Version", "1.0")
            + f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"\r\n\r\n'.encode()
        )
        self._add_part("text/plain", text, in_html=False)
        self._add_part("text/html", html_body, in_html=True)
        self._append(f"--{BOUNDARY}--\r\n".encode())

    def fill(self, values: Mapping[str, str]) -> "PreparedMessage":
        """The message with values that many subscribers share; slots without a value stay open."""
        out = copy(self)
        out._parts = []
        for part in self._parts:
            if isinstance(part, bytes):
                out._append(part)
            elif part[0] in values:
                out._append(_encode_value(values[part[0]])[part[1]])
            else:
                out._parts.append(part)
        return out

    def build(self, headers: Headers, values: Mapping[str, str]) -> bytes:
        """The message of one delivery, with its own header fields and values. Raises KeyError if a value is missing.

        It needs no dot stuffing: lines end with CRLF, and none begins with a dot.
        """
        encoded_values = {name: _encode_value(value) for name, value in values.items()}
        parts = [
            part if isinstance(part, bytes) else encoded_values[part[0]][part[1]] for part in self._parts
        ]
        return b"".join([encode_headers(headers), self._head, *parts])

    def _add_part(self, content_type: str, body: SlottedText, *, in_html: bool) -> None:
        self._append(
            f"--{BOUNDARY}\r\nContent-Type: {content_type}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n".encode()
        )
        octets: list[bytes] = []
        marks = self._marks
        encode_block = marks.encoding(_encode_block) if marks else _encode_block
        for part, following in zip_longest(body.parts, body.parts[1:]):
            if isinstance(part, Slot):
                self._append(b"".join(octets))
                octets.clear()
                self._parts.append((part.name, in_html))
            elif isinstance(part, Block):
                octets.append(encode_block(part))
            else:
                encoded = encode_quoted_printable(marks.fill(part) if marks else part)
                octets.append(_before_slot(encoded) if following else encoded)
                if isinstance(following, Block) and not encoded.endswith(b"\n"):
                    octets.append(SOFT_BREAK)
        self._append(b"".join(octets) + b"\r\n")

    def _append(self, octets: bytes) -> None:
        if self._parts and isinstance(self._parts[-1], bytes):
            self._parts[-1] += octets
        else:
            self._parts.append(octets)


def format_date(moment: datetime) -> str:
    """A Date value (RFC 5322, section 3.3)."""
    return _date(moment.replace(microsecond=0))


@lru_cache(maxsize=4)  # thousands of mails have the same second
def _date(second: datetime) -> str:
    return format_datetime(second)


def encode_quoted_printable(text: str) -> bytes:
    """Encode text (RFC 2045, section 6.7) with CRLF line ends and lines of at most 76 octets.

    None begins with a dot or with "From ".
    """
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    encoded = binascii.b2a_qp(unix.encode(), istext=True)
    if encoded.startswith((b".", b"From ")) or b"\n." in encoded or b"\nFrom " in encoded:
        encoded = UNSAFE_START.sub(lambda line: b"=\n".join(_split_line(line[0])), encoded)
    return encoded.replace(b"\n", b"\r\n")


@lru_cache(maxsize=4000)  # of some 4 KB each
def _encode_block(text: Block) -> bytes:
    """A block, encoded so that the next part begins on a line of its own, whatever it is."""
    encoded = encode_quoted_printable(text)
    return encoded if encoded.endswith(b"\n") else _before_slot(encoded) + SOFT_BREAK


def _before_slot(encoded: bytes) -> bytes:
    """Encoded text whose last line has room for the soft line break before a slot."""
    start = encoded.rfind(b"\n") + 1
    return encoded[:start] + SOFT_BREAK.join(_split_line(encoded[start:]))


def _encode_value(value: str) -> tuple[bytes, bytes]:
    """A slot's value on separate lines, independent of the text around it: for plain text, and for HTML."""
    in_text = _on_own_lines(value)
    return in_text, _on_own_lines(html.escape(value)) if HTML_SPECIAL.search(value) else in_text


def _on_own_lines(value: str) -> bytes:
    if not QP_SAFE_TEXT.fullmatch(value):
        return SOFT_BREAK + _before_slot(encode_quoted_printable(value)) + SOFT_BREAK
    octets = value.encode()
    pieces = [octets[at : at + QP_LINE] for at in range(0, len(octets), QP_LINE)]
    if any(piece.startswith(b".") for piece in pieces):
        pieces = _split_line(octets)
    return SOFT_BREAK + SOFT_BREAK.join(pieces) + SOFT_BREAK


def _split_line(encoded: bytes) -> list[bytes]:
    """An encoded line in pieces that have room for a soft line break; none begins with a dot or "From "."""
    pieces: list[bytes] = []
    while True:
        for start, escaped in ESCAPED_STARTS:
            if encoded.startswith(start):
                encoded = escaped + encoded.removeprefix(start)
        if len(encoded) <= QP_LINE:
            return [*pieces, encoded]
        escape = encoded.rfind(b"=", QP_LINE - 2, QP_LINE)
        cut = escape if escape >= 0 else QP_LINE  # never within an escape
        pieces.append(encoded[:cut])
        encoded = encoded[cut:]
