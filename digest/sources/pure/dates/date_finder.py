"""Finds the date in a line of a web page: "By Jo Lane | 14 Jan 2026", "Вчера, 12:30", "2 hours ago"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, Self

from digest.sources.pure.dates.date_parser import parse_date, parse_zone, to_24_hours
from digest.sources.pure.dates.date_patterns import (
    AGO_NUMBER,
    BARE_MONTH_DAY,
    BARE_MONTH_DAY_LANGUAGES,
    COMMA_TRANSLATION,
    DATE_LABEL,
    DATE_PATTERNS,
    DATE_TIME_SEPARATOR,
    DAYS_AGO_BY_WORD,
    DIGIT,
    INDEFINITE_ARTICLE,
    INVISIBLE_CHARACTER,
    LINE_SEPARATOR,
    SHORT_AGO,
    SHORT_UNIT_SECONDS,
    TIME_OF_DAY,
    YEAR_AFTER_MONTH,
)
from digest.sources.pure.dates.jalali import from_jalali
from digest.sources.pure.dates.month_names import FIRST_JALALI_MONTH, find_months, load_ago_phrases

MAX_LINE_LENGTH = 300  # characters of a line that are searched; a longer line is prose
EARLIEST_YEAR = 1990  # before the web
MAX_AHEAD = timedelta(days=2)  # allows for time zones and for papers that carry tomorrow's date
BUDDHIST_YEAR_OFFSET = 543  # Thailand's calendar is so many years ahead


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in a line: its position, the day as written, and the moment in UTC (midnight if no time is given)."""

    start: int
    end: int
    day: date
    moment: datetime

    @classmethod
    def at_midnight(cls, start: int, end: int, day: date) -> Self:
        """The mention of a day without a time."""
        return cls(start, end, day, datetime.combine(day, time(), UTC))


@dataclass(frozen=True, slots=True)
class DateContext:
    """How to read the dates of a page: the current time, its language ("" if unknown), and whether 1/2 is 2 January."""

    now: datetime
    language: str = ""
    month_first: bool = False


class _DateParts(NamedTuple):
    """A matched date, which may not exist. `months` has several if their name has several meanings."""

    year: str | None
    months: tuple[int, ...]
    day: int
    end: int  # position in the line


def find_date(line: str, context: DateContext) -> DateMention | None:
    """The first date in `line` that is at most `MAX_AHEAD` in the future, or None."""
    text = _normalize(line[:MAX_LINE_LENGTH])
    mentions = sorted(_iter_dates(text, context), key=lambda mention: (mention.start, -mention.end))
    return _add_time_of_day(text, mentions[0]) if mentions else _find_relative_date(text, context.now)


def parse_date_attribute(text: str, context: DateContext) -> DateMention | None:
    """The date in a machine-readable attribute: mostly ISO 8601, but publishers write anything there."""
    cleaned = text.strip()
    if cleaned.isascii() and cleaned.isdigit():
        moment = parse_date(cleaned)
        return DateMention(0, len(text), moment.date(), moment) if moment else None
    return find_date(cleaned, context)


def _normalize(line: str) -> str:
    """The line at its old length, with ASCII digits for all digits and spaces for invisible characters."""
    text = INVISIBLE_CHARACTER.sub(" ", line).translate(COMMA_TRANSLATION)
    return text if text.isascii() else DIGIT.sub(lambda match: str(int(match[0])), text)


def _iter_dates(text: str, context: DateContext) -> Iterator[DateMention]:
    """The first date of each pattern."""
    if not any(character.isdigit() for character in text):
        return
    is_bare_allowed = context.language[:2] in BARE_MONTH_DAY_LANGUAGES
    for pattern in (*DATE_PATTERNS, BARE_MONTH_DAY) if is_bare_allowed else DATE_PATTERNS:
        match = pattern.search(text)
        while match:
            if mention := _to_mention(match, context):
                yield mention
                break
            match = pattern.search(text, _next_search_position(match))


def _next_search_position(match: re.Match[str]) -> int:
    """Where to search after a match that is no date: in "Jo Lane Jan 9" at "Lane", as "Jo Lane" is no month."""
    name = match.groupdict().get("name") or ""
    starts_with_two_words = len(name.split()) > 1 and match.start("name") == match.start()
    if starts_with_two_words:
        return match.start() + len(name.split()[0])
    return max(match.end(), match.start() + 1)


def _to_mention(match: re.Match[str], context: DateContext) -> DateMention | None:
    parts = (
        _named_month_parts(match, context)
        if match.groupdict().get("name")
        else _numeric_parts(match, context)
    )
    if parts is None:
        return None
    for month in parts.months:
        if day := _to_day(parts.year, month, parts.day, context.now):
            return DateMention.at_midnight(match.start(), parts.end, day)
    return None


def _named_month_parts(match: re.Match[str], context: DateContext) -> _DateParts | None:
    """The parts of a date whose month is a word; None if no month has that name."""
    name, year, end = match["name"], match.groupdict().get("year"), match.end()
    months, name_length = find_months(name, context.language)
    if not months:
        return None
    if name_length < len(name) and match.end("name") > match.start("day"):
        # The second word does not belong to the month: "14 de enero de 2026".
        end = match.start("name") + name_length
        year_match = YEAR_AFTER_MONTH.match(match.string, end)
        year, end = (year_match["year"], year_match.end()) if year_match else (None, end)
    return _DateParts(year, months, int(match["day"]), end)


def _numeric_parts(match: re.Match[str], context: DateContext) -> _DateParts:
    """The parts of a date whose month is a number; a "month" over 12 is the day."""
    groups = match.groupdict()
    month, day = int(match["month"]), int(match["day"])
    is_day_first = match.start("day") < match.start("month")
    if groups.get("gap") == "/" and context.month_first and is_day_first:
        month, day = day, month
    if month > 12 >= day:
        month, day = day, month
    return _DateParts(groups.get("year"), (month,), day, match.end())


def _to_day(year: str | None, month: int, day: int, now: datetime) -> date | None:
    """The day in the Gregorian calendar; without a year, its last occurrence; None if there is no such day."""
    latest = (now + MAX_AHEAD).date()
    try:
        if month >= FIRST_JALALI_MONTH:
            jalali_month = month - FIRST_JALALI_MONTH + 1
            return _within_bounds(from_jalali(int(year), jalali_month, day), latest) if year else None
        if not year:
            this_year = now.date().year
            in_this_year = date(this_year, month, day)
            return in_this_year if in_this_year <= latest else date(this_year - 1, month, day)
        number = int(year.strip("’'"))
        if number < 100:
            number += 2000
        elif number > 2400:
            number -= BUDDHIST_YEAR_OFFSET
        elif number < 1500:
            return _within_bounds(from_jalali(number, month, day), latest)
        return _within_bounds(date(number, month, day), latest)
    except ValueError:
        return None


def _within_bounds(day: date, latest: date) -> date | None:
    return day if day.year >= EARLIEST_YEAR and day <= latest else None


def _add_time_of_day(text: str, mention: DateMention) -> DateMention:
    """The mention with the time of day after or before it, if any."""
    after = TIME_OF_DAY.search(text, mention.end)
    if after and DATE_TIME_SEPARATOR.fullmatch(text[mention.end : after.start()]):
        return _at_time(mention, after, mention.start, after.end())
    for before in TIME_OF_DAY.finditer(text, 0, mention.start):
        if DATE_TIME_SEPARATOR.fullmatch(text[before.end() : mention.start]):
            return _at_time(mention, before, before.start(), mention.end)
    return mention


def _at_time(mention: DateMention, time_match: re.Match[str], start: int, end: int) -> DateMention:
    hour, minute, second = (int(time_match[part] or 0) for part in ("hour", "minute", "second"))
    hour = to_24_hours(hour, time_match["am_pm"])
    if hour > 23 or minute > 59:
        return mention
    local = datetime.combine(mention.day, time(hour, minute, min(second, 59)), parse_zone(time_match["zone"]))
    return DateMention(start, end, mention.day, local.astimezone(UTC))


def _find_relative_date(text: str, now: datetime) -> DateMention | None:
    """The date of a part of the line that is "2 hours ago" or begins with "yesterday"."""
    position = 0
    for part in LINE_SEPARATOR.split(text):
        start = text.find(part, position)
        position = start + len(part)
        words = part.strip()
        label = DATE_LABEL.match(words)
        phrase = words[label.end() :] if label else words
        if moment := _parse_ago(phrase, now):
            return DateMention(start, position, moment.date(), moment)
        if phrase and (mention := _parse_day_word(phrase, start + part.find(phrase), now)):
            return _add_time_of_day(text, mention)
    return None


def _parse_ago(phrase: str, now: datetime) -> datetime | None:
    """The moment of "5 h ago", "vor einer Stunde" and the like."""
    folded = " ".join(phrase.casefold().split())
    folded = INDEFINITE_ARTICLE.sub("1 ", folded).replace("1  ", "1 ").rstrip(".")
    short = SHORT_AGO.fullmatch(folded)
    if short and (short["ago"] or not short["unit"].startswith("min")):  # "5 min" is how long reading takes
        return now - int(short["number"]) * timedelta(seconds=SHORT_UNIT_SECONDS[short["unit"]])
    numbers = AGO_NUMBER.findall(folded)
    pattern = AGO_NUMBER.sub("{0}", folded) if len(numbers) == 1 else folded
    ago_phrase = load_ago_phrases().get(pattern.replace(" ", ""))
    if ago_phrase is None:
        return None
    return now - timedelta(seconds=ago_phrase.unit_seconds) * (ago_phrase.number or int(numbers[0]))


def _parse_day_word(phrase: str, start: int, now: datetime) -> DateMention | None:
    """The day of a phrase that begins with "today" or "yesterday" in some language."""
    first_word = phrase.split()[0].rstrip(",:")
    days_ago = DAYS_AGO_BY_WORD.get(first_word.casefold())
    if days_ago is None:
        return None
    day = (now - timedelta(days=days_ago)).date()
    return DateMention.at_midnight(start, start + len(first_word), day)
