"""Days of the calendars by which news is dated, as days of the Gregorian calendar."""

import re
from datetime import date

from digest.sources.pure.dates.jalali import from_jalali
from digest.sources.pure.dates.month_names import FIRST_JALALI_MONTH

BUDDHIST_YEAR_OFFSET = 543  # Thailand's calendar is so many years ahead
FIRST_BUDDHIST_YEAR = 2400  # a smaller year is Gregorian
FIRST_GREGORIAN_YEAR = 1500  # a smaller year is Iran's, or Islamic
LAST_JALALI_YEAR = 1424  # 2045; a later year is one of the Islamic calendar, whose months we do not read
# What is added to a year of an era: Taiwan's (Minguo), and Japan's last three.
ERA_OFFSETS = {"民國": 1911, "民国": 1911, "令和": 2018, "平成": 1988, "昭和": 1925}
ERA = "|".join(ERA_OFFSETS)
FIRST_ERA_YEAR = "元"  # written in place of 1
MINGUO_YEARS = range(79, 200)  # 1990 to 2110: a number of three digits, or of two at the beginning
CENTURY_SPLIT = 70  # POSIX reads 69 to 99 as of the last century (%y), and no news is from 1969


def to_gregorian(year: int, month: int, day: int) -> date:
    """The day of a full date in whichever calendar its year belongs to. Raises `ValueError` if there is none.

    Months from `FIRST_JALALI_MONTH` on are those of Iran's calendar, by name.
    """
    if month >= FIRST_JALALI_MONTH:
        return _from_jalali(year, month - FIRST_JALALI_MONTH + 1, day)
    if year > FIRST_BUDDHIST_YEAR:
        return date(year - BUDDHIST_YEAR_OFFSET, month, day)
    if year < FIRST_GREGORIAN_YEAR:
        return _from_jalali(year, month, day)
    return date(year, month, day)


def parse_year(digits: str, *, era: str | None = None, language: str = "") -> int:
    """The year that `digits` mean; two digits are completed, three are Minguo. Raises `ValueError`.

    >>> parse_year("’26"), parse_year("8", era="令和"), parse_year("115"), parse_year("69", language="th")
    (2026, 2026, 2026, 2569)
    """
    number = 1 if digits == FIRST_ERA_YEAR else int(re.sub(r"\D", "", digits))
    if era:
        return number + ERA_OFFSETS[era]
    if number >= 1000:
        return number
    if number >= 100:
        if number not in MINGUO_YEARS:
            raise ValueError(f"{number} is no year")
        return number + ERA_OFFSETS["民國"]
    if language.startswith("th"):
        return number + 2500
    return number + (2000 if number < CENTURY_SPLIT else 1900)


def _from_jalali(year: int, month: int, day: int) -> date:
    if year > LAST_JALALI_YEAR:
        raise ValueError(f"{year} is a year of the Islamic calendar")
    return from_jalali(year, month, day)
