"""What months are called, and how "2 hours ago" is said, in the languages of news; from `data/calendar.json`."""

import json
import re
import unicodedata
from functools import cache
from importlib import resources
from typing import TypedDict

from digest.sources.pure.dates.jalali import JALALI_MONTHS

JALALI = 100  # months of Iran's calendar are counted from here on, apart from the others

HEBREW_IN = "ב"  # "in", written together with the month; no month of Hebrew's begins with it
TAJIK_OF = "и"  # "of", written together with what stands before it: "14 январи соли 2026"
# Letters that writers of one script use for one another: Arabic and Persian yeh and kaf, alef with and without its
# hamza, Bengali's long and short i.
SPELLINGS = str.maketrans("يكأإآ\u09c0", "یکااا\u09bf")


class _Calendar(TypedDict):
    months: dict[str, dict[str, int]]  # by language
    ago: dict[str, tuple[int, int]]  # phrase, its unit's seconds, and its number (0: the one in the text)


def named_months(name: str, language: str) -> tuple[tuple[int, ...], int]:
    """The months that `name` may mean, likeliest first, and how many of its characters say so."""
    first = re.split(r"[ .]", name)[0]
    for words, ending in ((name, ""), (first, ""), (first, TAJIK_OF)):
        word = _spelled(words).rstrip(".").removeprefix(HEBREW_IN).removesuffix(ending)
        own = _calendar()["months"].get(language.split("-")[0].lower(), {}).get(word)
        found = [own] if own else []
        found += [month for month in _all_months().get(word, ()) if month not in found]
        if found:
            return tuple(found), len(words)
    return (), 0


@cache
def _calendar() -> _Calendar:
    """What `build_calendar` wrote."""
    data = (resources.files("digest.sources") / "data" / "calendar.json").read_text(encoding="utf-8")
    loaded: _Calendar = json.loads(data)
    for language, names in loaded["months"].items():
        loaded["months"][language] = {_spelled(name): month for name, month in names.items()}
    return loaded


def _spelled(word: str) -> str:
    """A word in the one of its spellings by which names are compared."""
    return unicodedata.normalize("NFC", word.casefold()).translate(SPELLINGS)


@cache
def _all_months() -> dict[str, tuple[int, ...]]:
    """The months that a word means in any language, those of the languages that come first in the file first."""
    found: dict[str, tuple[int, ...]] = {}
    for names in _calendar()["months"].values():
        for word, month in names.items():
            if month not in found.get(word, ()):
                found[word] = (*found.get(word, ()), month)
    for month, written in enumerate(JALALI_MONTHS, JALALI):
        found |= dict.fromkeys(written.split(), (month,))
    return found


@cache
def ago_phrases() -> dict[str, tuple[int, int]]:
    """Seconds and number of each phrase, without its spaces: some write them and some don't."""
    return {phrase.replace(" ", ""): (unit, number) for phrase, (unit, number) in _calendar()["ago"].items()}
