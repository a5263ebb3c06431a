"""Header fields of a message (RFC 5322), with encoded words where a text needs them (RFC 2047)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.charset import Charset

from digest.line_text import clean_line

SIMPLE_VALUE = re.compile(r"[!-~]+(?: [!-~]+)*")  # needs neither encoding nor cleaning
ATOMS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*"
)  # a phrase that needs no quotes (RFC 5322, section 3.2.3)
UTF_8 = Charset("utf-8")  # encodes as base64 or quoted-printable, whichever is shorter
MAX_LINE = 78  # characters; RFC 5322, section 2.1.1
MAX_ENCODED_LINE = 75  # RFC 2047, section 2, allows 76; an encoded word has at most 75 itself
MAX_WORD = 60  # octets, encoded or not; longer words are cut, so that they fit behind any name of a field
MAX_LIST_ID = 255  # octets of the value; RFC 2919 limits the id alone, and some programs the whole
TEXT_FIELDS = frozenset(("Subject",))  # their values are text; those of other fields have a syntax


@dataclass(frozen=True, slots=True)
class Labelled:
    """A value of From or List-Id: a name for people, perhaps empty, and an ASCII address or id for programs."""

    label: str
    address: str


Headers = Sequence[tuple[str, str | Labelled]]


def encode_headers(headers: Headers) -> bytes:
    """Header fields, each encoded and folded."""
    return b"".join(encode_header(name, value) for name, value in headers)


def encode_header(name: str, value: str | Labelled) -> bytes:
    """A header field, encoded and folded; control characters (line ends too) become spaces."""
    if isinstance(value, Labelled):
        return _encode_labelled(name, clean_line(value.label), f"<{clean_line(value.address)}>")
    is_text = name in TEXT_FIELDS
    fits = len(name) + 2 + len(value) <= MAX_LINE or (" " not in value and not is_text)
    if fits and "=?" not in value and SIMPLE_VALUE.fullmatch(value):
        return f"{name}: {value}\r\n".encode()
    clean = clean_line(value)
    if clean.isascii() and not (is_text and _needs_encoding(clean)):
        return _fold(name, clean)
    return f"{name}: {_encoded_words(name, clean)}\r\n".encode("ascii")


def _encode_labelled(name: str, label: str, address: str) -> bytes:
    if not label:
        return _fold(name, address)
    if not _needs_encoding(label):
        return _fold(name, f"{label if ATOMS.fullmatch(label) else _quote(label)} {address}")
    words = _encoded_words(name, label)
    last_line = words.rpartition("\r\n")[2] if "\r\n" in words else f"{name}: {words}"
    separator = " " if len(last_line) + 1 + len(address) <= MAX_ENCODED_LINE else "\r\n "
    if name == "List-Id" and len(words) + len(separator) + len(address) > MAX_LIST_ID:
        return _encode_labelled(name, label.rpartition(" ")[0], address)  # without its last word
    return f"{name}: {words}{separator}{address}\r\n".encode("ascii")


def _needs_encoding(text: str) -> bool:
    """Whether programs would not read the text as it is.

    What looks like an encoded word would be decoded to something else, within quotes too by many programs.
    """
    return not text.isascii() or "=?" in text or any(len(word) > MAX_WORD for word in text.split(" "))


def _quote(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def _encoded_words(name: str, text: str) -> str:
    """Encoded words on lines that are short enough; the first one stands behind `name`.

    They end at spaces where they can: some programs show the line breaks between them as spaces.
    """
    lines, current, room = [], "", MAX_ENCODED_LINE - len(f"{name}: ")
    for piece in _pieces(text):
        if len(UTF_8.header_encode(current + piece)) > room:
            lines.append(UTF_8.header_encode(current))
            current, room = "", MAX_ENCODED_LINE
        current += piece
    return "\r\n ".join([*lines, UTF_8.header_encode(current)])


def _pieces(text: str) -> Iterator[str]:
    """The words of a text, each with the space after it; a word that is too long, as its characters."""
    for word in re.findall(r"\S+ ?", text):
        yield from [word] if len(UTF_8.header_encode(word)) <= MAX_WORD else word


def _fold(name: str, value: str) -> bytes:
    """Fold at spaces so that lines stay within MAX_LINE where they can."""
    lines, line = [], f"{name}:"
    for word in value.split(" "):
        if len(line) + 1 + len(word) > MAX_LINE and line.strip() and not line.endswith(":"):
            lines.append(line)
            line = ""
        line += " " + word
    lines.append(line)
    return ("\r\n".join(lines) + "\r\n").encode("ascii")
