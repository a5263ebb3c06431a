"""Where in a line of a web page a date stands, and which: "By Jo Lane | 14 Jan 2026", "Вчера, 12:30", "2 hours ago"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from digest.sources.pure.dates.date_parser import TIME, ZONE, parse_date, read_zone
from digest.sources.pure.dates.jalali import from_jalali
from digest.sources.pure.dates.month_names import JALALI, ago_phrases, named_months

LONGEST = 300  # characters of a line that is looked at; a longer one is prose
EARLIEST = 1990  # before the web
AHEAD = timedelta(days=2)  # zones, and papers that carry tomorrow's date
BUDDHIST = 543  # years that Thailand's calendar is ahead
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")

COMMAS = str.maketrans("،、，", ",,,")
DIGIT = re.compile(r"\d")  # of any script

WORD = r"[^\s\d.,/|()\[\]:;–—·•«»\"-]{1,14}"
NAME = rf"(?P<name>{WORD}(?:[ .][^\s\d.,/|():;–—·•-]{{1,12}})?)"
YEAR = r"(?P<year>\d{4}|[’']\d\d|\d\d(?!\d|[:.]\d))(?!\d)"
LATER_YEAR = re.compile(rf"[.,\s/-]*(?:del?\s|соли\s)?{YEAR}")
CLOCK = re.compile(r"(?<![\d.:])" + TIME + r"(?![\d:])\s*" + ZONE, re.IGNORECASE)
AFTER = re.compile(
    r"(?:[\s,|·•@T–—-]|г\.|р\.|à|at|um|klo?\.?|в|о|у|a las|às|alle|ore|ora|saat|ساعة|الساعة|ساعت|[(])*$",
    re.IGNORECASE,
)
FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\d./-])(?P<year>(?:1[34]|19|20|25)\d\d)(?P<gap>[-/.])\s?(?P<month>\d{1,2})(?P=gap)\s?(?P<day>\d{1,2})(?!\d)",
        r"(?<![\d.,/-])(?P<day>\d{1,2})\s?(?P<gap>[./-])\s?(?P<month>\d{1,2})\s?(?P=gap)\s?(?P<year>\d{4}|\d{2})(?![\d]|[.:]\d)",
        r"(?P<year>\d{4})\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일]?",
        r"(?<!\d)(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일]",
        r"(?<!\d)(?P<day>\d{1,2})\s+(?:tháng|thg)\s+(?P<month>\d{1,2})(?:,?\s*(?:năm\s+)?(?P<year>\d{4}))?",
        # 2026. január 14., 2026 m. sausio 14 d.
        rf"(?<!\d)(?P<year>\d{{4}})\.?\s*(?:m\.)?\s*{NAME}\.?\s*(?P<day>\d{{1,2}})(?!\d)",
        # 2026 жылғы 14 қаңтар, 2026. gada 14. janvāris
        rf"(?<!\d)(?P<year>\d{{4}})[.\s-]*[^\W\d_]{{0,8}}[,.\s]+(?P<day>\d{{1,2}})[.\s-]+{NAME}",
        # 14 Jan 2026, 09.Jan.2026, 14. Januar 2026, 14 de enero de 2026, 14 января 2026 г., 14-Jan-26, 14 January
        rf"(?<![\d:])(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|[.ºª°])?[\s./-]*(?:de\s|of\s|d['’])?{NAME}"
        rf"(?:\.?/{WORD})?(?:[.,\s/-]*(?:de[l]?\s|соли\s)?{YEAR})?",
        # 09.01., 14/01 with at most a time of day: alone in its line, as it is too little to be told from other numbers
        r"^\W*(?P<day>\d\d)\.(?P<month>\d\d)\.(?=(?:\W*\d\d:\d\d)?\W*$)",
        r"^\W*(?P<day>\d\d)(?P<gap>/)(?P<month>\d\d)(?=(?:\W*\d\d:\d\d)?\W*$)",
        # January 14, 2026; Jan. 14
        rf"(?<![^\W\d_]){NAME}\.?\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:,?\s*{YEAR})?",
    )
)
MONTH_BEFORE_DAY = ("zh", "ja", "ko")  # languages in which a line that is "01-14" is a date
MONTH_AND_DAY = re.compile(r"^\W*(?P<month>\d\d)-(?P<day>\d\d)(?=(?:\W*\d\d:\d\d)?\W*$)")
SPACED_AGO = re.compile(r"\d{1,3}")
PARTS = re.compile(r"[|·•,()]|\s[-–—]\s|\n")
LABEL = re.compile(
    r"^(?:published|posted|updated|added|last updated|опубликовано|обновлено)?\s*:?\s*", re.IGNORECASE
)
SHORT_AGO = re.compile(r"(\d{1,2})\s?(min|mins|h|hr|hrs|d|w)(?P<ago> ago)?$")
SHORT_UNITS = {"min": 60, "mins": 60, "h": 3600, "hr": 3600, "hrs": 3600, "d": 86400, "w": 604800}
ARTICLES = re.compile(
    r"^(?:an?|one|about an?|une?|eine[rm]?|una?|uma?)\s"
    r"|(?<=il y a )une?(?=\s)|(?<=vor )eine[rm]?(?=\s)|(?<=hace )una?(?=\s)"
)
TODAY = (
    "today сегодня сьогодні сёння heute aujourd'hui aujourd’hui hoy hoje oggi bugün "
    "bu-gün dziś dzisiaj vandaag bugun бүгін бүгүн имрӯз اليوم امروز היום आज આજે আজ 今天 今日 "
    "오늘 დღეს այսօր днес danas dnes astăzi azi ma idag i-dag tänään šodien šiandien σήμερα "
    "hari-ini วันนี้ leo"
)
YESTERDAY = (
    "yesterday вчера вчора учора gestern hier ayer ontem ieri dün wczoraj gisteren kecha "
    "dünən кеше кечээ дирӯз أمس امس دیروز אתמול कल गतकल গতকাল 昨天 昨日 어제 გუშინ երեկ jučer "
    "juče včera včeraj eile tegnap igår eilen vakar χθες kemarin เมื่อวาน jana"
)
NEAR_DAYS = dict.fromkeys(TODAY.split(), 0) | dict.fromkeys(YESTERDAY.split(), 1)  # days ago


@dataclass(frozen=True, slots=True)
class Mention:
    """A date in a line: where it stands, the day as written, and the moment (midnight UTC if no more is said)."""

    start: int
    end: int
    day: date
    moment: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read the dates of a page: when it is now, its language ("" unknown), and whether 1/2 is 2 January."""

    now: datetime
    language: str = ""
    month_first: bool = False


def find_date(line: str, reading: Reading) -> Mention | None:
    """The first date in `line` that is no more than two days ahead of now; None where there is none."""
    text = _plain(line[:LONGEST])
    found = sorted(_dates(text, reading), key=lambda mention: (mention.start, -mention.end))
    return _with_clock(text, found[0]) if found else _near(text, reading.now)


def _plain(line: str) -> str:
    """The line, as long as before, with 0 to 9 for the digits of any script and a space for what nobody sees."""
    text = INVISIBLE.sub(" ", line).translate(COMMAS)
    return text if text.isascii() else DIGIT.sub(lambda match: str(int(match[0])), text)


def stamp(text: str, reading: Reading) -> Mention | None:
    """The date of an attribute that machines read: ISO 8601 mostly, but publishers write anything there."""
    cleaned = text.strip()
    if cleaned.isascii() and cleaned.isdigit():
        moment = parse_date(cleaned)
        return Mention(0, len(text), moment.date(), moment) if moment else None
    return find_date(cleaned, reading)


def _dates(text: str, reading: Reading) -> Iterator[Mention]:
    if not any(character.isdigit() for character in text):
        return
    forms = (*FORMS, MONTH_AND_DAY) if reading.language[:2] in MONTH_BEFORE_DAY else FORMS
    for form in forms:
        match = form.search(text)
        while match:
            if mention := _mention(match, reading):
                yield mention
                break
            match = form.search(text, _after_first_word(match))


def _after_first_word(match: re.Match[str]) -> int:
    """Where to look on: in "Jo Lane Jan 9" it is not the first of the two words that were tried, but the second."""
    name = match.groupdict().get("name") or ""
    in_two = len(name.split()) > 1 and match.start("name") == match.start()
    return match.start() + len(name.split()[0]) if in_two else max(match.end(), match.start() + 1)


def _mention(match: re.Match[str], reading: Reading) -> Mention | None:
    parts = match.groupdict()
    end = match.end()
    day = int(parts["day"])
    if parts.get("name"):
        months, used = named_months(parts["name"], reading.language)
        if not months:
            return None
        if used < len(parts["name"]) and match.end("name") > match.start("day"):
            end = match.start("name") + used  # the second word was not the month's: "14 de enero de 2026"
            later = LATER_YEAR.match(match.string, end)
            parts["year"], end = (later["year"], later.end()) if later else (None, end)
    else:
        months = (int(parts["month"]),)
        if parts.get("gap") == "/" and reading.month_first and match.start("day") < match.start("month"):
            months, day = (day,), months[0]
        if months[0] > 12 >= day:
            months, day = (day,), months[0]
    found = next(
        (made for month in months if (made := _day(parts.get("year"), month, day, reading.now))), None
    )
    if found is None:
        return None
    return Mention(match.start(), end, found, datetime(found.year, found.month, found.day, tzinfo=UTC))


def _day(year: str | None, month: int, day: int, now: datetime) -> date | None:
    """The day, in whichever calendar; the last such one where no year is given; None if it can't be."""
    today, limit = now.date(), (now + AHEAD).date()
    try:
        if month >= JALALI:
            return _before(from_jalali(int(year), month - JALALI + 1, day), limit) if year else None
        if not year:
            this = date(today.year, month, day)
            return this if this <= limit else date(today.year - 1, month, day)
        number = int(year.strip("’'"))
        if number < 100:
            number += 2000
        elif number > 2400:
            number -= BUDDHIST
        elif number < 1500:
            return _before(from_jalali(number, month, day), limit)
        return _before(date(number, month, day), limit)
    except ValueError:
        return None


def _before(day: date, limit: date) -> date | None:
    return day if day.year >= EARLIEST and day <= limit else None


def _with_clock(text: str, mention: Mention) -> Mention:
    """The mention together with the time of day beside it, if there is one."""
    after = CLOCK.search(text, mention.end)
    if after and AFTER.fullmatch(text[mention.end : after.start()]):
        return _at(mention, after, mention.start, after.end())
    before = next(
        (m for m in CLOCK.finditer(text, 0, mention.start) if AFTER.fullmatch(text[m.end() : mention.start])),
        None,
    )
    return _at(mention, before, before.start(), mention.end) if before else mention


def _at(mention: Mention, clock: re.Match[str], start: int, end: int) -> Mention:
    hour, minute, second = (int(clock[part] or 0) for part in ("hour", "minute", "second"))
    half = (clock["half"] or "").lower()[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59:
        return mention
    zone = read_zone(clock["zone"])
    moment = datetime(
        mention.day.year, mention.day.month, mention.day.day, hour, minute, min(second, 59), tzinfo=zone
    )
    return Mention(start, end, mention.day, moment.astimezone(UTC))


def _near(text: str, now: datetime) -> Mention | None:
    """The date of "2 hours ago" or "yesterday, 12:30", which must be all that a part of the line says."""
    start = 0
    for part in PARTS.split(text):
        offset = text.find(part, start)
        start = offset + len(part)
        words = part.strip()
        label = LABEL.match(words)
        phrase = words[label.end() :] if label else words
        if found := _ago(phrase, now):
            return Mention(offset, start, found.date(), found)
        if phrase and (mention := _near_day(phrase, offset + part.find(phrase), now)):
            return _with_clock(text, mention)
    return None


def _ago(phrase: str, now: datetime) -> datetime | None:
    folded = ARTICLES.sub("1 ", " ".join(phrase.casefold().split())).replace("1  ", "1 ").rstrip(".")
    short = SHORT_AGO.fullmatch(folded)
    if short and (short["ago"] or not short[2].startswith("min")):  # "5 min" is how long it takes to read
        return now - int(short[1]) * timedelta(seconds=SHORT_UNITS[short[2]])
    numbers = SPACED_AGO.findall(folded)
    key = SPACED_AGO.sub("{0}", folded) if len(numbers) == 1 else folded
    known = ago_phrases().get(key.replace(" ", ""))
    if known is None:
        return None
    seconds, number = known
    return now - timedelta(seconds=seconds) * (number or int(numbers[0]))


def _near_day(phrase: str, start: int, now: datetime) -> Mention | None:
    first = phrase.split()[0].rstrip(",:")
    days = NEAR_DAYS.get(first.casefold())
    if days is None:
        return None
    day = (now - timedelta(days=days)).date()
    end = start + len(first)
    return Mention(start, end, day, datetime(day.year, day.month, day.day, tzinfo=UTC))
