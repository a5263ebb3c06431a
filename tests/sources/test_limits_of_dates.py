"""Dates at the limits of each rule: years, calendars, clocks, zones, and days without a year."""

from datetime import UTC, date, datetime, timedelta

import pytest

from digest.sources.pure.dates.calendars import parse_year, to_gregorian
from digest.sources.pure.dates.clock_words import parse_zone, to_24_hours
from digest.sources.pure.dates.date_finder import DateContext, DateMention, find_date, may_be_same_moment
from digest.sources.pure.dates.date_parser import parse_ambiguous_value, parse_date, parse_page_value
from digest.sources.pure.dates.jalali import from_jalali
from digest.sources.pure.dates.month_names import base_language, find_month_by_stem, find_months
from digest.sources.pure.dates.relative_dates import read_relative_date

NOW = datetime(2026, 1, 14, 8, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def moment(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("digits", "year"),
    [
        ("26", 2026), ("69", 2069), ("70", 1970), ("’99", 1999), ("2026", 2026), ("1000", 1000), ("115", 2026),
        ("100", 2011), ("199", 2110), ("元", 2001),
    ],
)  # fmt: skip
def test_short_years_are_completed(digits: str, year: int) -> None:
    assert parse_year(digits) == year


def test_years_of_eras_and_of_thailand() -> None:
    assert parse_year("8", era="令和") == parse_year("115", era="民國") == 2026
    assert parse_year("元", era="令和") == 2019
    assert parse_year("69", language="th-TH") == 2569
    for number in ("200", "999"):
        with pytest.raises(ValueError, match="no year"):
            parse_year(number)


@pytest.mark.parametrize(
    ("parts", "day"),
    [
        ((2026, 1, 14), date(2026, 1, 14)), ((2569, 1, 14), date(2026, 1, 14)), ((2401, 1, 14), date(1858, 1, 14)),
        ((2400, 1, 14), date(2400, 1, 14)), ((1404, 10, 24), date(2026, 1, 14)), ((1404, 109, 24), date(2026, 1, 14)),
        ((1424, 1, 1), date(2045, 3, 20)), ((1500, 1, 14), date(1500, 1, 14)),
    ],
)  # fmt: skip
def test_a_day_is_read_in_the_calendar_of_its_year(parts: tuple[int, int, int], day: date) -> None:
    assert to_gregorian(*parts) == day


@pytest.mark.parametrize("parts", [(1425, 1, 1), (1447, 1, 1), (2026, 2, 30), (1499, 1, 1)])
def test_days_of_the_islamic_calendar_and_days_that_never_were_are_refused(
    parts: tuple[int, int, int],
) -> None:
    with pytest.raises(ValueError, match=r"day|year"):
        to_gregorian(*parts)


@pytest.mark.parametrize(
    ("parts", "day"),
    [
        ((1400, 1, 1), date(2021, 3, 21)), ((1399, 12, 30), date(2021, 3, 20)), ((1403, 12, 30), date(2025, 3, 20)),
        ((1404, 12, 29), date(2026, 3, 20)), ((1405, 1, 1), date(2026, 3, 21)), ((1404, 6, 31), date(2025, 9, 22)),
        ((1404, 7, 1), date(2025, 9, 23)), ((1357, 11, 22), date(1979, 2, 11)), ((1300, 1, 1), date(1921, 3, 21)),
        ((1500, 1, 1), date(2121, 3, 21)),
    ],
)  # fmt: skip
def test_days_of_irans_calendar(parts: tuple[int, int, int], day: date) -> None:
    assert from_jalali(*parts) == day


@pytest.mark.parametrize(
    "parts",
    [
        (1299, 1, 1),
        (1501, 1, 1),
        (1404, 0, 1),
        (1404, 13, 1),
        (1404, 1, 0),
        (1404, 7, 31),
        (1404, 12, 30),
        (1404, 1, 32),
    ],
)
def test_days_that_irans_calendar_lacks(parts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="not a day"):
        from_jalali(*parts)


def test_hours_of_the_two_halves_of_a_day() -> None:
    assert [to_24_hours(hour, "am") for hour in (12, 1, 11, 13)] == [0, 1, 11, 13]
    assert [to_24_hours(hour, "pm") for hour in (12, 1, 11, 13)] == [12, 13, 23, 13]
    assert [to_24_hours(hour, "") for hour in (12, 0)] == [12, 0]


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("+03:00", 3),
        ("GMT+3", 3),
        ("-0530", -5.5),
        ("−5", -5),
        ("EST", -5),
        ("ist", 5.5),
        ("xyz", 0),
        ("", 0),
        (None, 0),
        ("+23:59", 23 + 59 / 60),
        ("+24", 0),
        ("a b", 0),
    ],
)
def test_zones_by_offset_or_by_name(zone: str | None, hours: float) -> None:
    assert parse_zone(zone).utcoffset(None) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-14T24:00:00Z", moment(2026, 1, 15)),
        ("2026-01-14T23:59:60Z", moment(2026, 1, 14, 23, 59, 59)),
        ("2026-01-14T23:60:00Z", None),
        ("Wed, 14 Jan 2026 24:00 GMT", moment(2026, 1, 15)),
        ("14 January 2026 24:00", moment(2026, 1, 15)),
        ("1899-12-31", None),
        ("1900-01-01", moment(1900, 1, 1)),
        ("2199-12-31", moment(2199, 12, 31)),
        ("2200-01-01", None),
        ("2026-001", moment(2026, 1, 1)),
        ("2026-365", moment(2026, 12, 31)),
        ("2026-366", None),
        ("2026-000", None),
        ("2026-W01-1", moment(2025, 12, 29)),
        ("2026-W54-1", None),
        ("2026-12", moment(2026, 12, 1)),
        ("2026-13", None),
        ("2026", moment(2026, 1, 1)),
        ("1899", None),
        ("14 Jan 2026 (day 3)", moment(2026, 1, 14)),
        ("14 Jan 2026 3", None),
        ("x" * 109 + "14 Jan 2026", moment(2026, 1, 14)),
        ("x" * 110 + "14 Jan 2026", None),
        ("Wed Jan 14 08:30:00 2026", NOW),
        ("Wed Jan 14 25:30:00 2026", None),
        ("14 Janvember 2026", moment(2026, 1, 14)),
    ],
)
def test_a_value_names_a_moment_or_nothing(text: str, expected: datetime | None) -> None:
    assert parse_date(text) == expected


def test_a_value_of_a_page_is_of_news_from_1990_to_the_day_after_tomorrow() -> None:
    context = DateContext(NOW)
    assert parse_page_value("1990-01-01", context) is not None
    assert parse_page_value("1989-12-31", context) is None
    assert parse_page_value("2026-01-16", context) is not None
    assert parse_page_value("2026-01-17", context) is None


def test_an_ambiguous_value_has_two_readings_the_pages_own_first() -> None:
    def days(text: str, *, month_first: bool) -> list[date]:
        return [mention.day for mention in parse_ambiguous_value(text, DateContext(NOW, "", month_first))]

    assert days("05/01/2026", month_first=False) == [date(2026, 1, 5)]  # in May it would be to come
    assert days("05/01/2025", month_first=False) == [date(2025, 1, 5), date(2025, 5, 1)]
    assert days("05/01/2025", month_first=True) == [date(2025, 5, 1), date(2025, 1, 5)]
    assert days("05/05/2025", month_first=True) == [date(2025, 5, 5)]
    assert days("soon", month_first=True) == []


def found(line: str, language: str = "en", now: datetime = NOW) -> DateMention | None:
    return find_date(line, DateContext(now, language))


def test_a_day_without_a_year_is_of_this_year_or_of_the_last_half_year() -> None:
    assert (mention := found("14 January")) is not None
    assert (mention.day, mention.has_year) == (date(2026, 1, 14), False)
    assert (december := found("20 December")) is not None
    assert december.day == date(2025, 12, 20)
    assert (ahead := found("16 January")) is not None
    assert ahead.day == date(2026, 1, 16)
    assert found("17 January") is None  # to come, and a year ago pages write the year
    assert (july := found("18 July")) is not None
    assert july.day == date(2025, 7, 18)
    assert found("17 July") is None
    assert found("1848, 14 January") is None  # a year that was refused, or is too early
    assert found("1848 (xy) 14 January") is None
    assert found("2025 (xy) 14 January") is None  # nobody knows whether the year belongs to the day
    assert (full := parse_page_value("14 January 2026", DateContext(NOW))) is not None
    assert full.has_year


def test_digits_of_any_script_and_words_for_ago_are_dates() -> None:
    assert (arabic := found("١٤ January ٢٠٢٦")) is not None
    assert arabic.day == date(2026, 1, 14)
    assert (ago := found("2 hours ago")) is not None
    assert (ago.moment, ago.is_relative) == (NOW - 2 * HOUR, True)


def test_a_line_is_searched_for_three_hundred_characters() -> None:
    date_line = "14 Jan 2026"
    assert found("x" * (299 - len(date_line)) + f" {date_line}") is not None
    cut = found("x" * (300 - len(date_line)) + " 14 Jan 2025")
    assert cut is None or cut.day != date(2025, 1, 14)


@pytest.mark.parametrize("name", ["Jo Lane", "Marina Kovalenko", "Al Kovalenko", "Kovalenko Al", "Jo Jan"])
def test_a_name_before_a_date_hides_no_month(name: str) -> None:
    assert (mention := found(f"By {name} Jan 9, 2026")) is not None
    assert mention.day == date(2026, 1, 9)
    assert (long := found(f"By {name} January 9, 2026")) is not None
    assert long.day == date(2026, 1, 9)


def test_the_time_of_day_stands_after_a_date_or_before_it() -> None:
    for line in ("14 Jan 2026, 08:30", "08:30 | 14 Jan 2026", "14 Jan 2026 at 8:30 a.m."):
        assert (mention := found(line)) is not None, line
        assert mention.moment == NOW, line
    assert (apart := found("14 Jan 2026 and then nothing until 08:30")) is not None
    assert apart.moment == moment(2026, 1, 14)


def test_a_moment_may_be_another_day_elsewhere_on_earth() -> None:
    def same(day: date, *clock: int) -> bool:
        return may_be_same_moment(DateMention(0, 1, day, moment(2026, 1, 14, *clock)), date(2026, 1, 14))

    assert same(date(2026, 1, 14))
    assert not same(date(2026, 1, 13))
    earlier = DateMention(0, 1, date(2026, 1, 13), moment(2026, 1, 13, 10, 0))
    assert may_be_same_moment(earlier, date(2026, 1, 14))
    assert not may_be_same_moment(
        DateMention(0, 1, date(2026, 1, 13), moment(2026, 1, 13, 9, 59)), date(2026, 1, 14)
    )
    late = DateMention(0, 1, date(2026, 1, 15), moment(2026, 1, 15, 11, 59))
    assert may_be_same_moment(late, date(2026, 1, 14))
    assert not may_be_same_moment(
        DateMention(0, 1, date(2026, 1, 15), moment(2026, 1, 15, 12, 0)), date(2026, 1, 14)
    )


@pytest.mark.parametrize(
    ("line", "language", "ago"),
    [
        ("2 hours ago", "en", 2 * HOUR), ("Published: 2 hours ago", "en", 2 * HOUR), ("an hour ago", "en", HOUR),
        ("5h", "en", 5 * HOUR), ("5 min ago", "en", HOUR / 12), ("5 min", "en", None), ("2d ago", "en", 2 * DAY),
        ("1w", "en", 7 * DAY), ("5h", "fr", None), ("vor einer Stunde", "de", HOUR),
        ("il y a 3 heures", "fr", 3 * HOUR),
        ("2 часа назад", "ru", 2 * HOUR), ("2 hours ago", "ru", None), ("2 hours ago it rained", "en", None),
        ("two hours ago", "en", None),
    ],
)  # fmt: skip
def test_so_long_ago_in_the_language_of_the_page(line: str, language: str, ago: timedelta | None) -> None:
    read = read_relative_date(line, language, NOW)
    assert (read and (NOW - read.moment, read.has_time)) == (None if ago is None else (ago, True))


@pytest.mark.parametrize(
    ("line", "language", "days"),
    [
        ("Today", "en", 0), ("Yesterday, 12:30", "en", 1), ("Вчера, 12:30", "ru", 1), ("hier", "fr", 1),
        ("hier", "de", None), ("Heute, 12:30 Uhr", "de", 0), ("Hoy a las 8:30 p. m.", "es", 0),
        ("i dag", "nb", 0), ("Todays", "en", None), ("Today it rains", "en", None), ("Today |", "en", 0),
    ],
)  # fmt: skip
def test_today_and_yesterday_alone_or_with_a_time(line: str, language: str, days: int | None) -> None:
    read = read_relative_date(line, language, NOW)
    assert (read and ((NOW - read.moment).days, read.has_time)) == (None if days is None else (days, False))


def test_months_by_name_and_by_their_beginning() -> None:
    assert find_months("January", "en").months == (1,)
    assert find_months("January", "en").length == 7
    assert find_months("pro", "en").months == ()  # Czech for December
    assert find_months("prosinec", "en").months == (12,)
    assert find_months("xyz", "en") == ((), 0)
    assert find_months("enero", "en").months == (1,)  # five letters are no chance
    assert find_months("mayo", "en").months == find_months("mayo", "fr").months == ()
    assert find_months("mayo", "").months == find_months("mayo", "es").months == (5,)
    assert find_months("July", "fr").months == (7,)  # English is written everywhere
    assert find_months("listopad", "").months == find_months("listopad", "pl").months == (11, 10)
    assert find_months("listopad", "hr").months == (10, 11)  # the page's own meaning first
    assert find_month_by_stem("janvember") == 1
    assert find_month_by_stem("листопада") == 11
    assert find_month_by_stem("xyz") is None
    assert [base_language(tag) for tag in ("no", "pt_BR", "nb-NO", "")] == ["nb", "pt", "nb", ""]
