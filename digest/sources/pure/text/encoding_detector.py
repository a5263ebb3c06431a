"""Detects the encoding of a document that does not declare it. The only module that imports chardet."""

import re
from typing import NamedTuple

from digest.sources.pure.dates.month_names import base_language

SAMPLE_BYTES = 200_000
# Where a document of XML, HTML or JSON says its language: <language>pt</language>, lang="pt", "language": "pt".
DECLARED_LANGUAGE = re.compile(
    rb"""<(?:dc:)?language>\s*(?:<!\[CDATA\[)?\s*([a-z]{2,3}(?:[-_][a-z]{2,4})?)\b"""
    rb"""|<(?:html|rss|feed|channel|urlset)\b[^>]{0,500}?\blang\s*=\s*["']?([a-z]{2,3}(?:[-_][a-z]{2,4})?)\b"""
    rb"""|"language"\s*:\s*"([a-z]{2,3}(?:[-_][a-z]{2,4})?)\b""",
    re.IGNORECASE,
)
MARKUP = re.compile(rb"<[^<>]{0,2000}>|https?://[!-~]{1,500}")
WORD = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
# Of the letters in words with other letters than ASCII's, about a quarter are others in languages of the Latin script,
# and all in languages of other scripts.
MAX_LATIN_SHARE = 0.52
# Letters beyond ASCII of windows-1252 in a row; no word of a language that it was made for has so many. A row of few
# different ones is punctuation: "¡¡¡¡Gol!!!!".
FOREIGN_RUN = re.compile(rb"[\xa1-\xaa\xac-\xb6\xb8-\xba\xbc-\xff]{4,}")
FOREIGN_LETTER = re.compile(rb"[\xa1-\xaa\xac-\xb6\xb8-\xba\xbc-\xff]")
MIN_FOREIGN_RUNS = 3  # different ones
MIN_DIFFERENT_LETTERS = 3  # of a run
MIN_FOREIGN_SHARE = 0.5  # of such letters that stand in such runs; four fifths of a Cyrillic text do
# Without a language, an encoding of the Latin script must fit so much better than the most usual one: chardet's
# confidences for ñ and à differ by up to 1.45, and for most texts of Central Europe by 1.7 and more.
USUAL_LATIN = "cp1252"
MIN_ADVANTAGE = 1.5

LATIN_1 = ("cp1252", "iso8859-15")  # cp1252 has all of iso8859-1, and cp1254 of iso8859-9
LATIN_2 = ("cp1250", "iso8859-2")
TURKISH = ("cp1254",)
BALTIC = ("cp1257", "iso8859-13")
VIETNAMESE = ("cp1258",)
CYRILLIC = ("cp1251", "koi8-r", "iso8859-5", "cp866", "mac-cyrillic")
UKRAINIAN = ("cp1251", "koi8-u", "iso8859-5")
GREEK = ("cp1253", "iso8859-7")
HEBREW = ("cp1255", "iso8859-8")
ARABIC = ("cp1256", "iso8859-6")
THAI = ("cp874",)
CHINESE = ("gb18030", "big5hkscs")
JAPANESE = ("cp932", "euc-jp")
KOREAN = ("cp949",)
LATIN_SCRIPT = (*LATIN_1, *LATIN_2, *TURKISH, *BALTIC, *VIETNAMESE)
OTHER_SCRIPTS = (
    *CYRILLIC, "koi8-u", *GREEK, *HEBREW, *ARABIC, *THAI, *CHINESE, *JAPANESE, *KOREAN
)  # fmt: skip
# The encodings in which a language was written before UTF-8. They begin with those that browsers assume for it
# (https://encoding.spec.whatwg.org/, https://html.spec.whatwg.org/#determining-the-character-encoding); then ISO's.
ENCODINGS_BY_LANGUAGE = {
    **dict.fromkeys(
        [
            "af",
            "ca",
            "da",
            "de",
            "es",
            "eu",
            "fi",
            "fil",
            "fo",
            "fr",
            "ga",
            "gl",
            "id",
            "is",
            "it",
            "lb",
            "ms",
            "nb",
            "nl",
            "nn",
            "pt",
            "sq",
            "sv",
            "sw",
        ],
        LATIN_1,
    ),
    **dict.fromkeys(["cs", "hu", "pl", "ro", "sk", "sl", "hr", "bs"], LATIN_2),
    "sr": (*LATIN_2, "cp1251", "iso8859-5"),
    **dict.fromkeys(("tr", "ku"), TURKISH),
    **dict.fromkeys(("az", "uz", "tk"), (*TURKISH, "cp1251")),
    "et": (*BALTIC, "iso8859-15"),
    **dict.fromkeys(("lt", "lv"), BALTIC),
    "vi": VIETNAMESE,
    **dict.fromkeys(["ru", "bg", "mk", "mn", "tg", "tt", "ky"], CYRILLIC),
    **dict.fromkeys(("uk", "be"), UKRAINIAN),
    "kk": ("cp1251", "kz1048"),
    "el": GREEK,
    **dict.fromkeys(("he", "yi"), HEBREW),
    **dict.fromkeys(["ar", "fa", "ur", "ps"], ARABIC),
    "th": THAI,
    "zh": CHINESE,
    "ja": JAPANESE,
    "ko": KOREAN,
}


class _Guess(NamedTuple):
    """An encoding, and how well the bytes fit it, between 0 and 1."""

    encoding: str
    confidence: float


def detect_encoding(body: bytes) -> str:
    """Return the codec that decodes `body`, which is not UTF-8, most plausibly.

    Only the encodings of the language that the document declares are considered; without one, those of the script
    that the bytes show: letters that stand alone among ASCII letters are Latin ones, whole words of others are not.
    """
    sample = MARKUP.sub(b" ", body[:SAMPLE_BYTES])
    is_latin = _is_latin_script(sample)
    declared = ENCODINGS_BY_LANGUAGE.get(_declared_language(body), ())
    suitable = tuple(name for name in declared if (name in LATIN_SCRIPT) == is_latin)
    if suitable or not is_latin:
        return _rank(sample, suitable or OTHER_SCRIPTS)[0].encoding
    ranked = _rank(sample, LATIN_SCRIPT)
    usual = next((guess for guess in ranked if guess.encoding == USUAL_LATIN), None)
    if usual is None:
        return ranked[0].encoding
    return ranked[0].encoding if ranked[0].confidence >= usual.confidence * MIN_ADVANTAGE else USUAL_LATIN


def is_surely_not_latin_1(body: bytes) -> bool:
    """Whether a document that declares iso-8859-1, and is not UTF-8, must be in another encoding.

    Its words are of another script, or it declares a language that iso-8859-1 has not the letters of, as Polish.
    """
    sample = MARKUP.sub(b" ", body[:SAMPLE_BYTES])
    declared = ENCODINGS_BY_LANGUAGE.get(_declared_language(body), (USUAL_LATIN,))
    if USUAL_LATIN not in declared:
        is_latin = _is_latin_script(sample)
        return any((name in LATIN_SCRIPT) == is_latin for name in declared)
    runs = [run for run in FOREIGN_RUN.findall(sample) if len(set(run)) >= MIN_DIFFERENT_LETTERS]
    is_often = sum(map(len, runs)) > MIN_FOREIGN_SHARE * len(FOREIGN_LETTER.findall(sample))
    return is_often and len(set(runs)) >= MIN_FOREIGN_RUNS


def _declared_language(body: bytes) -> str:
    match = DECLARED_LANGUAGE.search(body[:SAMPLE_BYTES])
    tag = next((group for group in match.groups() if group), b"") if match else b""
    return base_language(tag.decode("ascii"))


def _is_latin_script(sample: bytes) -> bool:
    """Whether the bytes over 127 are single letters within words of ASCII letters."""
    words = WORD.findall(sample)
    length = sum(map(len, words))
    others = sum(1 for word in words for byte in word if byte > 0x7F)
    return others <= MAX_LATIN_SHARE * length


def _rank(sample: bytes, candidates: tuple[str, ...]) -> list[_Guess]:
    """The candidates that chardet finds possible, the likeliest first; only the first candidate if none fits."""
    # Imported here because its models take a tenth of a second, and most documents are UTF-8.
    import chardet

    results = chardet.detect_all(
        sample,
        ignore_threshold=True,
        include_encodings=candidates,
        compat_names=False,
        no_match_encoding=candidates[0],
    )
    # It names none for bytes that are no text in any encoding, and leaves out encodings that lack some of the bytes.
    return [_Guess(result["encoding"] or candidates[0], result["confidence"]) for result in results]
