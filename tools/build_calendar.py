"""Writes `digest/sources/data/calendar.json`: the names of months and phrases such as "2 hours ago" in many languages.

Run it again after an update of Babel: python -m tools.build_calendar
"""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from babel import Locale, localedata

from tools.diffable_json import json_lines

CALENDAR_FILE = Path(__file__).resolve().parents[1] / "digest" / "sources" / "data" / "calendar.json"
# Where two languages use one word for different months, it means the month of the language that comes first here,
# unless a page says which language it is in.
LANGUAGES = [
    "en", "ru", "fr", "de", "es", "ar", "pt", "it", "tr", "pl", "uk", "nl", "fa", "ka", "hy", "az", "kk",
    "ky", "uz", "tg", "tk", "mn", "ro", "bg", "sr", "hr", "sl", "bs", "mk", "sq", "el", "hu", "cs", "sk",
    "lt", "lv", "et", "fi", "sv", "da", "nb", "nn", "is", "ca", "gl", "eu", "be", "he", "ur", "hi", "bn",
    "ta", "te", "mr", "gu", "pa", "ne", "si", "th", "vi", "id", "ms", "fil", "ga", "cy", "mt", "sw", "am",
    "so", "ha", "af", "ku", "ps", "km", "lo", "my", "zh", "ja", "ko",
]  # fmt: skip
MIN_NAME_LENGTH = 2  # characters; a single letter is ambiguous
UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}
# CLDR's plural forms whose phrases may leave the number out: Arabic's "two hours ago" is one word.
IMPLIED_NUMBERS = {"one": 1, "two": 2}
LICENCE = "Unicode CLDR, by way of Babel {}; Unicode License v3 (https://www.unicode.org/license.txt)"


def build_calendar() -> dict[str, object]:
    """The content of the file: `months` is language -> name -> number; `ago` is language -> phrase -> its meaning.

    A phrase is, for example, "{0} hours ago". Its meaning is the seconds of the unit, and a number, which is 0 if the
    text gives it in place of {0}.
    """
    months: dict[str, dict[str, int]] = {language: {} for language in LANGUAGES}
    ago: dict[str, dict[str, tuple[int, int]]] = {language: {} for language in LANGUAGES}
    for name in sorted(localedata.locale_identifiers()):
        if name.split("_")[0] in months:
            locale = Locale.parse(name)
            for month, month_name in _month_names(locale):
                months[locale.language].setdefault(month_name, month)
            ago[locale.language] |= dict(_ago_phrases(locale))
    sorted_ago = {language: dict(sorted(phrases.items())) for language, phrases in ago.items()}
    return {"source": LICENCE.format(version("babel")), "months": months, "ago": sorted_ago}


def _month_names(locale: Locale) -> Iterator[tuple[int, str]]:
    for form in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for month, name in sorted(dict(locale.months[form][width]).items()):
                folded = _fold(name)
                if len(folded) >= MIN_NAME_LENGTH and not any(character.isdigit() for character in folded):
                    yield month, folded


def _ago_phrases(locale: Locale) -> Iterator[tuple[str, tuple[int, int]]]:
    for unit, seconds in UNIT_SECONDS.items():
        for length in ("", "-short"):
            past = locale._data["date_fields"].get(unit + length, {}).get("past", {})
            for plural_form, phrase in dict(past).items():
                number = 0 if "{0}" in phrase else IMPLIED_NUMBERS.get(plural_form)
                if number is not None:
                    yield _fold(phrase), (seconds, number)


def _fold(text: str) -> str:
    return " ".join(text.casefold().replace("\u200f", "").replace("\u200c", "").split()).rstrip(".")


if __name__ == "__main__":
    CALENDAR_FILE.write_text(json_lines(build_calendar()), encoding="utf-8")
