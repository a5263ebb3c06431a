"""A mail that came back, opened: hostile until read, so it is cut to size first, and nothing in it is believed yet.

Everything here takes any octets whatever and raises nothing.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from html import unescape

from digest.feedback.pure.phrases import phrases

LARGEST = 256 * 1024  # octets that are looked at; what a bounce says stands before the mail that it returns
MOST_LINES = 5_000  # what returns a whole mail in text is cut; flufl.bounce looks at each line fifty times
LONGEST_LINE = 4_000  # octets; RFC 5322 allows 998
LONGEST_FOLD = 8_000  # octets of indented lines in a row, for reading a folded header takes quadratic time
MOST_PARTS = 40  # MIME parts; the parser goes one call deeper for each level
LONGEST_FIELD = 2_000  # characters of a header field that are looked at
# Codecs that are really for text: Python also has "zip", "idna" (quadratic), "unicode_escape" and the like.
CHARSETS = re.compile(
    r"(utf-?(8|16|32)|ascii|iso8859-\d+|iso2022_\w+|cp\d+|koi8-\w|shift_jis\w*"
    r"|euc_\w+|gb\w+|big5\w*|hz|tis-620|mac-\w+)"
)
NOT_A_WORD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
TAG = re.compile(r"<(br|p|div|tr|li|/p|/div|/tr|/li|/h\d)\b[^<>]{0,2000}>", re.IGNORECASE)
ANY_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")
UNSEEN = re.compile(r"<(style|script|title)\b[^<>]{0,500}>.{0,20000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
CONTENT_TYPE = re.compile(rb"^content-type[ \t]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says: its header, its own words, and the machine-readable parts it brought."""

    message: Message
    text: str  # its own words, without the mail that it returns
    returned: str  # the header (and some of the body) of the mail that it returns; "" for none
    reports: Sequence[str]  # of each message/delivery-status part (RFC 3464)
    complaint: str  # the message/feedback-report part (RFC 5965); "" for none
    nested: Sequence[Message]  # mails it brings as attachments

    def header(self, name: str) -> str:
        """A header field, decoded, on one line; "" when there is none."""
        return header(self.message, name)

    def headers(self, name: str) -> Sequence[str]:
        """All fields of a name."""
        return _values(self.message, name)[:20]


def open_mail(raw: bytes) -> Mail:
    """Take a mail apart."""
    return from_message(message_from_bytes(_cut(raw)))


def from_message(message: Message) -> Mail:
    """The same for one that is parsed already: an attachment."""
    texts: list[str] = []
    reports: list[str] = []
    nested: list[Message] = []
    returned, complaint = "", ""
    for part in _parts(message):
        kind = part.get_content_type()
        if kind in ("message/delivery-status", "message/global-delivery-status"):
            reports.append(_fields(part))
        elif kind == "message/feedback-report":
            complaint = complaint or _fields(part) or " "
        elif kind.startswith("message/"):
            nested += (
                [child for child in part.get_payload() if isinstance(child, Message)][:1]
                if part.is_multipart()
                else []
            )
            returned = returned or _fields(part)
        elif kind in ("text/rfc822-headers", "text/rfc822-header"):
            returned = returned or _body(part)
        elif kind.startswith("text/"):
            texts.append(plain(_body(part)) if kind == "text/html" else _body(part))
    own, quoted = _split("\n\n".join(texts))
    return Mail(message, own, returned or quoted, reports, complaint, nested)


def header(message: Message, name: str) -> str:
    """A header field, decoded, on one line; "" when there is none."""
    return next(iter(_values(message, name)), "")


def _values(message: Message, name: str) -> list[str]:
    """Raw, for what Message.get makes of octets beyond ASCII can't be read any more."""
    return [_decoded(str(value)) for given, value in message.raw_items() if given.lower() == name]


def plain(html: str) -> str:
    """The words of an HTML text, a line for each block."""
    text = ANY_TAG.sub("", TAG.sub("\n", UNSEEN.sub("", html)))
    return unescape(text).replace("\xa0", " ")


def _cut(raw: bytes) -> bytes:
    """The beginning of a mail, with the lines and parts that a parser can take."""
    kept: list[bytes] = []
    parts = folded = 0
    for line in raw[:LARGEST].splitlines()[:MOST_LINES]:
        folded = folded + len(line) if line[:1] in b" \t" and line else 0
        parts += bool(CONTENT_TYPE.match(line))
        if parts > MOST_PARTS:
            break
        if folded <= LONGEST_FOLD:
            kept.append(line[:LONGEST_LINE])
    return b"\n".join(kept) + b"\n"


def _parts(message: Message) -> Iterator[Message]:
    """The parts of a mail, leaves and attached mails; what is within an attached mail is its own."""
    waiting, seen = [message], 0
    while waiting and seen < 4 * MOST_PARTS:
        part, seen = waiting.pop(0), seen + 1
        children = part.get_payload()
        if isinstance(children, list) and part.get_content_maintype() == "multipart":
            waiting = [child for child in children if isinstance(child, Message)] + waiting
        else:
            yield part


def _body(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    return _text(payload, str(part.get_param("charset", "") or ""))


def _text(octets: bytes, charset: str) -> str:
    for name in (charset.strip().lower(), "utf-8"):
        try:
            codec = codecs.lookup(name).name if name else ""
            if CHARSETS.fullmatch(codec):
                return _clean(octets.decode(codec, errors="strict"))
        except (LookupError, ValueError):
            continue
    return _clean(octets.decode("latin-1"))


def _clean(text: str) -> str:
    return NOT_A_WORD.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def _fields(part: Message) -> str:
    """A part that the parser took for mails or groups of fields, as text again, the groups apart."""
    children = part.get_payload()
    if not isinstance(children, list):
        return _body(part)
    groups = [_group(child) for child in children if isinstance(child, Message)]
    text = "\n\n".join(groups)
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    if encoding in ("quoted-printable", "base64"):
        wrapped = Message()
        wrapped["Content-Transfer-Encoding"] = encoding
        wrapped.set_payload(text.encode("utf-8", "replace").decode("latin-1"))
        text = _body(wrapped) or text
    return text


def _group(group: Message) -> str:
    lines = [f"{name}: {_undone(value)}" for name, value in group.raw_items()]
    rest = _body(group) if not group.is_multipart() else ""
    return "\n".join(lines) + ("\n\n" + rest if rest.strip() else "")


def _undone(value: object) -> str:
    """A field with octets beyond ASCII, which the parser keeps as surrogates, as text."""
    return _text(str(value).encode("utf-8", "surrogateescape"), "")


def _split(text: str) -> tuple[str, str]:
    """A body's own words, and the mail that it quotes below them."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if number and len(line) < 200 and _begins_returned(line) and any(map(str.strip, lines[:number])):
            return "\n".join(lines[:number]), "\n".join(lines[number:])
    return text, ""


def _begins_returned(line: str) -> bool:
    bare = line.strip()
    rule = bare[: len(bare) - len(bare.lstrip("-"))]  # of hyphens, which says something only when it is long
    return bool(
        phrases("returned").fullmatch(bare)
        or (not rule[1:] and phrases("returned").fullmatch(bare.lstrip(">*- ")))
    )


def _decoded(value: str) -> str:
    value = value[:LONGEST_FIELD]
    try:
        chunks = decode_header(value)
    except (HeaderParseError, ValueError, IndexError):
        return " ".join(_undone(value).split())
    words = [
        _text(chunk, charset or "") if isinstance(chunk, bytes) else _undone(chunk)
        for chunk, charset in chunks
    ]
    return " ".join("".join(words).split())
