"""The solar calendar of Iran and Afghanistan, which news there is dated by."""

from datetime import date, timedelta

# In Persian, and as Afghan papers write them.
JALALI_MONTHS = (
    "فروردین حمل",
    "اردیبهشت ثور",
    "خرداد جوزا",
    "تیر سرطان",
    "مرداد امرداد اسد",
    "شهریور سنبله",
    "مهر میزان",
    "آبان عقرب",
    "آذر قوس",
    "دی جدی",
    "بهمن دلو",
    "اسفند حوت",
)
LEAP_REMAINDERS = (1, 5, 9, 13, 17, 22, 26, 30)  # of the 33-year cycle, true for 1178 to 1633
NEW_YEAR_1400 = date(2021, 3, 21)
LONG_MONTHS = 6  # the first six have 31 days, the others 30, the last 29 or 30


def from_jalali(year: int, month: int, day: int) -> date:
    """The Gregorian day of a day of the solar Hijri calendar. Raises `ValueError` if there is no such day."""
    if not (1300 <= year <= 1500 and 1 <= month <= 12 and 1 <= day <= _days(year, month)):
        raise ValueError(f"{year}-{month}-{day} is not a day of the solar Hijri calendar")
    before = sum(_days(year, earlier) for earlier in range(1, month))
    return _new_year(year) + timedelta(days=before + day - 1)


def _new_year(year: int) -> date:
    years = range(1400, year) if year >= 1400 else range(year, 1400)
    days = sum(366 if _is_leap(one) else 365 for one in years)
    return NEW_YEAR_1400 + timedelta(days=days if year >= 1400 else -days)


def _days(year: int, month: int) -> int:
    if month <= LONG_MONTHS:
        return 31
    return 30 if month < 12 or _is_leap(year) else 29


def _is_leap(year: int) -> bool:
    return year % 33 in LEAP_REMAINDERS
