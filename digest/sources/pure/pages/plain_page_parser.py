"""Parses a news page without markup: a headline, paragraphs, and perhaps a list of dated headlines and a date."""

import re
from collections.abc import Sequence
from datetime import datetime

from digest.errors import NewsroomText
from digest.sources.pure.dates.date_finder import DateContext, DateMention, find_date
from digest.sources.pure.entries import DocumentError
from digest.sources.pure.pages.headline_date_lists import (
    LIST_HEADING,
    DatedLine,
    find_headline_date_list,
    strip_list_heading,
)
from digest.sources.pure.pages.headline_lists import MAX_LISTED, ListedHeadline
from digest.sources.pure.pages.list_candidates import MAX_TEXT_AROUND_DATE, text_around
from digest.sources.pure.pages.parsed_page import ParsedPage
from digest.sources.pure.text.language import detect_language
from digest.sources.pure.text.markup import MAX_TEXT_LENGTH, collapse_whitespace

MAX_LINES = 5_000
MAX_HEADLINE_LENGTH = 250  # characters
# Characters of a line that may be a paragraph; less than for a page with markup, whose paragraphs are known as such.
MIN_PARAGRAPH_LENGTH = 60
SENTENCE_END = re.compile(r"[.!?…。！？։।؟][\"'”’»)\]]*(?:\s|$)")
MIN_LETTER_SHARE = 0.7  # of letters and spaces in a text; code, tables and noise have fewer
CODE_LINE = re.compile(r"[{};]\s*$|^\s*(?:def |import |#include|</?\w)", re.MULTILINE)


def parse_plain_page(text: str, *, now: datetime) -> ParsedPage:
    """Parse the text of a news page. Raises `DocumentError` if it does not look like one."""
    lines = _non_empty_lines(text)
    context = DateContext(now, detect_language(" ".join(lines)[:5_000]))
    dates = {index: mention for index, line in enumerate(lines) if (mention := _line_date(line, context))}
    # The first line is the page's own headline and in no list.
    list_lines = find_headline_date_list(["", *lines[1:]], dates)[:MAX_LISTED]
    listed = _to_listed(list_lines, lines, dates)
    list_indexes = {index for line in list_lines for index in line}
    own_lines = [index for index in range(len(lines)) if index not in dates and index not in list_indexes]
    headline = lines[own_lines[0]] if own_lines else ""
    body = [lines[index] for index in own_lines[1:]]
    is_article = bool(own_lines) and _looks_like_article(headline, body)
    if not own_lines or not (is_article or listed):
        opening = " ".join(text[:60].split())
        raise DocumentError(
            NewsroomText(
                "this is neither a feed nor a news page: it begins with %(opening)s", opening=repr(opening)
            )
            if opening
            else NewsroomText("the body is empty")
        )
    own_date = next((mention for index, mention in dates.items() if index not in list_indexes), None)
    return ParsedPage(
        headline=headline,
        date=own_date.day.isoformat() if own_date else None,
        moment=own_date.moment if own_date else None,
        body="\n".join(line for line in body if not LIST_HEADING.fullmatch(line))[:MAX_TEXT_LENGTH],
        language=context.language,
        side_list=listed,
        is_article=is_article,
    )


def _non_empty_lines(text: str) -> list[str]:
    lines = map(collapse_whitespace, text[: MAX_TEXT_LENGTH * 4].splitlines()[:MAX_LINES])
    return [line for line in lines if line]


def _line_date(line: str, context: DateContext) -> DateMention | None:
    """The date of a line that has hardly any other text."""
    mention = find_date(line, context) if len(line) <= 2 * MAX_TEXT_AROUND_DATE else None
    if mention is None or len(text_around(line, mention)) > MAX_TEXT_AROUND_DATE // 2:
        return None
    return mention


def _to_listed(
    list_lines: Sequence[DatedLine], lines: Sequence[str], dates: dict[int, DateMention]
) -> tuple[ListedHeadline, ...]:
    return tuple(
        ListedHeadline.dated(strip_list_heading(lines[index]) or lines[index], "", dates[date_index])
        for index, date_index in list_lines
    )


def _looks_like_article(headline: str, body: Sequence[str]) -> bool:
    """Whether this is a headline with prose under it, and not code, a table or noise."""
    text = "\n".join(body)
    prose = [line for line in body if len(line) >= MIN_PARAGRAPH_LENGTH and SENTENCE_END.search(line)]
    if (
        not prose
        or len(text) < 2 * MIN_PARAGRAPH_LENGTH
        or len(headline) > MAX_HEADLINE_LENGTH
        or len(CODE_LINE.findall(text)) > len(prose)
    ):
        return False
    letters = sum(
        1 for character in text if character.isalpha() or character.isspace() or ord(character) > 0x2FF
    )
    return letters / len(text) >= MIN_LETTER_SHARE
