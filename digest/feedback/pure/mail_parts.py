"""Parses a mail that came back into its text, its reports and the mail that it returns.

The mail may be hostile, so it is cut to size first, and nothing in it is trusted. The functions take any octets and
raise nothing.
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

from digest.feedback.pure.phrases import phrase_pattern

MAX_MAIL_BYTES = 256 * 1024  # octets that are examined; a bounce gives its reason before the returned mail
MOST_LINES = 5_000  # a returned text is cut here, because flufl.bounce examines each line fifty times
LONGEST_LINE = 4_000  # octets; RFC 5322 allows 998
LONGEST_FOLD = 8_000  # octets of consecutive indented lines; parsing a folded header takes quadratic time
MOST_PARTS = 40  # MIME parts; the parser recurses for each level
LONGEST_FIELD = 2_000  # characters of a header field that are examined
MOST_FIELDS = 20  # fields of one name
# Codecs for text. Python also has "zip", "idna" (which is quadratic), "unicode_escape" and others.
CHARSETS = re.compile(
    r"(utf-?(8|16|32)|ascii|iso8859-\d+|iso2022_\w+|cp\d+|koi8-\w|shift_jis\w*"
    r"|euc_\w+|gb\w+|big5\w*|hz|tis-620|mac-\w+)"
)
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
BLOCK_TAG = re.compile(r"<(br|p|div|tr|li|/p|/div|/tr|/li|/h\d)\b[^<>]{0,2000}>", re.IGNORECASE)
ANY_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")
INVISIBLE_TAG = re.compile(r"<(style|script|title)\b[^<>]{0,500}>", re.IGNORECASE)
CONTENT_TYPE = re.compile(rb"^content-type[ \t]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail: its header, its own text, and its machine-readable parts."""

    message: Message
    text: str  # its own text, without the mail that it returns
    returned_text: str  # the header (and some of the body) of the mail that it returns; "" for none
    delivery_reports: Sequence[str]  # the message/delivery-status parts (RFC 3464)
    abuse_report: str  # the message/feedback-report part (RFC 5965); "" for none
    attached_mails: Sequence[Message]

    def header(self, name: str) -> str:
        """A header field, decoded, on one line; "" when there is none."""
        return header(self.message, name)

    def headers(self, name: str) -> Sequence[str]:
        """The first MOST_FIELDS header fields of a name, decoded."""
        return _values(self.message, name)[:MOST_FIELDS]


def parse_mail(raw: bytes) -> ParsedMail:
    """Parse a mail."""
    return parse_message(message_from_bytes(_cut(raw)))


def parse_message(message: Message) -> ParsedMail:
    """Parse a mail that the email package has parsed into a message already, such as an attached one."""
    texts: list[str] = []
    reports: list[str] = []
    attached: list[Message] = []
    returned, abuse_report = "", ""
    for part in _parts(message):
        kind = part.get_content_type()
        if kind in ("message/delivery-status", "message/global-delivery-status"):
            reports.append(_fields(part))
        elif kind == "message/feedback-report":
            abuse_report = abuse_report or _fields(part) or " "
        elif kind.startswith("message/"):
            if part.is_multipart():
                attached += [child for child in part.get_payload() if isinstance(child, Message)][:1]
            returned = returned or _fields(part)
        elif kind in ("text/rfc822-headers", "text/rfc822-header"):
            returned = returned or _body(part)
        elif kind.startswith("text/"):
            texts.append(html_to_text(_body(part)) if kind == "text/html" else _body(part))
    own_text, quoted_mail = _split_quoted_mail("\n\n".join(texts))
    return ParsedMail(message, own_text, returned or quoted_mail, reports, abuse_report, attached)


def header(message: Message, name: str) -> str:
    """A header field, decoded, on one line; "" when there is none."""
    return next(iter(_values(message, name)), "")


def _values(message: Message, name: str) -> list[str]:
    """The decoded fields of a name. Reads raw items, because Message.get destroys octets beyond ASCII."""
    return [
        _decode_field(str(value)) for field_name, value in message.raw_items() if field_name.lower() == name
    ]


def html_to_text(html: str) -> str:
    """The text of an HTML document, one line for each block."""
    text = ANY_TAG.sub("", BLOCK_TAG.sub("\n", _without_invisible_elements(html)))
    return unescape(text).replace("\xa0", " ")


def _without_invisible_elements(html: str) -> str:
    """The document without the elements that nobody sees. Takes linear time, however many are never closed."""
    kept: list[str] = []
    position = 0
    unclosed: set[str] = set()
    while (opening := INVISIBLE_TAG.search(html, position)) is not None:
        name = opening[1].lower()
        closing = None
        if name not in unclosed:
            closing = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(html, opening.end())
        if closing is None:
            unclosed.add(name)  # there is none further down either
        kept.append(html[position : opening.start()])
        position = closing.end() if closing is not None else opening.end()
    return "".join([*kept, html[position:]])


def _cut(raw: bytes) -> bytes:
    """The beginning of a mail, without the lines and parts that would make a parser slow or fail."""
    lines: list[bytes] = []
    parts = folded = 0
    for line in raw[:MAX_MAIL_BYTES].splitlines()[:MOST_LINES]:
        folded = folded + len(line) if line[:1] in b" \t" and line else 0
        parts += bool(CONTENT_TYPE.match(line))
        if parts > MOST_PARTS:
            break
        if folded <= LONGEST_FOLD:
            lines.append(line[:LONGEST_LINE])
    return b"\n".join(lines) + b"\n"


def _parts(message: Message) -> Iterator[Message]:
    """The leaves and attached mails of a mail, but not the parts of an attached mail."""
    queue, count = [message], 0
    while queue and count < 4 * MOST_PARTS:
        part, count = queue.pop(0), count + 1
        children = part.get_payload()
        if isinstance(children, list) and part.get_content_maintype() == "multipart":
            queue = [child for child in children if isinstance(child, Message)] + queue
        else:
            yield part


def _body(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    return _decode_octets(payload, str(part.get_param("charset", "") or ""))


def _decode_octets(octets: bytes, charset: str) -> str:
    for name in (charset.strip().lower(), "utf-8"):
        try:
            codec = codecs.lookup(name).name if name else ""
            if CHARSETS.fullmatch(codec):
                return _clean(octets.decode(codec, errors="strict"))
        except (LookupError, ValueError):
            continue
    return _clean(octets.decode("latin-1"))


def _clean(text: str) -> str:
    return CONTROL_CHARACTERS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def _fields(part: Message) -> str:
    """The text of a part that has fields. If the parser has split it into messages, blank lines separate them."""
    children = part.get_payload()
    if not isinstance(children, list):
        return _body(part)
    groups = [_format_group(child) for child in children if isinstance(child, Message)]
    text = "\n\n".join(groups)
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    if encoding in ("quoted-printable", "base64"):
        wrapped = Message()
        wrapped["Content-Transfer-Encoding"] = encoding
        wrapped.set_payload(text.encode("utf-8", "replace").decode("latin-1"))
        text = _body(wrapped) or text
    return text


def _format_group(group: Message) -> str:
    lines = [f"{name}: {_decode_surrogates(value)}" for name, value in group.raw_items()]
    body = _body(group) if not group.is_multipart() else ""
    return "\n".join(lines) + ("\n\n" + body if body.strip() else "")


def _decode_surrogates(value: object) -> str:
    """A field as text; the parser keeps octets beyond ASCII as surrogates."""
    return _decode_octets(str(value).encode("utf-8", "surrogateescape"), "")


def _split_quoted_mail(text: str) -> tuple[str, str]:
    """The own text of a body, and the mail that it quotes below."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if number and len(line) < 200 and _begins_returned_mail(line) and any(map(str.strip, lines[:number])):
            return "\n".join(lines[:number]), "\n".join(lines[number:])
    return text, ""


def _begins_returned_mail(line: str) -> bool:
    text = line.strip()
    # Two or more hyphens begin a separator line, which must match unchanged.
    hyphens = len(text) - len(text.lstrip("-"))
    pattern = phrase_pattern("returned")
    return bool(pattern.fullmatch(text) or (hyphens < 2 and pattern.fullmatch(text.lstrip(">*- "))))


def _decode_field(value: str) -> str:
    value = value[:LONGEST_FIELD]
    try:
        chunks = decode_header(value)
    except (HeaderParseError, ValueError, IndexError):
        return " ".join(_decode_surrogates(value).split())
    words = [
        _decode_octets(chunk, charset or "") if isinstance(chunk, bytes) else _decode_surrogates(chunk)
        for chunk, charset in chunks
    ]
    return " ".join("".join(words).split())
