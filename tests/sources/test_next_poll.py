"""When a source is polled again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.pure.feeds.skip_hours import NO_SKIPS, SkipSchedule, read_skip_schedule
from digest.sources.pure.schedule.next_poll import (
    DEFAULT_HOST_PAUSE,
    MAX_INTERVAL,
    MAX_INTERVAL_BY_RATE,
    MAX_RETRY_AFTER,
    MIN_INTERVAL,
    PollHistory,
    freshness_lifetime,
    host_pause,
    next_poll,
    parse_max_age,
    parse_retry_after,
)

NOW = datetime(2026, 1, 14, 8, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def wait(
    every: timedelta = HOUR, jitter: float = 0.0, **history: timedelta | float | int | SkipSchedule | None
) -> timedelta:
    return next_poll(PollHistory(NOW, **history), every=every, jitter=jitter) - NOW  # type: ignore[arg-type]


def test_a_working_source_is_polled_at_its_interval() -> None:
    assert wait(2 * HOUR) == 2 * HOUR


def test_no_source_is_polled_more_than_twice_an_hour_or_less_than_daily() -> None:
    assert wait(timedelta(minutes=1)) == MIN_INTERVAL
    assert wait(timedelta(days=9)) == MAX_INTERVAL


def test_each_failure_in_a_row_doubles_the_wait_up_to_a_daily_probe() -> None:
    assert [wait(failures=count) // HOUR for count in range(7)] == [1, 2, 4, 8, 16, 24, 24]


def test_a_source_that_has_failed_a_thousand_times_is_still_probed_daily() -> None:
    assert wait(failures=1000) == MAX_INTERVAL


def test_a_publisher_who_asks_for_fewer_polls_gets_fewer() -> None:
    assert wait(ttl=6 * HOUR) == 6 * HOUR
    assert wait(fresh_for=3 * HOUR) == 3 * HOUR


def test_a_publisher_cannot_make_us_poll_more_often_or_never() -> None:
    assert wait(ttl=timedelta(minutes=1)) == HOUR
    assert wait(fresh_for=timedelta(days=365)) == MAX_INTERVAL


def test_retry_after_is_obeyed_up_to_a_day_by_the_source() -> None:
    assert wait(retry_after=5 * HOUR) == 5 * HOUR
    assert wait(retry_after=timedelta(days=2)) == MAX_INTERVAL


def test_a_host_is_paused_for_its_retry_after_on_429_and_503() -> None:
    assert host_pause(429, timedelta(days=2)) == host_pause(503, timedelta(days=2)) == timedelta(days=2)
    assert host_pause(429, None) == DEFAULT_HOST_PAUSE
    assert host_pause(503, None) is host_pause(500, HOUR) is host_pause(None, None) is None


def test_a_quiet_source_is_polled_less_often_but_still_in_time_for_the_morning() -> None:
    assert wait(per_day=30.0) == HOUR
    assert wait(per_day=6.0) == 2 * HOUR
    assert wait(per_day=0.01) == wait(per_day=0.0) == MAX_INTERVAL_BY_RATE
    assert wait(6 * HOUR, per_day=0.01) == 6 * HOUR


def test_the_freshness_lifetime_is_the_longer_of_expires_and_max_age() -> None:
    assert freshness_lifetime("max-age=60", "Wed, 14 Jan 2026 09:30:00 GMT", now=NOW) == HOUR
    assert freshness_lifetime("max-age=7200", "Wed, 14 Jan 2026 09:30:00 GMT", now=NOW) == 2 * HOUR
    for expires in ("0", "-1", "", None, "Wed, 14 Jan 2026 07:30:00 GMT", "Wed, 14 Jan 99999 08:00:00 GMT"):
        assert freshness_lifetime(None, expires, now=NOW) is None


def test_skipped_hours_and_days_are_not_polled() -> None:
    night = SkipSchedule(hours=sum(1 << hour for hour in (9, 10, 11)))
    assert NOW + wait(skips=night) == NOW.replace(hour=12, minute=0)
    weekend = SkipSchedule(days=0b1100000)
    friday_night = PollHistory(datetime(2026, 1, 16, 23, 30, tzinfo=UTC), skips=weekend)
    assert next_poll(friday_night, every=HOUR, jitter=0) == datetime(2026, 1, 19, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("skips", [SkipSchedule(hours=2**24 - 1), SkipSchedule(days=2**7 - 1)])
def test_a_publisher_that_skips_all_hours_or_days_is_still_polled(skips: SkipSchedule) -> None:
    assert wait(skips=skips) == HOUR


def test_skips_are_read_as_publishers_write_them() -> None:
    text = """<rss><channel><skipHours><hour>0</hour><hour> 23 </hour><hour>24</hour><hour>77</hour></skipHours>
    <skipDays><day>Saturday</day>\n<day>sunday</day><day>Caturday</day></skipDays></channel></rss>"""
    assert read_skip_schedule(text) == SkipSchedule(hours=1 | 1 << 23, days=1 << 5 | 1 << 6)
    assert read_skip_schedule("<rss><skipHours>" + "<hour>1</hour>" * 10_000) == NO_SKIPS


@given(st.floats(0, 1, exclude_max=True), st.integers(0, 50), st.integers(1, 10_000))
def test_jitter_spreads_polls_but_never_past_the_bounds(jitter: float, failures: int, minutes: int) -> None:
    assert MIN_INTERVAL <= wait(timedelta(minutes=minutes), jitter, failures=failures) <= MAX_INTERVAL


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("120", timedelta(minutes=2)),
        ("Wed, 14 Jan 2026 09:30:00 GMT", HOUR),
        ("Wed, 14 Jan 2026 07:30:00 GMT", timedelta()),
        ("99999999999", MAX_RETRY_AFTER),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str | None, expected: timedelta | None) -> None:
    assert parse_retry_after(header, now=NOW) == expected


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
    assert parse_max_age(header) == expected
