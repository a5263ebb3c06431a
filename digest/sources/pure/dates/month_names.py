"""The names of months and the phrases for "2 hours ago" in the languages of news, from `data/calendar.json`."""

import json
import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple, TypedDict

from digest.sources.pure.dates.jalali import JALALI_MONTHS

FIRST_JALALI_MONTH = 100  # months of Iran's calendar are numbered from here on, to keep them apart

HEBREW_PREFIX_IN = "ב"  # "in", written together with the month; no Hebrew month begins with it
TAJIK_SUFFIX_OF = "и"  # "of", written together with the word before it: "14 январи соли 2026"
# Letters that writers of one script use for one another: Arabic and Persian yeh and kaf, alef with and without its
# hamza, Bengali's long and short i.
LETTER_VARIANTS = str.maketrans("يكأإآ\u09c0", "یکااا\u09bf")
MIN_FOREIGN_LENGTH = 5  # letters of a month's name in another language than the page's and English
# The codes that pages use for languages, and CLDR's codes for them.
LANGUAGE_ALIASES = {
    "no": "nb",
    "iw": "he",
    "in": "id",
    "tl": "fil",
    "sh": "sr",
    "mo": "ro",
    "ua": "uk",
    "cz": "cs",
}
# English, French, German, Spanish, Italian, Portuguese, Dutch, Polish, Turkish; Russian, Ukrainian. Inflected and
# misspelt names begin with them, too.
MONTH_STEMS = (
    "jan ene gen sty oca ян січ",
    "feb fev fév lut şub фев лют",
    "mar mär maa mrt бер мар",
    "apr avr abr kwi nis апр кві",
    "may mai mag mei maj май мая тра",
    "jun juin giu cze haz июн чер",
    "jul juil lug lip tem июл лип",
    "aug aou aoû ago sie ağu авг сер",
    "sep set wrz eyl сен вер",
    "oct okt out ott paź eki окт жов",
    "nov lis kas ноя лист",
    "dec déc dez dic gru ara дек гру",
)
MONTH_BY_STEM = {stem: number for number, stems in enumerate(MONTH_STEMS, 1) for stem in stems.split()}


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
    ago: dict[str, dict[str, tuple[int, int]]]  # language -> phrase -> fields of its AgoPhrase


@lru_cache(maxsize=1024)  # a page repeats its words before and after numbers
def find_months(name: str, language: str) -> MonthMatch:
    """The months named by the two words, or else the first word, of `name`; those of `language` come first.

    If `language` is known, a short word of another one is no month: "14 Pro" has nothing to do with Czech's "pro".
    """
    first_word = re.split(r"[ .]", name)[0]
    for words, suffix in ((name, ""), (first_word, ""), (first_word, TAJIK_SUFFIX_OF)):
        word = _normalize(words).rstrip(".").removeprefix(HEBREW_PREFIX_IN).removesuffix(suffix)
        if months := _months_of(word, base_language(language)):
            return MonthMatch(months, len(words))
    return MonthMatch((), 0)


def find_month_by_stem(name: str) -> int | None:
    """The month whose name begins like `name`, which may be inflected or misspelt; only for values of feeds."""
    return next((MONTH_BY_STEM[name[:size]] for size in (4, 3) if name[:size] in MONTH_BY_STEM), None)


@lru_cache(maxsize=256)
def base_language(tag: str) -> str:
    """The language of a tag by CLDR's code: "no" and "nb-NO" are "nb", "pt_BR" is "pt"; "" stays ""."""
    base = re.split("[-_]", tag.strip().lower())[0]
    return LANGUAGE_ALIASES.get(base, base)


@cache
def load_ago_phrases(language: str) -> dict[str, AgoPhrase]:
    """What each phrase of a language means. The keys have no spaces, because not all publishers write them."""
    phrases = _calendar()["ago"].get(language, {})
    return {phrase.replace(" ", ""): AgoPhrase(*fields) for phrase, fields in phrases.items()}


@cache
def longest_ago_phrase(language: str) -> int:
    """The most characters of a key of `load_ago_phrases`; 0 if it has none."""
    return max(map(len, load_ago_phrases(language)), default=0)


def _months_of(word: str, language: str) -> tuple[int, ...]:
    own = _calendar()["months"].get(language, {})
    months = [own[word]] if word in own else []
    is_certain = not own or len(word) >= MIN_FOREIGN_LENGTH or not word.isascii()
    if is_certain or word in _calendar()["months"]["en"]:
        months += [month for month in _months_by_word().get(word, ()) if month not in months]
    return tuple(months)


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
