"""The names of months and the phrases for "2 hours ago" in the languages of news, from `data/calendar.json`."""

import json
import re
import unicodedata
from functools import cache
from importlib import resources
from typing import NamedTuple, TypedDict

from digest.sources.pure.dates.jalali import JALALI_MONTHS

FIRST_JALALI_MONTH = 100  # months of Iran's calendar are numbered from here on, to keep them apart

HEBREW_PREFIX_IN = "ב"  # "in", written together with the month; no Hebrew month begins with it
TAJIK_SUFFIX_OF = "и"  # "of", written together with the word before it: "14 январи соли 2026"
# Letters that writers of one script use for one another: Arabic and Persian yeh and kaf, alef with and without its
# hamza, Bengali's long and short i.
LETTER_VARIANTS = str.maketrans("يكأإآ\u09c0", "یکااا\u09bf")


class MonthMatch(NamedTuple):
    """The months that a text may mean, likeliest first, and how many of its characters name them (0 if none do)."""

    months: tuple[int, ...]
    length: int


class AgoPhrase(NamedTuple):
    """What a phrase such as "{0} hours ago" means. `number` 0 stands for the number in the text."""

    unit_seconds: int
    number: int


class _Calendar(TypedDict):
    """The content of `calendar.json`, as `tools.build_calendar` writes it."""

    months: dict[str, dict[str, int]]  # language -> name -> month
    ago: dict[str, tuple[int, int]]  # phrase -> fields of its AgoPhrase


def find_months(name: str, language: str) -> MonthMatch:
    """The months named by the two words, or else the first word, of `name`; those of `language` come first."""
    first_word = re.split(r"[ .]", name)[0]
    for words, suffix in ((name, ""), (first_word, ""), (first_word, TAJIK_SUFFIX_OF)):
        word = _normalize(words).rstrip(".").removeprefix(HEBREW_PREFIX_IN).removesuffix(suffix)
        month_in_language = _calendar()["months"].get(language.split("-")[0].lower(), {}).get(word)
        months = [month_in_language] if month_in_language else []
        months += [month for month in _months_by_word().get(word, ()) if month not in months]
        if months:
            return MonthMatch(tuple(months), len(words))
    return MonthMatch((), 0)


@cache
def load_ago_phrases() -> dict[str, AgoPhrase]:
    """What each phrase means. The keys have no spaces, because not all publishers write them."""
    return {phrase.replace(" ", ""): AgoPhrase(*fields) for phrase, fields in _calendar()["ago"].items()}


@cache
def _calendar() -> _Calendar:
    text = (resources.files("digest.sources") / "data" / "calendar.json").read_text(encoding="utf-8")
    calendar: _Calendar = json.loads(text)
    for language, names in calendar["months"].items():
        calendar["months"][language] = {_normalize(name): month for name, month in names.items()}
    return calendar


def _normalize(word: str) -> str:
    """The spelling of a word by which names are compared."""
    return unicodedata.normalize("NFC", word.casefold()).translate(LETTER_VARIANTS)


@cache
def _months_by_word() -> dict[str, tuple[int, ...]]:
    """The months that a word means in any language; languages that come first in the file come first here."""
    months: dict[str, tuple[int, ...]] = {}
    for names in _calendar()["months"].values():
        for word, month in names.items():
            if month not in months.get(word, ()):
                months[word] = (*months.get(word, ()), month)
    for month, names_of_month in enumerate(JALALI_MONTHS, FIRST_JALALI_MONTH):
        months |= dict.fromkeys(names_of_month.split(), (month,))
    return months
