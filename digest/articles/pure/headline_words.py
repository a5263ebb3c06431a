"""The words of headlines: which headline says what most of a story's reports say, and which words they share."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

MIN_WORD_LENGTH = 4  # characters; shorter words say little about what a headline is about. Numbers count.
MAX_COMPARED = 30  # headlines of a story; more change nothing, and the work grows with their square
WORD = re.compile(r"[^\W_]+")


@lru_cache(
    maxsize=20_000
)  # the same headlines are compared for each edition, and for each update of a digest
def headline_words(title: str) -> frozenset[str]:
    """The words of a headline by which it is compared with others."""
    return frozenset(
        word for word in WORD.findall(title.casefold()) if len(word) >= MIN_WORD_LENGTH or word.isdigit()
    )


def common_share(first: frozenset[str], second: frozenset[str]) -> float:
    """The share of the words of the shorter headline that the other has too, from 0 to 1."""
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def typicality(titles: Sequence[str]) -> list[float]:
    """How much each headline has in common with the others of its story; the largest says what most of them say."""
    if len(titles) <= 2:
        return [0.0] * len(titles)  # two have the same in common
    words = [headline_words(title) for title in titles]
    compared = words[:MAX_COMPARED]
    # Each is compared with itself too, which adds the same to all.
    return [round(sum(common_share(own, other) for other in compared), 6) for own in words]


def story_words(lead: str, others: Sequence[str]) -> frozenset[str]:
    """The words that say what a story is about: those of its leading headline, and those that two others share."""
    counts = Counter(word for title in others for word in headline_words(title))
    return headline_words(lead) | {word for word, count in counts.items() if count > 1}
