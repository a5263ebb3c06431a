"""What the grouping compares of a report: its words, names, numbers and countries."""

import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from math import log
from sys import intern

from digest.articles.pure.duplicate_keys import text_key, title_key
from digest.articles.pure.name_keys import name_keys, number_keys

MAX_COMPARED_LENGTH = 3_000  # characters of a text; what follows is background that many events share
TITLE_WEIGHT = 3  # times: a headline names the event
# Letters of a word that are compared. It is a stem that needs no dictionary: most endings of the languages that readers
# choose come later. Measured against whole words and 6 letters.
STEM_LENGTH = 5
SECONDS_PER_DAY = 86_400
UNSPACED_CHARACTER = re.compile(r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff])")
WORD = re.compile(r"[^\W_]+")
ARABIC_ARTICLE = "\u0627\u0644"


@dataclass(frozen=True, slots=True)
class WeightedWords:
    """The different stems of a text, and how much each counts: 1 + the logarithm of how often the text has it."""

    stems: tuple[str, ...]
    weights: "array[float]"


@dataclass(frozen=True, slots=True)
class Report:
    """An article as the grouping sees it.

    `at` is when it was published, and `seen` when it was seen, in days; reports without a time have 0.
    """

    key: int
    title: WeightedWords
    words: WeightedWords  # of the headline, which counts several times, and of the text
    at: float = 0.0
    seen: float = 0.0
    source: str = ""  # "": not known, so it may be any source
    title_key: str = ""  # see `duplicate_keys.title_key`
    text_key: str = ""  # see `duplicate_keys.text_key`
    language: str = ""  # BCP 47; "" if not known
    joins: bool = True  # false for roundups and other kinds that are in no story with others
    countries: frozenset[str] = frozenset()  # ISO codes of what it is about
    names: frozenset[str] = frozenset()  # see `name_keys`
    numbers: frozenset[str] = frozenset()


def read_report(
    key: int,
    title: str,
    text: str,
    *,
    published_at: datetime | None = None,
    seen_at: datetime | None = None,
    source: str = "",
    language: str = "",
    countries: Collection[str] = (),
) -> Report:
    """The report that an article is. A time of publication that lies after `seen_at` is not believed."""
    lead = text[:MAX_COMPARED_LENGTH]
    title_counts = Counter(stems(title))
    counts = Counter({stem: TITLE_WEIGHT * count for stem, count in title_counts.items()})
    counts.update(stems(lead))
    return Report(
        key=key,
        title=_weigh(title_counts),
        words=_weigh(counts),
        at=min((_days(moment) for moment in (published_at, seen_at) if moment), default=0.0),
        seen=_days(seen_at) if seen_at else 0.0,
        source=source,
        title_key=title_key(title),
        text_key=text_key(text),
        language=language,
        countries=frozenset(countries),
        names=name_keys(title, text),
        numbers=number_keys(title, text),
    )


def stems(text: str) -> list[str]:
    """The words of a text by their first letters. In scripts without spaces each character is a word."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = WORD.findall(UNSPACED_CHARACTER.sub(r" \1 ", folded))
    return [
        intern(word.removeprefix(ARABIC_ARTICLE)[:STEM_LENGTH])
        for word in words
        if len(word) > 1 or word.isdigit() or UNSPACED_CHARACTER.match(word)
    ]


def _weigh(counts: Counter[str]) -> WeightedWords:
    return WeightedWords(tuple(counts), array("f", (1 + log(count) for count in counts.values())))


def _days(moment: datetime) -> float:
    return moment.timestamp() / SECONDS_PER_DAY
