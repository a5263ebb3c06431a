"""Splits a text for display, so that the words behind its tags can be highlighted."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.regions.pure.tagger import Tag
from digest.regions.pure.text_folding import UNSPACED_CHARACTER


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A part of a text, and the country that its words speak for, or ""."""

    text: str
    country: str = ""


def countries_by_words(tags: Sequence[Tag]) -> dict[str, str]:
    """The words of the tags' evidence and their country. Words of two countries belong to the better tag."""
    return {evidence.words: tag.country for tag in reversed(tags) for evidence in tag.evidence}


def highlight(text: str, country_by_words: Mapping[str, str]) -> tuple[TextSpan, ...]:
    """The whole text in spans. The keys of `country_by_words` are words as the text writes them."""
    longest_first = sorted((words for words in country_by_words if words), key=len, reverse=True)
    if not longest_first:
        return (TextSpan(text),) if text else ()
    spans: list[TextSpan] = []
    last = 0
    for match in re.finditer("|".join(map(_whole_words_pattern, longest_first)), text):
        spans += [TextSpan(text[last : match.start()]), TextSpan(match[0], country_by_words[match[0]])]
        last = match.end()
    return tuple(span for span in (*spans, TextSpan(text[last:])) if span.text)


def _whole_words_pattern(words: str) -> str:
    """A pattern that matches the words, but not inside a longer word, if their script puts blanks between words."""
    before = "" if UNSPACED_CHARACTER.match(words[0]) else r"(?<!\w)"
    after = "" if UNSPACED_CHARACTER.match(words[-1]) else r"(?!\w)"
    return f"{before}{re.escape(words)}{after}"
