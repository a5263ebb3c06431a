"""Decode documents as UTF-8 if possible, or else by the declared or the most plausible encoding."""

import codecs
import re
from collections.abc import Sequence
from typing import NamedTuple

from digest.sources.pure.text.encoding_detector import detect_encoding, is_surely_not_latin_1

XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})["']""")
# HTML standard, section 4.2.5.4.
META_CHARSET = re.compile(rb"""<meta\b[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{2,40})""", re.IGNORECASE)
# Longer marks first, because the UTF-32 mark begins with the UTF-16 mark.
BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
)
# The encodings that publishers mean by these names, by the WHATWG Encoding Standard.
SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
}
# Names of the Encoding Standard and IANA that Python does not know.
ENCODING_ALIASES = {
    **dict.fromkeys(("x-sjis", "x-shift-jis"), "shift_jis"),
    **dict.fromkeys(("x-gbk", "x-gb2312", "x-euc-cn"), "gbk"),
    **dict.fromkeys(("x-x-big5", "cn-big5", "x-big5"), "big5"),
    "x-euc-jp": "euc_jp",
    **dict.fromkeys(("windows-949", "x-windows-949", "x-euc-kr"), "euc_kr"),
    **dict.fromkeys(("iso-8859-8-i", "iso-8859-8-e", "logical", "visual"), "iso8859-8"),
    **dict.fromkeys(("koi", "koi8"), "koi8_r"),
    **dict.fromkeys(("mac", "csmacintosh", "x-mac-roman"), "mac_roman"),
    **dict.fromkeys(("x-mac-cyrillic", "x-mac-ukrainian"), "mac_cyrillic"),
    "ms-cyrl": "cp1251",
    **dict.fromkeys(("dos-874", "windows-874"), "cp874"),
    **dict.fromkeys(("utf8mb4", "unicode-1-1-utf-8", "x-unicode20utf8"), "utf-8"),
    **{f"x-cp{page}": f"cp{page}" for page in range(1250, 1259)},
}
# What servers name if nobody has told them the encoding.
SERVER_DEFAULTS = ("iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "us-ascii")
LATIN_1 = SUPERSETS["iso8859-1"]
UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
SEVEN_BIT_PREFIXES = ("iso2022", "hz")  # all their bytes are ASCII, so they would pass as UTF-8
# Python codecs that are not encodings of documents.
NON_TEXT_CODECS = ("utf-7", "unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined")
# A web page declares its encoding in its first bytes; the standard's 1,024 are not enough for many pages.
META_SEARCH_BYTES = 8_192
MIN_GOOD_PER_WRONG = 4  # good UTF-8 sequences for each wrong byte in a text that counts as UTF-8


class Decoded(NamedTuple):
    """The text of a document, and warnings about its encoding."""

    text: str
    warnings: tuple[str, ...] = ()


class _RepairedText(NamedTuple):
    """A text, and how many of its UTF-8 sequences were good and how many bytes wrong."""

    text: str
    good_count: int
    wrong_count: int


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Return the text of `body` and warnings if its declaration was wrong. Never raises."""
    for mark, encoding in BOMS:
        if body.startswith(mark):
            return Decoded(body.decode(encoding, "replace").lstrip("\ufeff"))
    declared = _declared(body, content_type)
    if declared and declared[0].startswith(SEVEN_BIT_PREFIXES):
        return Decoded(body.decode(declared[0], "replace"))
    return _decode_as_declared(body, declared) or _decode_by_its_bytes(body, declared)


def _decode_as_declared(body: bytes, declared: Sequence[str]) -> Decoded | None:
    """The text as UTF-8, or in the first declared encoding that all bytes fit; None if they fit none."""
    for encoding in ("utf-8", *declared):
        if encoding == LATIN_1 and (mended := _decode_despite_latin_1(body)):
            return mended
        try:
            return Decoded(body.decode(encoding))
        except UnicodeDecodeError:
            continue
    return None


def _decode_by_its_bytes(body: bytes, declared: Sequence[str]) -> Decoded:
    """The text of a document that is in none of its declared encodings, or declares none."""
    legacy = next((encoding for encoding in declared if encoding != "utf-8"), None)
    if legacy:
        return Decoded(body.decode(legacy, "replace"), (f"some bytes are not {legacy}",))
    repaired = _repair_utf8(body)
    if repaired.wrong_count * MIN_GOOD_PER_WRONG <= repaired.good_count:
        return Decoded(repaired.text, (f"{repaired.wrong_count} bytes are not UTF-8",))
    encoding = detect_encoding(body)
    stated = "declared as UTF-8" if declared else "declares no encoding"
    return Decoded(body.decode(encoding, "replace"), (f"{stated} but looks like {encoding}",))


def _decode_despite_latin_1(body: bytes) -> Decoded | None:
    """The text of a document that declares iso-8859-1 and is plainly something else; None if it may be iso-8859-1.

    Any bytes can be read as iso-8859-1, and much software declares it without being told to.
    """
    if UTF8_SEQUENCE.search(body):
        repaired = _repair_utf8(body)
        if repaired.wrong_count * MIN_GOOD_PER_WRONG <= repaired.good_count:
            return Decoded(repaired.text, (f"{repaired.wrong_count} bytes are not UTF-8",))
    if not is_surely_not_latin_1(body):
        return None
    encoding = detect_encoding(body)
    return Decoded(body.decode(encoding, "replace"), (f"declared as {LATIN_1} but looks like {encoding}",))


def _declared(body: bytes, content_type: str | None) -> list[str]:
    """Return the declared codecs in the order in which they count; [] if there is none.

    First the header's, then the document's own, for XML (RFC 7303, section 3) as for HTML (WHATWG's standard,
    section 13.2.3.2). A server's iso-8859-1 does not count: it is mostly its default, and detection knows better.
    """
    header = HEADER_CHARSET.search(content_type or "")
    in_document = XML_ENCODING.search(body[:1000]) or META_CHARSET.search(body[:META_SEARCH_BYTES])
    names = [header[1] if header else "", in_document[1].decode("ascii") if in_document else ""]
    if names[0].lower() in SERVER_DEFAULTS:
        names[0] = ""
    codec_names = [name for name in map(_codec, names) if name]
    return sorted(dict.fromkeys(codec_names), key=lambda name: name == LATIN_1)


def _codec(name: str) -> str:
    try:
        codec = codecs.lookup(ENCODING_ALIASES.get(name.lower(), name)).name
    except (LookupError, ValueError):
        return ""
    if codec in NON_TEXT_CODECS or codec.startswith(("utf-16", "utf-32")):  # detected by their first bytes
        return ""
    try:
        b"a".decode(codec)
    except (LookupError, ValueError):  # Python codecs that yield no text, such as "rot13"
        return ""
    return SUPERSETS.get(codec, codec)


def _repair_utf8(body: bytes) -> _RepairedText:
    """Decode `body` as UTF-8, and each wrong byte as windows-1252."""
    text = body.decode("utf-8", "surrogateescape")
    wrong = sum(1 for char in text if "\udc80" <= char <= "\udcff")
    good = sum(1 for char in text if char > "\x7f") - wrong
    table = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
    return _RepairedText(text.translate(table), good_count=good, wrong_count=wrong)
