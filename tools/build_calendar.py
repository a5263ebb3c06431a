"""Writes `digest/sources/data/calendar.json`: how the languages of news name months and say how long ago something was.

Run again after an update of Babel: python -m tools.build_calendar
"""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from babel import Locale, localedata

from tools.diffable_json import json_lines

DATA = Path(__file__).resolve().parents[1] / "digest" / "sources" / "data" / "calendar.json"
# Where two languages use one word for different months, the one that stands first here has it
# unless the page says which it is written in.
LANGUAGES = [
    "en", "ru", "fr", "de", "es", "ar", "pt", "it", "tr", "pl", "uk", "nl", "fa", "ka", "hy", "az", "kk",
    "ky", "uz", "tg", "tk", "mn", "ro", "bg", "sr", "hr", "sl", "bs", "mk", "sq", "el", "hu", "cs", "sk",
    "lt", "lv", "et", "fi", "sv", "da", "nb", "nn", "is", "ca", "gl", "eu", "be", "he", "ur", "hi", "bn",
    "ta", "te", "mr", "gu", "pa", "ne", "si", "th", "vi", "id", "ms", "fil", "ga", "cy", "mt", "sw", "am",
    "so", "ha", "af", "ku", "ps", "km", "lo", "my", "zh", "ja", "ko",
]  # fmt: skip
SHORTEST = 2  # characters; one letter alone names no month
UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}  # seconds
ONCE_OR_TWICE = {"one": 1, "two": 2}  # plural forms that need no number: Arabic's "two hours ago" is one word
LICENCE = "Unicode CLDR, by way of Babel {}; Unicode License v3 (https://www.unicode.org/license.txt)"


def build() -> dict[str, object]:
    """Names of months by language; and phrases such as "{0} hours ago" with the seconds of a unit and its number."""
    months: dict[str, dict[str, int]] = {language: {} for language in LANGUAGES}
    ago: dict[str, tuple[int, int]] = {}
    for name in sorted(localedata.locale_identifiers()):
        if name.split("_")[0] in months:
            locale = Locale.parse(name)
            for month, word in _month_names(locale):
                months[locale.language].setdefault(word, month)
            ago |= dict(_phrases(locale))
    return {"source": LICENCE.format(version("babel")), "months": months, "ago": dict(sorted(ago.items()))}


def _month_names(locale: Locale) -> Iterator[tuple[int, str]]:
    for form in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for month, name in sorted(dict(locale.months[form][width]).items()):
                word = _folded(name)
                if len(word) >= SHORTEST and not any(character.isdigit() for character in word):
                    yield month, word


def _phrases(locale: Locale) -> Iterator[tuple[str, tuple[int, int]]]:
    for unit, seconds in UNITS.items():
        for length in ("", "-short"):
            past = locale._data["date_fields"].get(unit + length, {}).get("past", {})
            for plural, words in dict(past).items():
                number = 0 if "{0}" in words else ONCE_OR_TWICE.get(plural)
                if number is not None:
                    yield _folded(words), (seconds, number)


def _folded(words: str) -> str:
    return " ".join(words.casefold().replace("\u200f", "").replace("\u200c", "").split()).rstrip(".")


if __name__ == "__main__":
    DATA.write_text(json_lines(build()), encoding="utf-8")
