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
    ],
)
def test_a_date_is_parsed_in_any_usual_form(text: str) -> None:
    assert parse_date(text) == MORNING


@pytest.mark.parametrize("text", ["2026-01-14", "14 Jan 2026", "January 14, 2026", "14.01.2026", "20260114"])
def test_a_date_without_a_time_is_midnight_utc(text: str) -> None:
    assert parse_date(text) == MIDNIGHT


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
