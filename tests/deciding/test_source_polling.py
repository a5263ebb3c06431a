"""When a source is looked at again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.polling import LATEST, LONGEST_WAIT, SOONEST, PollHistory, max_age, next_poll, retry_after

NOW = datetime(2026, 1, 14, 8, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def wait(
    every: timedelta = HOUR, jitter: float = 0.0, **history: timedelta | float | int | None
) -> timedelta:
    return next_poll(PollHistory(NOW, **history), every=every, jitter=jitter) - NOW  # type: ignore[arg-type]


def test_a_source_that_answers_is_polled_as_often_as_it_was_set() -> None:
    assert wait(2 * HOUR) == 2 * HOUR


def test_no_source_is_polled_more_than_twice_an_hour_or_less_than_daily() -> None:
    assert wait(timedelta(minutes=1)) == SOONEST
    assert wait(timedelta(days=9)) == LATEST


def test_each_failure_in_a_row_doubles_the_wait_up_to_a_daily_probe() -> None:
    assert [wait(failures=count) // HOUR for count in range(7)] == [1, 2, 4, 8, 16, 24, 24]


def test_a_source_that_has_failed_a_thousand_times_is_still_probed_daily() -> None:
    assert wait(failures=1000) == LATEST


def test_a_publisher_who_asks_for_fewer_polls_gets_fewer() -> None:
    assert wait(ttl=6 * HOUR) == 6 * HOUR
    assert wait(max_age=3 * HOUR) == 3 * HOUR


def test_a_publisher_cannot_make_us_poll_more_often_or_never() -> None:
    assert wait(ttl=timedelta(minutes=1)) == HOUR
    assert wait(max_age=timedelta(days=365)) == LATEST


def test_retry_after_is_obeyed_even_beyond_a_day() -> None:
    assert wait(retry_after=timedelta(days=2)) == timedelta(days=2)
    assert wait(retry_after=timedelta(days=400)) == LONGEST_WAIT


def test_a_quiet_source_is_polled_half_as_often() -> None:
    assert wait(entries_per_day=0.2) == 2 * HOUR
    assert wait(entries_per_day=30.0) == HOUR


@given(st.floats(0, 1, exclude_max=True), st.integers(0, 50), st.integers(1, 10_000))
def test_jitter_spreads_polls_but_never_past_the_bounds(jitter: float, failures: int, minutes: int) -> None:
    assert SOONEST <= wait(timedelta(minutes=minutes), jitter, failures=failures) <= LATEST


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("120", timedelta(minutes=2)),
        ("Wed, 14 Jan 2026 09:30:00 GMT", HOUR),
        ("Wed, 14 Jan 2026 07:30:00 GMT", timedelta()),
        ("99999999999", LONGEST_WAIT),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str | None, expected: timedelta | None) -> None:
    assert retry_after(header, now=NOW) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("public, max-age=3600", HOUR),
        ('Max-Age="60"', timedelta(minutes=1)),
        ("max-age=0, must-revalidate", None),
        ("s-maxage=60", None),
        ("max-age=soon", None),
        (None, None),
    ],
)
def test_max_age_is_read_from_cache_control(header: str | None, expected: timedelta | None) -> None:
    assert max_age(header) == expected
