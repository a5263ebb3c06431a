"""The solar Hijri (Jalali) calendar, by which news of Iran and Afghanistan is dated."""

from datetime import date, timedelta

# The name in Persian, then as Afghan papers write it.
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
LEAP_REMAINDERS = (1, 5, 9, 13, 17, 22, 26, 30)  # leap years of the 33-year cycle; right for 1178 to 1633
NEW_YEAR_1400 = date(2021, 3, 21)
LONG_MONTHS = 6  # the first six months have 31 days, the others 30, the last 29 or 30


def from_jalali(year: int, month: int, day: int) -> date:
    """The Gregorian date of a day of the solar Hijri calendar. Raises `ValueError` if there is no such day."""
    if not (1300 <= year <= 1500 and 1 <= month <= 12 and 1 <= day <= _days_in_month(year, month)):
        raise ValueError(f"{year}-{month}-{day} is not a day of the solar Hijri calendar")
    days_before = sum(_days_in_month(year, earlier) for earlier in range(1, month))
    return _new_year(year) + timedelta(days=days_before + day - 1)


def _new_year(year: int) -> date:
    years_between = range(1400, year) if year >= 1400 else range(year, 1400)
    days = sum(366 if _is_leap(between) else 365 for between in years_between)
    return NEW_YEAR_1400 + timedelta(days=days if year >= 1400 else -days)


def _days_in_month(year: int, month: int) -> int:
    if month <= LONG_MONTHS:
        return 31
    return 30 if month < 12 or _is_leap(year) else 29


def _is_leap(year: int) -> bool:
    return year % 33 in LEAP_REMAINDERS
