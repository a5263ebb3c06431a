"""Reads lines such as "2 hours ago" and "Вчера, 12:30", in the language of their page only."""

import re
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from digest.sources.pure.dates.date_patterns import TIME_OF_DAY
from digest.sources.pure.dates.month_names import base_language, load_ago_phrases, longest_ago_phrase

# What may stand before the words: "Published: 2 hours ago".
DATE_LABEL = re.compile(
    r"(?:published|posted|updated|added|last updated|erschienen|veröffentlicht|aktualisiert|publié|mis à jour"
    r"|publicado|actualizado|atualizado|pubblicato|aggiornato|yayınlan\w+|güncelle\w+|опубликовано|обновлено"
    r"|опубліковано|оновлено|opublikowano|发布|發布|更新|公開)?\s*:?\s*",
    re.IGNORECASE,
)
AGO_NUMBER = re.compile(r"\d{1,3}")
SHORT_AGO = re.compile(r"(?P<number>\d{1,2})\s?(?P<unit>min|mins|h|hr|hrs|d|w)(?P<ago> ago)?$")
SHORT_UNIT_SECONDS = {"min": 60, "mins": 60, "h": 3600, "hr": 3600, "hrs": 3600, "d": 86400, "w": 604800}
MAX_ARTICLE_LENGTH = len("about an")  # the longest that INDEFINITE_ARTICLE reads
INDEFINITE_ARTICLE = re.compile(
    r"^(?:an?|one|about an?|une?|eine[rm]?|una?|uma?)\s"
    r"|(?<=il y a )une?(?=\s)|(?<=vor )eine[rm]?(?=\s)|(?<=hace )una?(?=\s)"
)
# What follows the word in a line such as Heute, 12:30 Uhr or Hoy a las 8:30 p. m.
TIME_AFTER_WORD = re.compile(
    rf"[\s,|·•–—-]*(?:[^\W\d_]{{1,6}}\s)?(?:las\s)?{TIME_OF_DAY.pattern}[^\W\d_]*\W*", re.IGNORECASE
)
# Language -> its words for today, then for yesterday. One word means different days in different languages: "hier" is
# French for yesterday and German for here. Spaces are written as "_".
DAY_WORDS = {
    "en": ("today", "yesterday"), "ru": ("сегодня", "вчера"), "uk": ("сьогодні", "вчора"), "be": ("сёння", "учора"),
    "de": ("heute", "gestern"), "fr": ("aujourd'hui aujourd’hui", "hier"), "es": ("hoy", "ayer"),
    "pt": ("hoje", "ontem"), "it": ("oggi", "ieri"), "tr": ("bugün", "dün"), "pl": ("dziś dzisiaj", "wczoraj"),
    "nl": ("vandaag", "gisteren"), "uz": ("bugun", "kecha"), "az": ("bu_gün bugün", "dünən"),
    "kk": ("бүгін", "кеше"), "ky": ("бүгүн", "кечээ"), "tg": ("имрӯз", "дирӯз"), "ar": ("اليوم", "أمس امس"),
    "fa": ("امروز", "دیروز"), "ur": ("آج", "گزشتہ_روز"), "he": ("היום", "אתמול"), "hi": ("आज", "कल"),
    "gu": ("આજે", "ગઈકાલે"), "bn": ("আজ", "গতকাল"), "zh": ("今天 今日", "昨天 昨日"), "ja": ("今日 本日", "昨日"),
    "ko": ("오늘", "어제"), "ka": ("დღეს", "გუშინ"), "hy": ("այսօր", "երեկ"), "bg": ("днес", "вчера"),
    "mk": ("денес", "вчера"), "sr": ("danas данас", "juče јуче"), "hr": ("danas", "jučer"),
    "bs": ("danas", "jučer juče"), "sl": ("danes", "včeraj"), "ro": ("astăzi azi", "ieri"), "hu": ("ma", "tegnap"),
    "sv": ("idag i_dag", "igår i_går"), "da": ("i_dag", "i_går"), "nb": ("i_dag", "i_går"), "nn": ("i_dag", "i_går"),
    "fi": ("tänään", "eilen"), "et": ("täna", "eile"), "lt": ("šiandien", "vakar"), "lv": ("šodien", "vakar"),
    "cs": ("dnes", "včera"), "sk": ("dnes", "včera"), "el": ("σήμερα", "χθες χτες"), "id": ("hari_ini", "kemarin"),
    "ms": ("hari_ini", "semalam"), "th": ("วันนี้", "เมื่อวาน เมื่อวานนี้"), "vi": ("hôm_nay", "hôm_qua"),
    "sw": ("leo", "jana"), "ca": ("avui", "ahir"), "sq": ("sot", "dje"), "mn": ("өнөөдөр", "өчигдөр"),
}  # fmt: skip


class RelativeDate(NamedTuple):
    """A moment. `has_time` is false if only its day is meant."""

    moment: datetime
    has_time: bool


def read_relative_date(line: str, language: str, now: datetime) -> RelativeDate | None:
    """The date of a line that is nothing but such words of `language`, with a label or a time of day; else None."""
    label = DATE_LABEL.match(line)
    phrase = line[label.end() :].strip(" \t.,") if label else line.strip()
    language = base_language(language)
    if moment := _read_ago(phrase, language, now):
        return RelativeDate(moment, has_time=True)
    return _read_day_word(phrase, language, now)


def _read_ago(phrase: str, language: str, now: datetime) -> datetime | None:
    """The moment of "5 h ago", "vor einer Stunde" and the like."""
    words = phrase.casefold().split()
    if sum(map(len, words)) > longest_ago_phrase(language) + MAX_ARTICLE_LENGTH:
        return None
    folded = " ".join(words)
    folded = INDEFINITE_ARTICLE.sub("1 ", folded).replace("1  ", "1 ").rstrip(".")
    short = SHORT_AGO.fullmatch(folded) if language == "en" else None
    if short and (short["ago"] or not short["unit"].startswith("min")):  # "5 min" is how long reading takes
        return now - int(short["number"]) * timedelta(seconds=SHORT_UNIT_SECONDS[short["unit"]])
    numbers = AGO_NUMBER.findall(folded)
    # Only the first number, because Mongolian's week has one of its own: "2 7 хоногийн өмнө".
    pattern = AGO_NUMBER.sub("{0}", folded, count=1)
    ago_phrase = load_ago_phrases(language).get(pattern.replace(" ", ""))
    if ago_phrase is None:
        return None
    return now - timedelta(seconds=ago_phrase.unit_seconds) * (ago_phrase.number or int(numbers[0]))


def _read_day_word(phrase: str, language: str, now: datetime) -> RelativeDate | None:
    """The day of "today" or "yesterday", perhaps with a time of day after it."""
    folded = phrase.casefold()
    days_ago_by_word = _days_ago_by_word(language)
    if not folded.startswith(tuple(days_ago_by_word)):
        return None
    for word, days_ago in days_ago_by_word.items():
        rest = folded.removeprefix(word)
        if rest == folded or rest[:1].isalpha():
            continue
        has_time = TIME_AFTER_WORD.fullmatch(rest) is not None
        if has_time or not rest.strip(" ,.:|"):
            return RelativeDate(now - timedelta(days=days_ago), has_time=False)
    return None


@cache
def _days_ago_by_word(language: str) -> dict[str, int]:
    """The words of a language for today (0 days ago) and yesterday (1)."""
    days = enumerate(DAY_WORDS.get(language, ()))
    return {word.replace("_", " "): days_ago for days_ago, words in days for word in words.casefold().split()}
