"""When sources are polled, how often they publish and what is wrong with them: in hours and days, on both sides."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from digest.sources.pure.schedule.moves import NO_MOVE, PermanentMove, record_redirect
from digest.sources.pure.schedule.next_poll import (
    PollHistory,
    freshness_lifetime,
    host_pause,
    next_poll,
    parse_max_age,
    parse_retry_after,
)
from digest.sources.pure.schedule.rates import ArticleRate, estimate_rate
from digest.sources.pure.schedule.source_health import (
    HealthCondition,
    HealthSignals,
    SourceHealth,
    assess_health,
)
from digest.sources.states import SourceState

NOW = datetime(2026, 1, 14, 8, 30, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def wait(every: timedelta = HOUR, jitter: float = 0.0, **history: object) -> timedelta:
    return next_poll(PollHistory(NOW, **history), every=every, jitter=jitter) - NOW  # type: ignore[arg-type]


def test_a_source_is_polled_between_half_an_hour_and_a_day_apart() -> None:
    assert wait(MINUTE) == 30 * MINUTE
    assert wait(99 * DAY) == DAY
    assert wait(MINUTE, failures=1) == HOUR
    assert wait(30 * MINUTE, failures=3) == 4 * HOUR
    assert wait(timedelta(seconds=1), failures=60) == DAY
    assert wait(ttl=2 * HOUR, fresh_for=3 * HOUR, retry_after=4 * HOUR) == 4 * HOUR


def test_jitter_adds_a_tenth_of_the_interval_at_most() -> None:
    assert wait(10 * HOUR, 0.5) == 10.5 * HOUR
    assert wait(DAY, 0.5) == DAY


def test_a_source_is_polled_twice_between_two_articles_but_every_four_hours() -> None:
    assert wait(per_day=4) == 3 * HOUR
    assert wait(per_day=3) == 4 * HOUR
    assert wait(per_day=2) == 4 * HOUR
    assert wait(per_day=None) == HOUR


def test_a_host_that_gets_too_many_requests_is_left_alone_for_half_an_hour() -> None:
    assert host_pause(429, None) == 30 * MINUTE
    assert host_pause(429, HOUR) == HOUR
    assert host_pause(503, None) is None


def test_retry_after_is_at_most_a_week() -> None:
    assert parse_retry_after("604800", now=NOW) == parse_retry_after("604801", now=NOW) == 7 * DAY
    assert parse_retry_after("604799", now=NOW) == 7 * DAY - SECOND
    assert parse_retry_after("Wed, 21 Jan 2026 09:30:00 GMT", now=NOW) == 7 * DAY
    assert parse_retry_after(" 60 ", now=NOW) == MINUTE
    assert parse_retry_after("²", now=NOW) is None
    assert parse_retry_after("Wed, 14 Jan 2026 09:30:00", now=NOW) == HOUR  # without a zone it is UTC
    assert parse_retry_after(None, now=NOW) is None


def test_max_age_is_one_of_several_directives() -> None:
    assert parse_max_age('public, Max-Age="60"') == MINUTE
    assert parse_max_age("max-age=0, max-age=60") is None
    assert parse_max_age("s-maxage=60") is None
    assert parse_max_age("max-age=²") is None
    assert parse_max_age("max-age=soon, max-age=60") == MINUTE
    assert freshness_lifetime(None, "Wed, 14 Jan 2026 08:30:00 GMT", now=NOW) is None  # this very moment


def test_a_redirect_moves_a_source_when_it_was_seen_three_times_a_day_apart() -> None:
    def seen(*days: float) -> PermanentMove:
        move = NO_MOVE
        for day in days:
            move = record_redirect(move, "https://new.example/", NOW + day * DAY)
        return move

    assert seen(0, 1, 2).is_confirmed
    assert not seen(0, 1).is_confirmed
    assert not seen(0, 0.9, 1.8).is_confirmed
    assert seen(0, 0.9) == PermanentMove("https://new.example/", 1, NOW)
    assert record_redirect(seen(0, 1, 2), None, NOW) == NO_MOVE
    assert record_redirect(seen(0, 1), "https://other.example/", NOW + 2 * DAY).seen_count == 1
    assert (
        record_redirect(PermanentMove("https://new.example/", 2), "https://new.example/", NOW).seen_count == 1
    )


def test_a_steady_source_has_its_rate_after_a_day() -> None:
    rate = ArticleRate(0.0, None, None)
    for hour in range(24):
        rate = rate.after_poll(1, NOW + hour * HOUR)
    assert rate.since == NOW
    assert rate.per_day(NOW + DAY - SECOND) is None
    assert rate.per_day(NOW + DAY) == pytest.approx(24, rel=0.05)
    assert rate.per_day(NOW + DAY + 14 * DAY) == pytest.approx(24 / math.e * 0.068941 / 0.657, rel=0.05)
    assert ArticleRate(5.0, NOW, None).per_day(NOW + 9 * DAY) is None


def test_new_articles_count_for_two_weeks_and_a_clock_that_goes_back_changes_nothing() -> None:
    assert ArticleRate(0.0, None, None).after_poll(14, NOW).decayed_per_day == pytest.approx(1.0)
    later = ArticleRate(1.0, NOW, NOW).after_poll(0, NOW + 14 * DAY)
    assert later.decayed_per_day == pytest.approx(1 / math.e)
    assert ArticleRate(1.0, NOW, NOW).after_poll(0, NOW - 14 * DAY).decayed_per_day == pytest.approx(1.0)
    assert ArticleRate(1.0, NOW - 2 * DAY, NOW + DAY).per_day(NOW) == ArticleRate(
        1.0, NOW - 2 * DAY, NOW
    ).per_day(NOW)


def estimated(*days: float) -> float | None:
    return estimate_rate((NOW - day * DAY for day in days), NOW).per_day(NOW)


def test_three_dates_over_an_hour_give_a_rate_at_once() -> None:
    assert estimated(2, 1, 0) == pytest.approx(1.5)
    assert estimated(2, 1) is None
    assert estimate_rate([NOW], NOW) == ArticleRate(0.0, NOW, NOW)
    assert estimated(1 / 24, 0.01, 0) == pytest.approx(72)
    assert estimated(1 / 25, 0.01, 0) is None
    assert estimated(28, 14, 0) == pytest.approx(3 / 28)
    assert estimated(28.1, 14, 0) is None  # the oldest is no sign of how often it publishes now
    assert estimated(-1, 2, 1) is None  # nor is one of tomorrow


def health(**changes: object) -> SourceHealth:
    usual = {
        "state": SourceState.ACTIVE, "failures": 0, "error": "", "held": 0, "per_day": 5.0, "last_success_at": NOW,
        "last_new_at": NOW, "host_paused_until": None, "host_pause_reason": "",
    }  # fmt: skip
    return assess_health(HealthSignals(**(usual | changes)), NOW)  # type: ignore[arg-type]


def test_a_source_is_silent_after_ten_usual_intervals_and_three_days() -> None:
    def silent(days: float, usual: float) -> bool:
        """Whether it is after so many days without news, if it brought so many a day before."""
        per_day = usual * math.exp(-min(days / 14, 20))
        return health(per_day=per_day, last_new_at=NOW - days * DAY).condition == HealthCondition.SILENT

    assert not silent(3, 50)
    assert silent(3.01, 50)
    assert not silent(19.9, 0.5)
    assert silent(20.1, 0.5)
    assert silent(300, 0.5)


def test_a_silent_source_says_what_is_usual() -> None:
    twice = health(per_day=2.4 * math.exp(-5 / 14), last_new_at=NOW - 5 * DAY - HOUR)
    assert str(twice.message) == "nothing new for 5 days; usual: 2 a day"
    rarely = health(per_day=0.25 * math.exp(-50 / 14), last_new_at=NOW - 50 * DAY)
    assert str(rarely.message) == "nothing new for 50 days; usual: one in 4 days"
    assert health(per_day=0.0, last_new_at=NOW - 99 * DAY).condition == HealthCondition.WELL
    assert health(last_new_at=None).condition == HealthCondition.WELL


@pytest.mark.parametrize(
    ("failures", "advice"),
    [
        (1, "nothing to do"),
        (2, "nothing to do"),
        (3, "open its address"),
        (9, "open its"),
        (10, "for a long time"),
    ],
)
def test_the_advice_for_a_failing_source_depends_on_how_long_it_fails(failures: int, advice: str) -> None:
    found = health(failures=failures, error="no answer")
    assert found.condition == HealthCondition.FAILING
    assert advice in str(found.advice)
    assert found.needs_attention
