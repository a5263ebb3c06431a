"""Time zones as people look for them: by country and city in their language, with the time's distance from UTC."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global

from digest.i18n.collation import sort_key
from digest.i18n.locales import cldr_locale, localize_digits

# CLDR keeps the first name of a zone as its key for ever (UTS 35, "Time Zone Identifiers"). These are the zones that
# IANA has renamed, with their first name.
CLDR_ZONES = {
    "Africa/Asmara": "Africa/Asmera",
    "America/Argentina/Buenos_Aires": "America/Buenos_Aires",
    "America/Argentina/Catamarca": "America/Catamarca",
    "America/Argentina/Cordoba": "America/Cordoba",
    "America/Argentina/Jujuy": "America/Jujuy",
    "America/Argentina/Mendoza": "America/Mendoza",
    "America/Atikokan": "America/Coral_Harbour",
    "America/Indiana/Indianapolis": "America/Indianapolis",
    "America/Kentucky/Louisville": "America/Louisville",
    "America/Nuuk": "America/Godthab",
    "Asia/Ho_Chi_Minh": "Asia/Saigon",
    "Asia/Kathmandu": "Asia/Katmandu",
    "Asia/Kolkata": "Asia/Calcutta",
    "Asia/Yangon": "Asia/Rangoon",
    "Atlantic/Faroe": "Atlantic/Faeroe",
    "Europe/Kyiv": "Europe/Kiev",
    "Pacific/Chuuk": "Pacific/Truk",
    "Pacific/Kanton": "Pacific/Enderbury",
    "Pacific/Pohnpei": "Pacific/Ponape",
}


class ZoneChoice(NamedTuple):
    """A zone to choose: its IANA name, and its country, city and offset in words."""

    zone: str
    label: str


def zone_choices(language: str, moment: datetime) -> Sequence[ZoneChoice]:
    """All zones by country and city, in the order of their names, after UTC. Former names of zones are left out."""
    named = sorted(
        (ZoneChoice(zone, zone_label(zone, language, moment)) for zone in _current_zones()),
        key=lambda choice: sort_key(choice.label, language),
    )
    return [ZoneChoice("UTC", "UTC"), *named]


def zone_label(zone: str, language: str, moment: datetime) -> str:
    """ "Uzbekistan: Tashkent (UTC+5)"; for a zone of no country, its name."""
    territory = _territory(zone)
    if not territory:
        return zone.replace("_", " ")
    locale = cldr_locale(language)
    country, city = str(locale.territories.get(territory, territory)), city_name(zone, language)
    place = country if country == city else f"{country}: {city}"
    return f"{place} ({localize_digits(_offset(zone, moment), language)})"


@cache
def city_name(zone: str, language: str) -> str:
    """The city that an IANA zone is named after, in a language."""
    names = cldr_locale(language).time_zones.get(CLDR_ZONES.get(zone, zone), {})
    return str(names.get("city") or zone.rpartition("/")[2].replace("_", " "))


def _current_zones() -> Sequence[str]:
    available = available_timezones()
    return [zone for zone in get_global("zone_territories") if zone in available and _territory(zone)]


def _territory(zone: str) -> str:
    territory = str(get_global("zone_territories").get(zone, ""))
    return territory if territory.isalpha() else ""


def _offset(zone: str, moment: datetime) -> str:
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
    minutes = int(offset.total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "\N{MINUS SIGN}" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")
