"""How a language writes days and moments."""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from typing import Literal

from babel.dates import format_date, format_skeleton, get_day_names

from digest.i18n.locales import cldr_locale, localize_digits


def format_day(day: date, language: str) -> str:
    """ "6 December 2026"."""
    return localize_digits(format_date(day, "long", locale=cldr_locale(language)), language)


def format_full_day(day: date, language: str) -> str:
    """ "Sunday, 6 December 2026"."""
    return localize_digits(format_date(day, "full", locale=cldr_locale(language)), language)


def format_month(day: date, language: str) -> str:
    """ "December 2026"."""
    return localize_digits(format_skeleton("yMMMM", day, locale=cldr_locale(language)), language)


def weekday_names(language: str, width: Literal["wide", "short"] = "wide") -> Sequence[str]:
    """The days of a week, Monday first, as they stand alone: whole, or as short as at the top of a calendar."""
    names = get_day_names(width, "stand-alone", locale=cldr_locale(language))
    return [names[weekday] for weekday in range(7)]


def format_moment(moment: datetime, zone: tzinfo, language: str) -> str:
    """ "Monday 30 November, 07:00", in the zone."""
    local, locale = moment.astimezone(zone), cldr_locale(language)
    day = format_skeleton("MMMMEEEEd", local, locale=locale)
    return localize_digits(f"{day}, {local:%H:%M}", language)
