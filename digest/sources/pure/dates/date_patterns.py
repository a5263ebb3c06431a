"""The patterns by which a date is found in a line of a web page or in a value of a feed."""

import re
from collections.abc import Iterator

from digest.sources.pure.dates.calendars import ERA
from digest.sources.pure.dates.clock_words import TIME_PATTERN, ZONE_PATTERN

INVISIBLE_CHARACTER = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
# Of other scripts, and ours; each is one character, so that positions in a line stay the same.
PUNCTUATION = str.maketrans("،、，：／．－（）", ",,,:/.-()")
DIGIT = re.compile(r"\d")  # of any script

WORD = r"[^\s\d.,/|()\[\]:;–—·•«»\"-]{1,14}"
# One or two words, and perhaps a second name of the same month: "نيسان / أبريل", "كانون الثاني (يناير)".
MONTH_NAME = rf"(?P<name>{WORD}(?:[ .][^\s\d.,/|():;–—·•-]{{1,12}})?)"
SECOND_NAME = rf"(?:\s?[/(]\s?{WORD}(?:\s{WORD})?\)?)?"
YEAR = r"(?P<year>\d{4}|[’']\d\d|\d\d(?!\d|[:.]\d))(?!\d)"
YEAR_AFTER_MONTH = re.compile(rf"[.,\s/-]*(?:del?\s|соли\s)?{YEAR}")
# A number that may be the year of a date which a pattern took for one without a year.
YEAR_NEARBY = re.compile(r"[^\d|·•–—]{0,20}(?:1[89]|2[05])\d\d(?!\d)")
YEAR_BEFORE = re.compile(r"(?<!\d)(?:1[3489]|2[05])\d\d[^\d|·•–—]{0,8}$")
TIME_OF_DAY = re.compile(r"(?<![\d.:])" + TIME_PATTERN + r"(?![\d:])\s*" + ZONE_PATTERN, re.IGNORECASE)
DATE_TIME_SEPARATOR = re.compile(
    r"(?:[\s,.|·•@T–—-]|г\.|р\.|à|at|um|klo?\.?|в|о|у|u|a las|às|alle|ore|ora|saat|الساعة|ساعة|ساعت|kl|lúc|pukul|jam"
    r"|\((?:[^\W\d_]{1,12}\.?\s?)?\)?|[周週]\w|星期\w|\w曜日?|\w요일)*$",
    re.IGNORECASE,
)
# Groups: year and era, month (a number) or name (of a month), day, and gap, the separator. The time of day follows,
# except where it stands between the day and the year.
DATE_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2026-01-14, 1404/10/24, 2026. 1. 14.
        r"(?<![\d./-])(?P<year>(?:1[34]|19|20|25)\d\d)\s?(?P<gap>[-/.|])\s?(?P<month>\d{1,2})\s?(?P=gap)\s?(?P<day>\d{1,2})(?!\d)",
        # 14.01.2026, 9. 1. 26, 26 | 01 | 2022
        r"(?<![\d.,/-])(?P<day>\d{1,2})\s?(?P<gap>[./|-])\s?(?P<month>\d{1,2})\s?(?P=gap)\s?(?P<year>\d{4}|\d{2})(?![\d]|[.:]\d)",
        # 115/01/14, Taiwan's
        r"^\W*(?P<year>1\d\d)(?P<gap>[-/.])(?P<month>\d{1,2})(?P=gap)(?P<day>\d{1,2})(?!\d)",
        # 2026年1月14日, 令和8年1月14日, 民國115年1月14日, 1月14日
        rf"(?:(?P<era>{ERA})\s*)?(?<!\d)(?P<year>元|\d{{4}}|(?<=[國国和成])\s*\d{{1,3}})\s*[年년]\s*(?P<month>\d{{1,2}})\s*[月월]\s*(?P<day>\d{{1,2}})(?!\d)\s*[日일号號]?",
        r"(?<!\d)(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일号號]",
        # 14 1月 2026, 1月 14, 2026
        r"(?<!\d)(?P<day>\d{1,2})\s+(?P<month>\d{1,2})\s?[月월]\.?,?\s*(?P<year>\d{4})(?!\d)",
        r"(?<!\d)(?P<month>\d{1,2})\s?[月월]\s*(?P<day>\d{1,2})[日일]?,?\s+(?P<year>\d{4})(?!\d)",
        # 14 tháng 1, 2026
        r"(?<!\d)(?P<day>\d{1,2})\s+(?:tháng|thg)\s+(?P<month>\d{1,2})(?:,?\s*(?:năm\s+)?(?P<year>\d{4}))?",
        # 2026. január 14., 2026 m. sausio 14 d.
        rf"(?<!\d)(?P<year>\d{{4}})\.?,?\s*(?:m\.)?\s*{MONTH_NAME}\.?\s*(?P<day>\d{{1,2}})(?!\d)",
        # 2026 жылғы 14 қаңтар, 2026. gada 14. janvāris
        rf"(?<!\d)(?P<year>\d{{4}})[.\s-]*[^\W\d_]{{0,8}}[,.\s]+(?P<day>\d{{1,2}})[.\s-]+{MONTH_NAME}",
        # 14 Jan 2026, 09.Jan.2026, 14. Januar 2026, 14 de enero de 2026, 14 января 2026 г., 14-Jan-26, 14 January
        rf"(?<![\d:])(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|[.ºª°])?[\s./-]*(?:de\s|of\s|d['’])?{MONTH_NAME}"
        rf"(?:\.?{SECOND_NAME}[.,\s/-]*(?:de[l]?\s|соли\s|พ\.ศ\.\s?)?{YEAR})?",
        # 09.01. or 14/01, perhaps with a time of day. It must fill its line, or it could be any two numbers.
        r"^\W*(?P<day>\d\d)\.(?P<month>\d\d)\.(?=(?:\W*\d\d:\d\d)?\W*$)",
        r"^\W*(?P<day>\d\d)(?P<gap>/)(?P<month>\d\d)(?=(?:\W*\d\d:\d\d)?\W*$)",
        # January 14, 2026; Jan. 14
        rf"(?<![^\W\d_]){MONTH_NAME}\.?\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:,?\s*{YEAR})?",
    )
)
# Wed Jan 14 08:30:00 GMT 2026: C's asctime, Java's toString, ls and git.
YEAR_AFTER_TIME = re.compile(
    rf"(?<![^\W\d_]){MONTH_NAME}\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<clock>{TIME_PATTERN}\s*{ZONE_PATTERN})"
    r",?\s+(?P<year>\d{4})(?!\d)",
    re.IGNORECASE,
)
# In these the line "01-14" is a date.
BARE_MONTH_DAY_LANGUAGES = ("zh", "ja", "ko")
BARE_MONTH_DAY = re.compile(r"^\W*(?P<month>\d\d)-(?P<day>\d\d)(?=(?:\W*\d\d:\d\d)?\W*$)")


def iter_matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches of one of the patterns, from left to right.

    The next one may begin within a match: "Jo Lane Jan 9" is searched again from "Lane" on, as "Jo Lane" is no month.
    """
    match = pattern.search(text)
    while match:
        yield match
        name = match.groupdict().get("name") or ""
        starts_with_two_words = len(name.split()) > 1 and match.start("name") == match.start()
        if starts_with_two_words:
            position = match.start() + len(name.split()[0])
        else:
            position = max(match.end(), match.start() + 1)
        match = pattern.search(text, position)
