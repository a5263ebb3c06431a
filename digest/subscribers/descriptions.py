"""How a reader's wishes read in words, in their language: used in mails and on pages alike."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from functools import cache

from babel.dates import format_date, get_day_names
from babel.lists import format_list

from digest.i18n.locales import digits, locale, translations
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.pure.subscription import still_known

# CLDR keeps a zone's first name as its key for ever (UTS 35, "Time Zone Identifiers"); IANA's newer ones of big cities.
CLDR_ZONES = {
    "America/Argentina/Buenos_Aires": "America/Buenos_Aires",
    "Asia/Ho_Chi_Minh": "Asia/Saigon",
    "Asia/Kathmandu": "Asia/Katmandu",
    "Asia/Kolkata": "Asia/Calcutta",
    "Asia/Yangon": "Asia/Rangoon",
    "Europe/Kyiv": "Europe/Kiev",
}
NAMED = 6  # regions named before the rest is only counted


def regions_line(tree: RegionTree, slugs: Sequence[str], language: str) -> str:
    """ "Central Asia, Georgia and Iran"; of many, the first six and how many more."""
    words = translations(language)
    names = [tree.name(slug, language) for slug in still_known(slugs, tree)]
    if len(names) > NAMED + 1:
        rest = len(names) - NAMED
        names = [
            *names[:NAMED],
            digits(words.ngettext("%(n)s more region", "%(n)s more regions", rest) % {"n": rest}, language),
        ]
    return str(format_list(names, locale=locale(language)))


def hour_line(cadence: str, weekday: int, send_minute: int, *, zone: str, language: str) -> str:
    """ "daily at 07:00 (Tashkent)"."""
    words = translations(language)
    values = {
        "day": get_day_names(locale=locale(language))[weekday],
        "time": digits(f"{send_minute // 60:02d}:{send_minute % 60:02d}", language),
        "place": place(zone, language),
    }
    match cadence:
        case "weekdays":
            text = words.gettext("on weekdays at %(time)s (%(place)s)")
        case "weekly":
            text = words.gettext("every %(day)s at %(time)s (%(place)s)")
        case _:
            text = words.gettext("daily at %(time)s (%(place)s)")
    return str(text) % values


def date_line(moment: datetime, zone: tzinfo, place_name: str, language: str) -> str:
    """ "Sunday, 22 November 2026 · Tashkent": the dateline of a digest."""
    day = format_date(moment.astimezone(zone), "full", locale=locale(language))
    return f"{digits(day, language)} · {place_name}"


@cache
def place(zone: str, language: str) -> str:
    """The place that an IANA zone is named after, as the language calls it."""
    known = locale(language).time_zones.get(CLDR_ZONES.get(zone, zone), {})
    return str(known.get("city") or zone.rpartition("/")[2].replace("_", " "))
