"""Finds the date in a line of a web page: "By Jo Lane | 14 Jan 2026", "Вчера, 12:30", "2 hours ago"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple, Self

from digest.sources.pure.dates.calendars import parse_year, to_gregorian
from digest.sources.pure.dates.clock_words import to_moment
from digest.sources.pure.dates.date_patterns import (
    BARE_MONTH_DAY,
    BARE_MONTH_DAY_LANGUAGES,
    DATE_PATTERNS,
    DATE_TIME_SEPARATOR,
    DIGIT,
    INVISIBLE_CHARACTER,
    PUNCTUATION,
    TIME_OF_DAY,
    YEAR_AFTER_MONTH,
    YEAR_AFTER_TIME,
    YEAR_BEFORE,
    YEAR_NEARBY,
    iter_matches,
)
from digest.sources.pure.dates.month_names import FIRST_JALALI_MONTH, MonthMatch, find_months
from digest.sources.pure.dates.relative_dates import read_relative_date

MAX_LINE_LENGTH = 300  # characters of a line that are searched; a longer line is prose
EARLIEST_YEAR = 1990  # before the web
EARLIEST_ZONE, LATEST_ZONE = timedelta(hours=-12), timedelta(hours=14)  # of the world
MAX_AHEAD = timedelta(days=2)  # allows for time zones and for papers that carry tomorrow's date
# A day without a year may be of the last year this long ago: in January, news of December. A longer time ago, pages
# write the year; "20 December" in November is a day to come.
MAX_AGE_IN_LAST_YEAR = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in a line: its position, the day as written, and the moment in UTC (midnight if no time is given).

    `has_year` is false if the line does not name the year, and `is_relative` is true for "2 hours ago".
    """

    start: int
    end: int
    day: date
    moment: datetime
    has_year: bool = True
    is_relative: bool = False

    @classmethod
    def at_midnight(cls, start: int, end: int, day: date, *, has_year: bool = True) -> Self:
        """The mention of a day without a time."""
        return cls(start, end, day, datetime.combine(day, time(), UTC), has_year)


@dataclass(frozen=True, slots=True)
class DateContext:
    """How to read the dates of a page: the current time, its language ("" if unknown), and whether 1/2 is 2 January."""

    now: datetime
    language: str = ""
    month_first: bool = False

    def allows(self, day: date) -> bool:
        """Whether news can have this date."""
        return day.year >= EARLIEST_YEAR and day <= (self.now + MAX_AHEAD).date()


class DateParts(NamedTuple):
    """A matched date, which may not exist. `months` has several if their name has several meanings."""

    year: str | None
    months: tuple[int, ...]
    day: int
    end: int  # position in the line
    era: str | None = None


def find_date(line: str, context: DateContext) -> DateMention | None:
    """The first date in `line` that is at most `MAX_AHEAD` in the future, or None.

    A full date that is refused, as that of a birth, is not read again without its year.
    """
    return _find_date(line[:MAX_LINE_LENGTH], context)


@lru_cache(maxsize=2048)  # a page's lines are searched for its lists, and again for its own date
def _find_date(line: str, context: DateContext) -> DateMention | None:
    text = normalize_line(line)
    mentions = sorted(_iter_dates(text, context), key=lambda mention: (mention.start, -mention.end))
    return add_time_of_day(text, mentions[0]) if mentions else _find_relative_date(text, context)


def may_be_same_moment(mention: DateMention, day: date) -> bool:
    """Whether it was that day somewhere on earth at that moment. A mention without a time has the same day anywhere."""
    if mention.moment.time() == time():
        return mention.day == day
    day_begin = datetime.combine(day, time(), UTC)
    return day_begin - LATEST_ZONE <= mention.moment < day_begin + timedelta(days=1) - EARLIEST_ZONE


def normalize_line(line: str) -> str:
    """The line at its old length, with ASCII digits and punctuation, and spaces for invisible characters."""
    text = INVISIBLE_CHARACTER.sub(" ", line).translate(PUNCTUATION)
    return text if text.isascii() else DIGIT.sub(lambda match: str(int(match[0])), text)


def add_time_of_day(text: str, mention: DateMention) -> DateMention:
    """The mention with the time of day after or before it, if any."""
    after = TIME_OF_DAY.search(text, mention.end)
    if after and DATE_TIME_SEPARATOR.fullmatch(text[mention.end : after.start()]):
        return _at_time(mention, after, mention.start, after.end())
    for before in TIME_OF_DAY.finditer(text, 0, mention.start):
        if DATE_TIME_SEPARATOR.fullmatch(text[before.end() : mention.start]):
            return _at_time(mention, before, before.start(), mention.end)
    return mention


def read_parts(match: re.Match[str], months: MonthMatch | None, *, month_first: bool) -> DateParts | None:
    """The parts of a match of `DATE_PATTERNS`. `months` are those of its name, if it has one; None if it is no date."""
    if months is None:
        return _numeric_parts(match, month_first=month_first)
    return _named_month_parts(match, months)


def _iter_dates(text: str, context: DateContext) -> Iterator[DateMention]:
    """The first date of each pattern, without those that are a part of a date which was refused."""
    if not DIGIT.search(text):
        return
    refused: list[tuple[int, int]] = []
    mentions: list[DateMention] = []
    is_bare_allowed = context.language[:2] in BARE_MONTH_DAY_LANGUAGES
    patterns = (*DATE_PATTERNS, BARE_MONTH_DAY) if is_bare_allowed else DATE_PATTERNS
    for pattern in (YEAR_AFTER_TIME, *patterns):
        for match in iter_matches(pattern, text):
            mention, parts = _to_mention(match, context)
            if mention:
                mentions.append(mention)
                break
            if parts and parts.year:
                refused.append((match.start(), parts.end))
    for mention in mentions:
        if mention.has_year or _may_lack_year(text, mention, refused):
            yield mention


def _may_lack_year(text: str, mention: DateMention, refused: list[tuple[int, int]]) -> bool:
    """Whether a day without a year is not a part of a longer date, which we refused or could not read."""
    is_part = any(start < mention.end and mention.start < end for start, end in refused)
    return not (is_part or YEAR_NEARBY.match(text, mention.end) or YEAR_BEFORE.search(text, 0, mention.start))


def _to_mention(match: re.Match[str], context: DateContext) -> tuple[DateMention | None, DateParts | None]:
    name = match.groupdict().get("name")
    months = find_months(name, context.language) if name else None
    parts = read_parts(match, months, month_first=context.month_first)
    if parts is None:
        return None, None
    for month in parts.months:
        if day := _to_day(parts, month, context):
            mention = DateMention.at_midnight(match.start(), parts.end, day, has_year=bool(parts.year))
            clock = TIME_OF_DAY.match(match["clock"]) if "clock" in match.re.groupindex else None
            return (_at_time(mention, clock, match.start(), parts.end) if clock else mention), parts
    return None, parts


def _named_month_parts(match: re.Match[str], months: MonthMatch) -> DateParts | None:
    """The parts of a date whose month is a word; None if no month has that name."""
    name, year, end = match["name"], match.groupdict().get("year"), match.end()
    if not months.months:
        return None
    if months.length < len(name):
        if match.end("name") < match.start("day"):
            return None  # another word stands between the month and the day: "Platz des Weines 2"
        # The second word does not belong to the month: "14 de enero de 2026".
        end = match.start("name") + months.length
        if match.start("year") < match.start("name") and year:
            return DateParts(year, months.months, int(match["day"]), end)
        year_match = YEAR_AFTER_MONTH.match(match.string, end)
        year, end = (year_match["year"], year_match.end()) if year_match else (None, end)
    return DateParts(year, months.months, int(match["day"]), end)


def _numeric_parts(match: re.Match[str], *, month_first: bool) -> DateParts:
    """The parts of a date whose month is a number; a "month" over 12 is the day."""
    groups = match.groupdict()
    month, day = int(match["month"]), int(match["day"])
    is_day_first = match.start("day") < match.start("month")
    if groups.get("gap") == "/" and month_first and is_day_first:
        month, day = day, month
    if month > 12 >= day:
        month, day = day, month
    return DateParts(groups.get("year"), (month,), day, match.end(), groups.get("era"))


def _to_day(parts: DateParts, month: int, context: DateContext) -> date | None:
    """The day in the Gregorian calendar; without a year, its last occurrence; None if news cannot have it."""
    try:
        if not parts.year:
            return _last_occurrence(month, parts.day, context) if month < FIRST_JALALI_MONTH else None
        year = parse_year(parts.year, era=parts.era, language=context.language)
        day = to_gregorian(year, month, parts.day)
    except ValueError:
        return None
    return day if context.allows(day) else None


def _last_occurrence(month: int, day: int, context: DateContext) -> date | None:
    today = context.now.date()
    in_this_year = date(today.year, month, day)
    if context.allows(in_this_year):
        return in_this_year
    in_last_year = date(today.year - 1, month, day)
    return in_last_year if today - in_last_year <= MAX_AGE_IN_LAST_YEAR else None


def _at_time(mention: DateMention, time_match: re.Match[str], start: int, end: int) -> DateMention:
    moment = to_moment(mention.day, time_match)
    return DateMention(start, end, mention.day, moment, mention.has_year) if moment else mention


def _find_relative_date(text: str, context: DateContext) -> DateMention | None:
    """The date of a line that is "2 hours ago" or "yesterday" and nothing else."""
    relative = read_relative_date(text, context.language, context.now)
    if relative is None:
        return None
    day = relative.moment.date()
    mention = DateMention.at_midnight(0, len(text), day)
    if relative.has_time:
        return DateMention(0, len(text), day, relative.moment, is_relative=True)
    clock = TIME_OF_DAY.search(text)
    moment = to_moment(day, clock) if clock else None
    return DateMention(0, len(text), day, moment or mention.moment, is_relative=True)
