"""Finds lists in lines without helpful markup, in which headlines and dates alternate."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from digest.sources.pure.dates.date_finder import DateMention

MIN_HEADLINES = 3  # dated headlines in a row that make a list
MIN_HEADLINE_LENGTH, MAX_HEADLINE_LENGTH = 8, 250  # characters of a headline
SENTENCE_BREAK = re.compile(r"[.!?…。][\"'”’»)\]]*\s+\S")  # a sentence ends and another begins
# Headings that ran into the first headline when the markup was removed.
LIST_HEADING = re.compile(
    r"(?:latest (?:news|stories|headlines|articles)|most (?:read|popular|viewed)|recent (?:news|posts|articles)"
    r"|top stories|related (?:news|articles|stories)|more news|trending|последние новости|главные новости|новости"
    r"|популярное|самое читаемое"
    r"|читайте также|останні новини|новини|letzte nachrichten|meistgelesen|aktuelles|dernières nouvelles|les plus lus"
    r"|últimas noticias|lo más leído|últimas notícias|mais lidas|ultime notizie|più letti|son haberler|en çok okunanlar"
    r"|najnowsze|ostatnie wiadomości|son xəbərlər|ən çox oxunanlar|соңғы жаңалықтар)\s*:?\s*",
    re.IGNORECASE,
)


class DatedLine(NamedTuple):
    """The indexes of a headline's line and of its date's line."""

    headline: int
    date: int


def find_headline_date_list(lines: Sequence[str], dates: Mapping[int, DateMention]) -> list[DatedLine]:
    """The longest list in `lines`, [] if there is none.

    All its dates come right after their headlines, or all right before. `dates` are the lines that are dates, by index.
    """
    lists = [dated_lines for offset in (-1, 1) for dated_lines in _find_lists(lines, dates, offset)]
    longest = max(lists, key=len, default=[])
    return longest if len(longest) >= MIN_HEADLINES else []


def strip_list_heading(line: str) -> str:
    """A list's first headline, without the heading that ran into it."""
    return LIST_HEADING.sub("", line, count=1) if LIST_HEADING.match(line) else line


def _find_lists(lines: Sequence[str], dates: Mapping[int, DateMention], offset: int) -> list[list[DatedLine]]:
    """All unbroken lists in which each headline is `offset` lines after its date."""
    lists: list[list[DatedLine]] = [[]]
    for date in sorted(dates):
        headline = date + offset
        if not (0 <= headline < len(lines) and headline not in dates and _may_be_headline(lines[headline])):
            continue
        if lists[-1] and min(date, headline) != max(lists[-1][-1]) + 1:
            lists.append([])
        lists[-1].append(DatedLine(headline, date))
    return lists


def _may_be_headline(line: str) -> bool:
    """Whether a line may be a headline: it is neither prose nor the heading of the list."""
    return MIN_HEADLINE_LENGTH <= len(line) <= MAX_HEADLINE_LENGTH and not (
        SENTENCE_BREAK.search(line) or line.endswith((".", "。", "।", "։")) or LIST_HEADING.fullmatch(line)
    )
