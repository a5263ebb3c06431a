"""The patterns and words by which a date is found in a line of a web page."""

import re

from digest.sources.pure.dates.date_parser import TIME_PATTERN, ZONE_PATTERN

INVISIBLE_CHARACTER = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
COMMA_TRANSLATION = str.maketrans("،、，", ",,,")
DIGIT = re.compile(r"\d")  # of any script

WORD = r"[^\s\d.,/|()\[\]:;–—·•«»\"-]{1,14}"
MONTH_NAME = rf"(?P<name>{WORD}(?:[ .][^\s\d.,/|():;–—·•-]{{1,12}})?)"
YEAR = r"(?P<year>\d{4}|[’']\d\d|\d\d(?!\d|[:.]\d))(?!\d)"
YEAR_AFTER_MONTH = re.compile(rf"[.,\s/-]*(?:del?\s|соли\s)?{YEAR}")
TIME_OF_DAY = re.compile(r"(?<![\d.:])" + TIME_PATTERN + r"(?![\d:])\s*" + ZONE_PATTERN, re.IGNORECASE)
DATE_TIME_SEPARATOR = re.compile(
    r"(?:[\s,|·•@T–—-]|г\.|р\.|à|at|um|klo?\.?|в|о|у|a las|às|alle|ore|ora|saat|ساعة|الساعة|ساعت|[(])*$",
    re.IGNORECASE,
)
# Groups: year, month (a number) or name (of a month), day, and gap, the separator.
DATE_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2026-01-14, 1404/10/24
        r"(?<![\d./-])(?P<year>(?:1[34]|19|20|25)\d\d)(?P<gap>[-/.])\s?(?P<month>\d{1,2})(?P=gap)\s?(?P<day>\d{1,2})(?!\d)",
        # 14.01.2026, 9. 1. 26
        r"(?<![\d.,/-])(?P<day>\d{1,2})\s?(?P<gap>[./-])\s?(?P<month>\d{1,2})\s?(?P=gap)\s?(?P<year>\d{4}|\d{2})(?![\d]|[.:]\d)",
        # 2026年1月14日, 1月14日
        r"(?P<year>\d{4})\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일]?",
        r"(?<!\d)(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일]",
        # 14 tháng 1, 2026
        r"(?<!\d)(?P<day>\d{1,2})\s+(?:tháng|thg)\s+(?P<month>\d{1,2})(?:,?\s*(?:năm\s+)?(?P<year>\d{4}))?",
        # 2026. január 14., 2026 m. sausio 14 d.
        rf"(?<!\d)(?P<year>\d{{4}})\.?\s*(?:m\.)?\s*{MONTH_NAME}\.?\s*(?P<day>\d{{1,2}})(?!\d)",
        # 2026 жылғы 14 қаңтар, 2026. gada 14. janvāris
        rf"(?<!\d)(?P<year>\d{{4}})[.\s-]*[^\W\d_]{{0,8}}[,.\s]+(?P<day>\d{{1,2}})[.\s-]+{MONTH_NAME}",
        # 14 Jan 2026, 09.Jan.2026, 14. Januar 2026, 14 de enero de 2026, 14 января 2026 г., 14-Jan-26, 14 January
        rf"(?<![\d:])(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|[.ºª°])?[\s./-]*(?:de\s|of\s|d['’])?{MONTH_NAME}"
        rf"(?:\.?/{WORD})?(?:[.,\s/-]*(?:de[l]?\s|соли\s)?{YEAR})?",
        # 09.01. or 14/01, perhaps with a time of day. It must fill its line, or it could be any two numbers.
        r"^\W*(?P<day>\d\d)\.(?P<month>\d\d)\.(?=(?:\W*\d\d:\d\d)?\W*$)",
        r"^\W*(?P<day>\d\d)(?P<gap>/)(?P<month>\d\d)(?=(?:\W*\d\d:\d\d)?\W*$)",
        # January 14, 2026; Jan. 14
        rf"(?<![^\W\d_]){MONTH_NAME}\.?\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:,?\s*{YEAR})?",
    )
)
BARE_MONTH_DAY_LANGUAGES = ("zh", "ja", "ko")  # in these the line "01-14" is a date
BARE_MONTH_DAY = re.compile(r"^\W*(?P<month>\d\d)-(?P<day>\d\d)(?=(?:\W*\d\d:\d\d)?\W*$)")
AGO_NUMBER = re.compile(r"\d{1,3}")
LINE_SEPARATOR = re.compile(r"[|·•,()]|\s[-–—]\s|\n")
DATE_LABEL = re.compile(
    r"^(?:published|posted|updated|added|last updated|опубликовано|обновлено)?\s*:?\s*", re.IGNORECASE
)
SHORT_AGO = re.compile(r"(?P<number>\d{1,2})\s?(?P<unit>min|mins|h|hr|hrs|d|w)(?P<ago> ago)?$")
SHORT_UNIT_SECONDS = {"min": 60, "mins": 60, "h": 3600, "hr": 3600, "hrs": 3600, "d": 86400, "w": 604800}
INDEFINITE_ARTICLE = re.compile(
    r"^(?:an?|one|about an?|une?|eine[rm]?|una?|uma?)\s"
    r"|(?<=il y a )une?(?=\s)|(?<=vor )eine[rm]?(?=\s)|(?<=hace )una?(?=\s)"
)
TODAY_WORDS = (
    "today сегодня сьогодні сёння heute aujourd'hui aujourd’hui hoy hoje oggi bugün "
    "bu-gün dziś dzisiaj vandaag bugun бүгін бүгүн имрӯз اليوم امروز היום आज આજે আজ 今天 今日 "
    "오늘 დღეს այսօր днес danas dnes astăzi azi ma idag i-dag tänään šodien šiandien σήμερα "
    "hari-ini วันนี้ leo"
)
YESTERDAY_WORDS = (
    "yesterday вчера вчора учора gestern hier ayer ontem ieri dün wczoraj gisteren kecha "
    "dünən кеше кечээ дирӯз أمس امس دیروز אתמול कल गतकल গতকাল 昨天 昨日 어제 გუშინ երեկ jučer "
    "juče včera včeraj eile tegnap igår eilen vakar χθες kemarin เมื่อวาน jana"
)
DAYS_AGO_BY_WORD = dict.fromkeys(TODAY_WORDS.split(), 0) | dict.fromkeys(YESTERDAY_WORDS.split(), 1)
