"""Decode documents as UTF-8 if possible, or else by the declared or the most plausible encoding."""

import codecs
import re
from collections.abc import Callable
from typing import NamedTuple

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
SEVEN_BIT_PREFIXES = ("iso2022", "hz")  # all their bytes are ASCII, so they would pass as UTF-8
# Python codecs that are not encodings of documents.
NON_TEXT_CODECS = ("utf-7", "unicode_escape", "raw_unicode_escape", "idna", "punycode")
# A web page declares its encoding in its first bytes; the standard's 1,024 are not enough for many pages.
META_SEARCH_BYTES = 8_192
MIN_GOOD_PER_WRONG = 4  # good UTF-8 sequences for each wrong byte in a text that counts as UTF-8
MIN_GUESS_SCORE = 0.7  # the share of common characters among the non-ASCII characters


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
    if declared.startswith(SEVEN_BIT_PREFIXES):
        return Decoded(body.decode(declared, "replace"))
    for encoding in ("utf-8", declared):
        try:
            return Decoded(body.decode(encoding))
        except UnicodeDecodeError:
            continue
    if declared != "utf-8":
        return Decoded(body.decode(declared, "replace"), (f"some bytes are not {declared}",))
    repaired = _repair_utf8(body)
    if repaired.wrong_count * MIN_GOOD_PER_WRONG <= repaired.good_count:
        return Decoded(repaired.text, (f"{repaired.wrong_count} bytes are not UTF-8",))
    encoding = _guess(body)
    warning = f"declared as UTF-8 but looks like {encoding}"
    return Decoded(body.decode(encoding, "replace"), (warning,))


def _declared(body: bytes, content_type: str | None) -> str:
    """Return the codec declared by the header, the XML declaration or a meta tag; UTF-8 if there is none."""
    header = HEADER_CHARSET.search(content_type or "")
    in_document = XML_ENCODING.search(body[:1000]) or META_CHARSET.search(body[:META_SEARCH_BYTES])
    names = [header[1] if header else "", in_document[1].decode("ascii") if in_document else ""]
    codec_names = [name for name in map(_codec, names) if name]
    # A server's iso-8859-1 is mostly its default setting. Another declaration is more reliable.
    specific = [name for name in codec_names if name != "cp1252"]
    return (specific or codec_names or ["utf-8"])[0]


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


def _guess(body: bytes) -> str:
    """Return the encoding in which most non-ASCII characters of `body` are common ones."""
    sample = re.sub(rb"[\x00-\x40\x5b-\x60\x7b-\x7f]+", b" ", body[:200_000])
    scores = {
        encoding: _score(body, encoding, count_common)
        for encoding, count_common in CHARACTER_COUNTERS.items()
    }
    best = max(scores, key=lambda encoding: scores[encoding])
    if scores[best] < MIN_GUESS_SCORE or not sample.strip():
        return "cp1252"
    return best


def _score(body: bytes, encoding: str, count_common: Callable[[str], int]) -> float:
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    non_ascii = [char for char in text[:100_000] if char > "\x7f"]
    return count_common("".join(non_ascii)) / len(non_ascii) if non_ascii else 0.0


def _lead_byte_counter(codec: str, low: int, high: int) -> Callable[[str], int]:
    """Return a function that counts characters whose first byte in `codec` is in the range of common characters."""

    def count(text: str) -> int:
        return sum(1 for char in text if low <= char.encode(codec, "replace")[0] <= high)

    return count


def _count_japanese(text: str) -> int:
    kana = len(re.findall("[\u3040-\u30fa]", text))
    return len(re.findall("[\u3000-\u30ff\u4e00-\u9fff]", text)) if kana * 5 > len(text) else 0


def _pattern_counter(pattern: str) -> Callable[[str], int]:
    return lambda text: len(re.findall(pattern, text))


# `max` takes the first of equal scores. Double-byte codecs are first, as text rarely fits them by chance.
CHARACTER_COUNTERS: dict[str, Callable[[str], int]] = {
    "euc_jp": _count_japanese,
    "cp932": _count_japanese,
    "cp949": _pattern_counter("[\uac00-\ud7a3]"),
    "gb18030": _lead_byte_counter("gb2312", 0xA1, 0xD7),
    "big5hkscs": _lead_byte_counter("big5", 0xA1, 0xC6),
    "cp1251": _pattern_counter("[а-яёіїєґў«»—–№]"),
    "koi8_r": _pattern_counter("[а-яё]"),
}
