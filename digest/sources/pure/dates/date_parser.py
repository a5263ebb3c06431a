"""Parses the date of a feed entry, in any of the forms that publishers write."""

import re
from datetime import UTC, datetime, timedelta, timezone

from digest.sources.pure.dates.month_names import FIRST_JALALI_MONTH, find_months

MAX_DATE_LENGTH = 120  # characters; a longer "date" is prose

# English, French, German, Spanish, Italian, Portuguese, Dutch, Polish, Turkish; Russian, Ukrainian. These stems are
# tried before the full names in `calendar.json`: feeds use them most, and they also fit misspelt and inflected names.
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

# Hours ahead of UTC of the zone abbreviations that news sites write, each in its most usual meaning there.
ZONE_HOURS = {
    **dict.fromkeys(("z", "ut", "utc", "gmt", "wet", "g"), 0.0),
    **dict.fromkeys(("bst", "west", "cet", "met", "mez", "wat"), 1.0),
    **dict.fromkeys(("cest", "mest", "mesz", "eet", "cat", "sast"), 2.0),
    **dict.fromkeys(("eest", "msk", "eat", "trt"), 3.0),
    "irst": 3.5,
    **dict.fromkeys(("gst", "get", "azt", "amt"), 4.0),
    "aft": 4.5,
    **dict.fromkeys(("pkt", "uzt", "tmt", "tjt"), 5.0),
    "ist": 5.5,
    "npt": 5.75,
    **dict.fromkeys(("kgt", "almt", "bdt"), 6.0),
    **dict.fromkeys(("wib", "ict"), 7.0),
    **dict.fromkeys(("hkt", "sgt", "pht", "awst", "myt"), 8.0),
    **dict.fromkeys(("jst", "kst"), 9.0),
    **dict.fromkeys(("aest",), 10.0),
    **dict.fromkeys(("aedt",), 11.0),
    **dict.fromkeys(("nzst",), 12.0),
    **dict.fromkeys(("nzdt",), 13.0),
    **dict.fromkeys(("brt", "art", "adt"), -3.0),
    **dict.fromkeys(("edt", "ast"), -4.0),
    **dict.fromkeys(("est", "et", "cdt"), -5.0),
    **dict.fromkeys(("cst", "ct", "mdt"), -6.0),
    **dict.fromkeys(("mst", "mt", "pdt"), -7.0),
    **dict.fromkeys(("pst", "pt", "akdt"), -8.0),
    "akst": -9.0,
    "hst": -10.0,
}

TIME_PATTERN = (
    r"(?:(?P<hour>\d{1,2})[:.h](?P<minute>\d{1,2})(?:[:.](?P<second>\d{1,2})(?:[.,]\d+)?)?"
    r"\s*(?P<am_pm>[ap]\.?m\b\.?)?)"
)
ZONE_PATTERN = r"(?P<zone>(?:[a-z]{1,5}\b)?\s*(?:[+\u2212-]\s?\d{1,2}(?::?\d{2})?)?)"
TIME_AND_ZONE_PATTERN = rf"(?:(?:[\s,t|@-]|à|at|um|в)*{TIME_PATTERN}\s*{ZONE_PATTERN})?"
MONTH_PATTERN = r"(?P<month_name>[^\W\d_]{3,12})"
YEAR_PATTERN = r"(?P<year>\d{4}|\d{2})(?!\d)"
DATE_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2026-01-14T08:30:00+03:00, 2026/01/14 08:30, 20260114T083000Z
        rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){TIME_AND_ZONE_PATTERN}",
        r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)"
        rf"(?:t?(?P<hour>\d\d):?(?P<minute>\d\d):?(?P<second>\d\d)?(?:[.,]\d+)?\s*{ZONE_PATTERN})?(?!\d)",
        r"(?P<year>\d{4})-(?P<month>\d\d)$",
        r"(?P<year>\d{4})$",
        # Wed, 14 Jan 2026 08:30:00 GMT, 14. Januar 2026, 14 января 2026 г., 14-Jan-26
        rf"(?:[^\W\d_]+\.?,?\s*)?(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.|º)?[\s/-]*(?:de\s)?{MONTH_PATTERN}\.?,?"
        rf"[\s/-]*(?:de\s)?{YEAR_PATTERN}(?:\s*(?:г\.?|р\.?)(?=[\s,]|$))?{TIME_AND_ZONE_PATTERN}",
        # 2026. január 14.
        rf"(?P<year>\d{{4}})\.?\s+{MONTH_PATTERN}\.?\s+(?P<day>\d{{1,2}})(?!\d){TIME_AND_ZONE_PATTERN}",
        # Jan 14, 2026 8:30 am; Wednesday, January 14, 2026
        rf"(?:[^\W\d_]+\.?,?\s+)?{MONTH_PATTERN}\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{YEAR_PATTERN}(?!:){TIME_AND_ZONE_PATTERN}",
        # Wed Jan 14 08:30:00 GMT 2026 (asctime)
        rf"(?:[^\W\d_]+\.?,?\s+)?{MONTH_PATTERN}\.?\s+(?P<day>\d{{1,2}}),?\s+{TIME_PATTERN}\s*{ZONE_PATTERN}\s+(?P<year>\d{{4}})",
        # 14.01.2026 08:30, 14/01/2026
        rf"(?P<day>\d{{1,2}})[./-](?P<month>\d{{1,2}})[./-](?P<year>\d{{4}}){TIME_AND_ZONE_PATTERN}",
        # 2026年1月14日 08:30, 2026년 1월 14일
        rf"(?P<year>\d{{4}})\s*[年년]\s*(?P<month>\d{{1,2}})\s*[月월]\s*(?P<day>\d{{1,2}})\s*[日일]?{TIME_AND_ZONE_PATTERN}",
    )
)


def parse_date(text: str | None) -> datetime | None:
    """The moment that `text` names, in UTC; None if it is no date. A time without a zone counts as UTC."""
    if not text or len(text) > MAX_DATE_LENGTH:
        return None
    cleaned = " ".join(text.split())
    if re.fullmatch(r"\d{10}|\d{13}", cleaned):  # seconds or milliseconds since 1970
        return datetime.fromtimestamp(int(cleaned[:10]), UTC)
    for pattern in DATE_PATTERNS:
        match = pattern.match(cleaned)
        if match and (moment := _to_moment(match.groupdict())):
            return moment
    return None


def _to_moment(parts: dict[str, str | None]) -> datetime | None:
    month = _parse_month(parts)
    if month is None:
        return None
    year, day = _parse_year(parts["year"] or ""), int(parts.get("day") or 1)
    if month > 12 >= day:  # 01/14/2026: the month came first
        month, day = day, month
    hour, minute, second = (int(parts.get(part) or 0) for part in ("hour", "minute", "second"))
    hour = to_24_hours(hour, parts.get("am_pm"))
    carried = timedelta(days=1) if hour == 24 else timedelta()  # ISO 8601: 24:00 is the end of the day
    zone = parse_zone(parts.get("zone"))
    try:
        local = datetime(year, month, day, hour % 24, minute, min(second, 59), tzinfo=zone)
        return (local + carried).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _parse_month(parts: dict[str, str | None]) -> int | None:
    name = parts.get("month_name")
    if name is None:
        return int(parts.get("month") or 1)
    name = name.lower()
    month = next((MONTH_BY_STEM[name[:size]] for size in (4, 3, 2) if name[:size] in MONTH_BY_STEM), None)
    if month:
        return month
    return next((found for found in find_months(name, "").months if found < FIRST_JALALI_MONTH), None)


def _parse_year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (2000 if int(digits) < 70 else 1900)  # POSIX splits the centuries at 69, too (%y)


def to_24_hours(hour: int, am_pm: str | None) -> int:
    """The hour on a 24-hour clock; `am_pm` is "am", "p.m." and the like, empty or None if `hour` is on one already."""
    if not am_pm:
        return hour
    return hour % 12 + (12 if am_pm[0] in "pP" else 0)


def parse_zone(text: str | None) -> timezone:
    """The zone of "+03:00", "GMT+3", "EST" or ""; UTC if it is unknown."""
    match = re.fullmatch(r"([a-z]*)\s*(?:([+\u2212-])\s?(\d{1,2}):?(\d{2})?)?", (text or "").strip().lower())
    if not match:
        return UTC
    name, sign, hours, minutes = match.groups()
    if not sign:
        return timezone(timedelta(hours=ZONE_HOURS.get(name, 0.0)))
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if offset >= timedelta(hours=24):
        return UTC
    return timezone(offset if sign == "+" else -offset)
