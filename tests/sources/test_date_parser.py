"""Dates in the forms that publishers write."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.pure.dates.date_parser import parse_date

MORNING = datetime(2026, 1, 14, 8, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 1, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-14T08:30:00Z",
        "2026-01-14T08:30:00.123456+00:00",
        "2026-01-14T11:30+03:00",
        "2026-01-14 08:30:00",
        "2026-01-14T08:30:00 UTC",
        "2026/01/14 08:30",
        "20260114T083000Z",
        "Wed, 14 Jan 2026 08:30:00 GMT",
        "Wed, 14 Jan 2026 08:30 +0000",
        "Wed, 14 Jan 26 08:30:00 +0000",
        "14 Jan 2026 03:30:00 EST",
        "Wed, 14 Jan 2026 09:30:00 CET",
        "Wed, 14 Jan 2026 11:30:00 MSK",
        "Wed, 14 Jan 2026 11:30:00 GMT+3",
        "Wed, 14 January 2026 08:30:00 +0000",
        "Mon, 14 Jan 2026 08:30:00 GMT",  # the wrong weekday
        "  Wed,  14 Jan\n2026 08:30:00  GMT ",
        "Wed Jan 14 08:30:00 2026",
        "Wed Jan 14 08:30:00 UTC 2026",
        "January 14, 2026 8:30 am",
        "Jan 14, 2026, 08:30 AM",
        "14.01.2026 08:30",
        "14/01/2026 08:30",
        "01/14/2026 08:30",
        "2026年1月14日 08:30",
        "2026년 1월 14일 08:30",
        "14 января 2026 г., 08:30",
        "14. Januar 2026 08:30",
        "14 janvier 2026 à 08:30",
        "14 de enero de 2026 08:30",
        "1768379400",
        "1768379400000",
        "1768379400.25",
        "/Date(1768379400000)/",
        "20260114T08:30:00Z",
        "20260114T083000+0000",
        "20260114083000",
        "2026-W03-3T08:30Z",
        "2026W033T0830Z",
        "2026-014T08:30:00Z",
        "2026014T083000Z",
        "2026-01-14T09:30:00+01:00[Europe/Berlin]",
        "2026-01-14 08:30:00.123456 +0000 UTC m=+0.000012",
        "Wed Jan 14 09:30:00 CET 2026",
        "Wed Jan 14 2026 09:30:00 GMT+0100 (Central European Standard Time)",
        "Wed, 14 Jan 2569 08:30:00 GMT",
        "14 ม.ค. 2569 08:30",
        "14/01/2569 08:30",
        "1404/10/24 08:30",
        "۱۴۰۴/۱۰/۲۴ ۰۸:۳۰",
        "24 دی 1404 - 08:30",
        "115/01/14 08:30",
        "民國115年1月14日 08:30",
        "令和8年1月14日 8時30分",
        "2026. 1. 14. 오전 8:30:00",
        "2026년 1월 14일 오전 8시 30분",
        "수, 14 1월 2026 17:30:00 +0900",
        "周三, 14 1月 2026 16:30:00 +0800",
        "2026年1月14日 上午8:30",
        "2026年01月14日 08时30分",
        "2026年1月14日（水） 午前8時30分",
        "14 كانون الثاني 2026 08:30 صباحا",
        "14 كانون الثاني / يناير 2026 08:30 ص",
        "14 يناير (كانون الثاني) 2026 08:30",
        "Thứ tư, 14/01/2026, 08:30",
        "14/01/26 08:30",
        "14 ינואר 2026 08:30",
        "14 जनवरी 2026 08:30",
        "14 gennaio 2026 8.30",
        "mer, 14 gen 2026 09:30:00 +0100",
        "Τετ, 14 Ιαν 2026 8:30 πμ",
        "2026-01-14|08h30",
        "14 janvier 2026 à 8 h 30",
        "14 de enero de 2026, 8:30 a. m.",
    ],
)
def test_a_date_is_parsed_in_any_usual_form(text: str) -> None:
    assert parse_date(text) == MORNING


@pytest.mark.parametrize("text", ["2026-01-14", "14 Jan 2026", "January 14, 2026", "14.01.2026", "20260114"])
def test_a_date_without_a_time_is_midnight_utc(text: str) -> None:
    assert parse_date(text) == MIDNIGHT


@pytest.mark.parametrize(
    "text",
    [
        "2026. 1. 14. 오후 8:30:00",
        "2026년 1월 14일 오후 8시 30분",
        "2026年1月14日 下午8:30",
        "2026年1月14日 晚上8点30分",
        "2026年01月14日 20時30分",
        "2026年1月14日 午後8時30分",
        "14 كانون الثاني 2026 08:30 مساء",
        "14/01/2026 8:30 مساءً",
        "۱۴۰۴/۱۰/۲۴ ۸:۳۰ ب.ظ",
        "14 Ιανουαρίου 2026 8:30 μ.μ.",
        "14/01/2026 8:30 CH",
        "14 de enero de 2026, 8:30 p. m.",
    ],
)
def test_words_for_the_half_of_the_day_are_read(text: str) -> None:
    assert parse_date(text) == datetime(2026, 1, 14, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "-0001-11-30T00:00:00+00:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2026-W54-3",
        "2026-W03",
        "2026-367",
        "2026-000",
        "1447/07/25",  # a year of the Islamic calendar
        "14 Jan",
        "Wed, 14 Jan 08:30:00 GMT",
        "Jan 2026",
        "2026-13",
        "14 Jan 2026 and 15 Jan 2026",
        "2026-01-14 2026-01-15",
        "31 Feb 2026 08:30:00 GMT",
        "29 Xyz 2026",
        "99/99/2026",
        "Page 14 of 2026",
        "20261301T000000Z",
    ],
)
def test_a_value_that_is_no_full_date_is_never_completed(text: str) -> None:
    assert parse_date(text) is None


def test_the_order_of_month_and_day_is_an_argument() -> None:
    assert parse_date("11/01/2026") == datetime(2026, 1, 11, tzinfo=UTC)
    assert parse_date("11/01/2026", month_first=True) == datetime(2026, 11, 1, tzinfo=UTC)
    assert parse_date("14/01/2026", month_first=True) == MIDNIGHT


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 -- UTC by the test
def test_what_programs_write_is_read_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    year, week, weekday = moment.isocalendar()
    clock = f"{moment:%H:%M:%S}"
    for text in (
        moment.isoformat(),
        f"{moment:%Y%m%dT%H%M%SZ}",
        f"{year}-W{week:02}-{weekday}T{clock}Z",
        f"{moment:%Y-%j}T{clock}Z",
        f"{moment:%a %b %d} {clock} UTC {moment.year}",
        f"{moment:%a, %d %b %Y} {clock} GMT",
        f"{moment.day} {moment:%b} {moment.year + 543} {clock}",
    ):
        assert parse_date(text) == moment, text


def test_the_time_24_00_is_midnight_of_the_next_day() -> None:
    assert parse_date("2026-01-13T24:00:00Z") == MIDNIGHT


def test_an_hour_with_pm_counts_from_noon() -> None:
    assert parse_date("January 14, 2026 12:15 pm") == datetime(2026, 1, 14, 12, 15, tzinfo=UTC)
    assert parse_date("January 14, 2026 8:30 p.m.") == datetime(2026, 1, 14, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", [None, "", "yesterday", "32 Jan 2026", "2026-13-45", "0000-00-00", "Breaking news", "1" * 500]
)
def test_a_text_that_is_not_a_date_yields_none(text: str | None) -> None:
    assert parse_date(text) is None


@given(st.text(alphabet="0123456789 -/:,.TZ+janfebGMT年月", max_size=60))
def test_any_text_yields_a_date_in_utc_or_none(text: str) -> None:
    moment = parse_date(text)
    assert moment is None or moment.tzinfo is UTC
