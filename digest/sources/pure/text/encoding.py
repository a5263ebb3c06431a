"""Which characters the bytes of a feed are: what it declares if that is possible, else what fits best."""

import codecs
import re
from collections.abc import Callable

DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})["']""")
META = re.compile(
    rb"""<meta\b[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE
)  # HTML 4.2.5.4
CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{2,40})""", re.IGNORECASE)
BOMS = (  # the longer first: the UTF-16 mark begins the UTF-32 one
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
SUPERSETS = {  # what publishers mean by a name: the WHATWG Encoding Standard's labels
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
LABELS = {  # the Encoding Standard's and IANA's names that Python does not know
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
SEVEN_BIT = ("iso2022", "hz")  # all their bytes are ASCII, hence valid UTF-8 and wrong
NOT_TEXT = ("utf-7", "unicode_escape", "raw_unicode_escape", "idna", "punycode")  # codecs, but no charsets
HEAD = 8_192  # bytes in which a web page names its encoding; the standard's 1,024 are not enough for many
FEW = 4  # wrong bytes in otherwise good UTF-8: at most one in so many sequences
GOOD_GUESS = 0.7  # share of the non-ASCII characters that must be usual ones


def decode(body: bytes, content_type: str | None = None) -> tuple[str, tuple[str, ...]]:
    """The text of `body`, and warnings where its declaration was not true. Never fails."""
    for mark, encoding in BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").lstrip("\ufeff"), ()
    declared = _declared(body, content_type)
    if declared.startswith(SEVEN_BIT):
        return body.decode(declared, "replace"), ()
    for encoding in ("utf-8", declared):
        try:
            return body.decode(encoding), ()
        except UnicodeDecodeError:
            continue
    if declared != "utf-8":
        return body.decode(declared, "replace"), (f"some bytes are not {declared}",)
    mended, good, wrong = _mend_utf8(body)
    if wrong * FEW <= good:
        return mended, (f"{wrong} bytes are not UTF-8",)
    encoding = _guess(body)
    return body.decode(encoding, "replace"), (f"declared as UTF-8 but looks like {encoding}",)


def _declared(body: bytes, content_type: str | None) -> str:
    """The codec that the header or the XML declaration names; UTF-8 when neither names one."""
    header = CHARSET.search(content_type or "")
    inside = DECLARED.search(body[:1000]) or META.search(body[:HEAD])
    names = [header[1] if header else "", inside[1].decode("ascii") if inside else ""]
    codec_names = [name for name in map(_codec, names) if name]
    # A server's iso-8859-1 is mostly the server's default; the document itself knows better.
    informed = [name for name in codec_names if name != "cp1252"]
    return (informed or codec_names or ["utf-8"])[0]


def _codec(name: str) -> str:
    try:
        known = codecs.lookup(LABELS.get(name.lower(), name)).name
    except (LookupError, ValueError):
        return ""
    if known in NOT_TEXT or known.startswith(("utf-16", "utf-32")):  # those were told by their bytes
        return ""
    try:
        b"a".decode(known)
    except (LookupError, ValueError):  # "rot13", "zip": Python codecs that yield no text
        return ""
    return SUPERSETS.get(known, known)


def _mend_utf8(body: bytes) -> tuple[str, int, int]:
    """`body` as UTF-8 with each wrong byte read as windows-1252; how many sequences were good, and wrong."""
    text = body.decode("utf-8", "surrogateescape")
    wrong = sum(1 for char in text if "\udc80" <= char <= "\udcff")
    good = sum(1 for char in text if char > "\x7f") - wrong
    table = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
    return text.translate(table), good, wrong


def _guess(body: bytes) -> str:
    """The encoding in which most of the non-ASCII characters of `body` are usual ones."""
    sample = re.sub(rb"[\x00-\x40\x5b-\x60\x7b-\x7f]+", b" ", body[:200_000])
    scores = {encoding: _score(body, encoding, usual) for encoding, usual in USUAL.items()}
    best = max(scores, key=lambda encoding: scores[encoding])
    if scores[best] < GOOD_GUESS or not sample.strip():
        return "cp1252"
    return best


def _score(body: bytes, encoding: str, usual: Callable[[str], int]) -> float:
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    foreign = [char for char in text[:100_000] if char > "\x7f"]
    return usual("".join(foreign)) / len(foreign) if foreign else 0.0


def _common_in(codec: str, low: int, high: int) -> Callable[[str], int]:
    """Counts characters whose first byte in `codec` is in the rows that hold the frequent ones."""

    def count(text: str) -> int:
        return sum(1 for char in text if low <= char.encode(codec, "replace")[0] <= high)

    return count


def _with_kana(text: str) -> int:
    kana = len(re.findall("[\u3040-\u30fa]", text))
    return len(re.findall("[\u3000-\u30ff\u4e00-\u9fff]", text)) if kana * 5 > len(text) else 0


def _within(pattern: str) -> Callable[[str], int]:
    return lambda text: len(re.findall(pattern, text))


# In order of how much a clean decoding proves: double-byte codecs first, `max` keeps the first of equals.
USUAL: dict[str, Callable[[str], int]] = {
    "euc_jp": _with_kana,
    "cp932": _with_kana,
    "cp949": _within("[\uac00-\ud7a3]"),
    "gb18030": _common_in("gb2312", 0xA1, 0xD7),
    "big5hkscs": _common_in("big5", 0xA1, 0xC6),
    "cp1251": _within("[а-яёіїєґў«»—–№]"),
    "koi8_r": _within("[а-яё]"),
}
