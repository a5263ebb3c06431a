"""Parses dates that were written for machines: of feeds, of metadata and of attributes."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from digest.sources.pure.dates.calendars import parse_year, to_gregorian
from digest.sources.pure.dates.clock_words import parse_zone, to_moment
from digest.sources.pure.dates.date_finder import (
    DateContext,
    DateMention,
    DateParts,
    add_time_of_day,
    normalize_line,
    read_parts,
)
from digest.sources.pure.dates.date_patterns import DATE_PATTERNS, TIME_OF_DAY, YEAR_AFTER_TIME, iter_matches
from digest.sources.pure.dates.month_names import MonthMatch, find_month_by_stem, find_months

MAX_DATE_LENGTH = 120  # characters; a longer "date" is prose
YEARS = range(1900, 2200)  # programs write the year 1, and 9999, where they have no date

# ISO 8601 in all its forms for a day: 2026-01-14, 20260114, 2026-W03-3, 2026-014; with a time or without.
ISO_8601 = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)-(?P<day>\d\d)|(?P<compact_month>\d\d)(?P<compact_day>\d\d)"
    r"|-?W(?P<week>\d\d)-?(?P<weekday>[1-7])|-?(?P<ordinal>\d{3}))"
    r"(?:(?:\s*[T_]\s*|\s+|(?<=\d{8})(?=\d{4}(?:\d\d)?$))(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,:]\d+)?)?)?"
    r"\s*(?P<zone>[a-z]{0,5}\s*(?:[+\u2212-]\s?\d{1,2}(?::?\d\d)?)?)(?:\s*\[[\w/+-]+\])?)?",
    re.IGNORECASE,
)
# RFC 5322 with a year of four digits and RFC 822's zones, as nearly all feeds write it. Anything else is searched for
# with all patterns, which takes ten times as long.
RFC_822 = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun),? )?(?P<day>\d\d?) "
    r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) (?P<year>(?:19|20)\d\d) "
    r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d))? (?P<zone>gmt|utc?|z|[ecmp][sd]t|[+-]\d{4})",
    re.IGNORECASE | re.ASCII,
)
# The W3C's profile of ISO 8601 allows a year and a month alone, which Dublin Core has for issues of periodicals.
W3C_MONTH = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d))?")
# Seconds or milliseconds since 1970, perhaps with a fraction or as .NET writes them.
EPOCH = re.compile(r"(?:/Date\()?(?P<seconds>\d{10})(?P<rest>\d{3})?(?:\.\d+)?(?:[+-]\d{4})?(?:\)/)?")
# Remarks in which digits are no part of the date: "(Coordinated Universal Time)", Go's "m=+0.5".
REMARK = re.compile(r"\((?:[^()]*)\)|\[[^\[\]]*\]|\bm=[+-][\d.]+")


def parse_date(text: str | None, *, month_first: bool = False) -> datetime | None:
    """The moment that `text` names, in UTC; None if it is no full date. A time without a zone counts as UTC.

    `month_first` says that 1/2/2026 is 2 January. Nothing is ever filled in from the current time; only the W3C's
    "2026-01" and "2026" mean their first day.
    """
    mention = next(_iter_readings(text, "", month_first=month_first), None)
    return mention.moment if mention else _parse_w3c_month((text or "").strip())


def parse_page_value(text: str, context: DateContext) -> DateMention | None:
    """The date in metadata or in an attribute of a page; None if it is none, or if news cannot have it."""
    readings = _iter_readings(text, context.language, month_first=context.month_first)
    return next((mention for mention in readings if context.allows(mention.day)), None)


def parse_ambiguous_value(text: str, context: DateContext) -> list[DateMention]:
    """All readings of a value: two of "11/01/2026", the likelier one first; [] if it is no date."""
    orders = (context.month_first, not context.month_first)
    mentions = [
        mention
        for month_first in orders
        for mention in _iter_readings(text, context.language, month_first=month_first)
        if context.allows(mention.day)
    ]
    return list({mention.day: mention for mention in reversed(mentions)}.values())[::-1]


def _parse_w3c_month(text: str) -> datetime | None:
    match = W3C_MONTH.fullmatch(text)
    year, month = (int(match["year"]), int(match["month"] or 1)) if match else (0, 0)
    return datetime(year, month, 1, tzinfo=UTC) if year in YEARS and 1 <= month <= 12 else None


def _iter_readings(text: str | None, language: str, *, month_first: bool) -> Iterator[DateMention]:
    """The dates that the whole text may be, the likeliest first."""
    if not text or len(text) > MAX_DATE_LENGTH:
        return
    cleaned = " ".join(text.split())
    epoch = EPOCH.fullmatch(cleaned)
    if epoch:
        moment = datetime.fromtimestamp(int(epoch["seconds"]), UTC)
        yield DateMention(0, len(cleaned), moment.date(), moment)
        return
    iso = ISO_8601.fullmatch(cleaned)
    if iso and (mention := _read_iso(iso)):
        yield mention
        return
    rfc_822 = RFC_822.fullmatch(cleaned)
    if rfc_822 and (mention := _read_rfc_822(rfc_822, language)):
        yield mention
        return
    yield from _iter_written_dates(normalize_line(cleaned), language, month_first=month_first)


def _read_iso(match: re.Match[str]) -> DateMention | None:
    try:
        day = _iso_day(match)
    except (ValueError, OverflowError):
        return None
    return _at_clock(match, day) if day.year in YEARS else None


def _read_rfc_822(match: re.Match[str], language: str) -> DateMention | None:
    months = find_months(match["name"], language).months
    day = _first_day(DateParts(match["year"], months, int(match["day"]), match.end()), language)
    return _at_clock(match, day) if day else None


def _at_clock(match: re.Match[str], day: date) -> DateMention | None:
    """The date at the match's hour, minute, second and zone; None if there is no such time."""
    try:
        hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
        carried = timedelta(days=1) if (hour, minute, second) == (24, 0, 0) else timedelta()
        clock = time(0 if carried else hour, minute, min(second, 59))
        moment = (datetime.combine(day, clock, parse_zone(match["zone"])) + carried).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return DateMention(0, match.end(), day, moment)


def _iso_day(match: re.Match[str]) -> date:
    year = int(match["year"])
    if match["week"]:
        return date.fromisocalendar(year, int(match["week"]), int(match["weekday"]))
    if match["ordinal"]:
        day = date(year, 1, 1) + timedelta(days=int(match["ordinal"]) - 1)
        if day.year != year or match["ordinal"] == "000":
            raise ValueError(f"{year} has no day {match['ordinal']}")
        return day
    month, day_of_month = match["month"] or match["compact_month"], match["day"] or match["compact_day"]
    return to_gregorian(year, int(month), int(day_of_month))


def _iter_written_dates(text: str, language: str, *, month_first: bool) -> Iterator[DateMention]:
    """The full dates in a text that has no other number than those of the date."""
    for pattern in (YEAR_AFTER_TIME, *DATE_PATTERNS):
        for match in iter_matches(pattern, text):
            mention = _read_written_date(match, language, month_first=month_first)
            if mention and not _has_other_number(text, mention):
                yield mention
                break


def _read_written_date(match: re.Match[str], language: str, *, month_first: bool) -> DateMention | None:
    name = match.groupdict().get("name")
    parts = read_parts(match, _find_months(name, language) if name else None, month_first=month_first)
    if parts is None or not parts.year:
        return None
    day = _first_day(parts, language)
    if day is None:
        return None
    mention = DateMention.at_midnight(match.start(), parts.end, day)
    if "clock" not in match.re.groupindex:
        return add_time_of_day(match.string, mention)
    clock = TIME_OF_DAY.match(match["clock"])
    moment = to_moment(day, clock) if clock else None
    return DateMention(match.start(), parts.end, day, moment) if moment else None


def _first_day(parts: DateParts, language: str) -> date | None:
    for month in parts.months:
        try:
            day = to_gregorian(
                parse_year(parts.year or "", era=parts.era, language=language), month, parts.day
            )
        except ValueError:
            continue
        if day.year in YEARS:
            return day
    return None


def _find_months(name: str, language: str) -> MonthMatch:
    found = find_months(name, language)
    stem = None if found.months else find_month_by_stem(name.casefold())
    return found if stem is None else MonthMatch((stem,), len(name.split()[0]))


def _has_other_number(text: str, mention: DateMention) -> bool:
    rest = text[: mention.start] + " " + text[mention.end :]
    return any(character.isdigit() for character in REMARK.sub(" ", rest))
