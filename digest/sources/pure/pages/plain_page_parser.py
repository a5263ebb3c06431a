"""The text of a news page without any markup: a headline, paragraphs, perhaps a list of dated headlines, and a date."""

import re
from collections.abc import Sequence
from datetime import datetime

from digest.sources.pure.dates.date_finder import Mention, Reading, find_date
from digest.sources.pure.entries import NotAFeedError
from digest.sources.pure.pages.alternating_lists import GLUED, alternating, unglued
from digest.sources.pure.pages.headline_lists import MAX_LISTED, Listed
from digest.sources.pure.pages.list_candidates import BESIDE, EDGES
from digest.sources.pure.pages.parsed_page import ParsedPage
from digest.sources.pure.text.language import guess
from digest.sources.pure.text.markup import LONGEST_TEXT, one_line

MAX_LINES = 5_000
LONGEST_HEADLINE = 250  # characters
PARAGRAPH = 60  # characters of a line that may be a paragraph
SENTENCE = re.compile(r"[.!?…。！？։।؟][\"'”’»)\]]*(?:\s|$)")
WRITTEN = 0.7  # share of a text's characters that are letters or spaces; code, tables and noise have fewer
CODE = re.compile(r"[{};]\s*$|^\s*(?:def |import |#include|</?\w)", re.MULTILINE)


def read_plain_page(text: str, *, now: datetime) -> ParsedPage:
    """The news page whose text this is. Raises `NotAFeedError` where it doesn't read as one."""
    lines = [line for line in map(one_line, text[: LONGEST_TEXT * 4].splitlines()[:MAX_LINES]) if line]
    reading = Reading(now, guess(" ".join(lines)[:5_000]))
    dates = {place: mention for place, line in enumerate(lines) if (mention := _only_date(line, reading))}
    listed, used = _list(["", *lines[1:]], dates)  # the first line is the page's own headline
    title_place = next((p for p, line in enumerate(lines) if p not in dates and p not in used), None)
    body = [
        line for place, line in enumerate(lines)
        if place not in used and place not in dates and place != title_place
    ]  # fmt: skip
    if title_place is None or not (_reads_as_news(lines[title_place], body) or listed):
        opening = " ".join(text[:60].split())
        raise NotAFeedError(
            f"this is neither a feed nor a news page: it begins with {opening!r}"
            if opening
            else "the body is empty"
        )
    dated = next((mention for place, mention in dates.items() if place not in used), None)
    return ParsedPage(
        headline=lines[title_place],
        date=dated.day.isoformat() if dated else None,
        moment=dated.moment if dated else None,
        body="\n".join(_without_headings(body))[:LONGEST_TEXT],
        language=reading.language,
        side_list=listed,
        is_article=_reads_as_news(lines[title_place], body),
    )


def _only_date(line: str, reading: Reading) -> Mention | None:
    mention = find_date(line, reading) if len(line) <= 2 * BESIDE else None
    if mention is None:
        return None
    rest = (line[: mention.start] + line[mention.end :]).strip(EDGES)
    return mention if len(rest) <= BESIDE // 2 else None


def _list(lines: Sequence[str], dates: dict[int, Mention]) -> tuple[tuple[Listed, ...], frozenset[int]]:
    """What the page lists, and the lines that are in it."""
    pairs = alternating(lines, dates)[:MAX_LISTED]
    listed = (
        Listed(unglued(lines[title]) or lines[title], "", dates[place].day.isoformat(), dates[place].moment)
        for title, place in pairs
    )
    return tuple(listed), frozenset(place for pair in pairs for place in pair)


def _without_headings(body: Sequence[str]) -> list[str]:
    return [line for line in body if not GLUED.fullmatch(line)]


def _reads_as_news(title: str, body: Sequence[str]) -> bool:
    """Whether it is a headline with prose under it, and not code, a table or noise."""
    text = "\n".join(body)
    prose = [line for line in body if len(line) >= PARAGRAPH and SENTENCE.search(line)]
    if (
        not prose
        or len(text) < 2 * PARAGRAPH
        or len(title) > LONGEST_HEADLINE
        or len(CODE.findall(text)) > len(prose)
    ):
        return False
    written = sum(
        1 for character in text if character.isalpha() or character.isspace() or ord(character) > 0x2FF
    )
    return written / len(text) >= WRITTEN
