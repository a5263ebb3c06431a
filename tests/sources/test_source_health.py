"""The rate, moves and health of sources, and which articles are held or taken over."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.articles.pure.flood_rules import SourceHistory, decide_hold
from digest.articles.pure.ownership import Authority, SourceAddresses, takes_over
from digest.sources.pure.schedule.moves import NO_MOVE, PermanentMove, record_redirect
from digest.sources.pure.schedule.rates import ArticleRate, estimate_rate
from digest.sources.pure.schedule.source_health import HealthSignals, assess_health
from digest.sources.pure.urls import host_of, registrable_domain
from digest.sources.states import SourceState

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def after_days(rate: ArticleRate, *, days: int, per_day: int) -> ArticleRate:
    start = rate.counted_at or NOW
    for hour in range(days * 24):
        rate = rate.after_poll(per_day // 24 + (hour % 24 < per_day % 24), start + (hour + 1) * HOUR)
    return rate


@pytest.mark.parametrize("per_day", [1, 10, 100])
@pytest.mark.parametrize("days", [2, 10, 60])
def test_the_rate_is_right_after_any_number_of_days(per_day: int, days: int) -> None:
    rate = after_days(ArticleRate(0.0, NOW, NOW), days=days, per_day=per_day)
    assert rate.counted_at is not None
    assert rate.per_day(rate.counted_at) == pytest.approx(per_day, rel=0.1)


def test_a_source_has_no_rate_on_its_first_day() -> None:
    assert ArticleRate(0.0, NOW, NOW).after_poll(50, NOW + HOUR).per_day(NOW + HOUR) is None
    assert ArticleRate(0.0, None, None).per_day(NOW) is None


def test_the_rate_follows_a_growing_source_within_weeks() -> None:
    rate = after_days(after_days(ArticleRate(0.0, NOW, NOW), days=30, per_day=2), days=28, per_day=40)
    assert rate.counted_at is not None
    assert 30 < (rate.per_day(rate.counted_at) or 0) < 40


def test_the_dates_of_the_first_document_give_the_rate_at_once() -> None:
    hourly = estimate_rate([NOW - n * HOUR for n in range(1, 49)], NOW)
    assert hourly.per_day(NOW) == pytest.approx(24, rel=0.05)
    for dates in ([], [NOW], [NOW, NOW, NOW], [NOW + n * DAY for n in range(9)]):
        assert estimate_rate(dates, NOW).per_day(NOW) is None


def test_a_move_is_confirmed_when_seen_three_times_a_day_apart() -> None:
    move, seen = NO_MOVE, []
    for hours in (0, 1, 23, 24, 47, 48):
        move = record_redirect(move, "https://new.example/feed", NOW + hours * HOUR)
        seen.append(move.is_confirmed)
    assert seen == [False, False, False, False, False, True]


@pytest.mark.parametrize("redirected_to", [None, "https://other.example/feed"])
def test_a_move_that_is_withdrawn_or_changes_is_counted_anew(redirected_to: str | None) -> None:
    twice = PermanentMove("https://new.example/feed", 2, NOW)
    assert record_redirect(twice, redirected_to, NOW + DAY).seen_count == (1 if redirected_to else 0)


def signals(**changed: object) -> HealthSignals:
    defaults: dict[str, object] = {
        "state": SourceState.ACTIVE, "failures": 0, "error": "", "held": 0, "per_day": 5.0, "last_success_at": NOW,
        "last_new_at": NOW, "host_paused_until": None, "host_pause_reason": "",
    }  # fmt: skip
    return HealthSignals(**defaults | changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "condition"),
    [
        ({}, "well"),
        ({"state": SourceState.STOPPED}, "stopped"),
        ({"state": SourceState.STOPPED, "error": "gone"}, "stopped"),
        ({"failures": 1, "error": "no host"}, "failing"),
        ({"failures": 50, "error": "no host", "held": 3}, "failing"),
        ({"held": 3}, "held"),
        ({"host_paused_until": NOW + HOUR, "host_pause_reason": "too often"}, "waiting"),
        ({"last_success_at": None, "last_new_at": None, "per_day": None}, "new"),
        ({"last_new_at": NOW - 2 * DAY}, "well"),
        ({"last_new_at": NOW - 4 * DAY, "per_day": 20.0}, "silent"),
        ({"last_new_at": NOW - 9 * DAY, "per_day": 0.5}, "well"),
        ({"last_new_at": NOW - 60 * DAY, "per_day": 0.01}, "silent"),  # 0.7 a day before its silence
    ],
)
def test_the_health_of_a_source_is_its_worst_condition(changed: dict[str, object], condition: str) -> None:
    health = assess_health(signals(**changed), NOW)
    assert health.condition == condition
    assert bool(health.message) == (condition != "well")
    assert bool(health.advice) or not health.needs_attention


def history(**changed: object) -> SourceHistory:
    return SourceHistory(**{"per_day": 5.0, "last_day_count": 0, "last_success_at": NOW - HOUR} | changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fresh", "old", "changed", "held"),
    [
        (49, 0, {}, ""),
        (50, 0, {}, "flood"),
        (20, 0, {"last_day_count": 30}, "flood"),
        (0, 0, {"last_day_count": 300}, ""),
        (29, 0, {"per_day": 0.1}, ""),
        (30, 0, {"per_day": 0.1}, "flood"),
        (100, 0, {"last_success_at": NOW - 3 * DAY}, ""),  # we were away for as long
        (150, 0, {"last_success_at": NOW - 3 * DAY}, "flood"),
        (199, 0, {"per_day": None}, ""),
        (200, 0, {"per_day": None}, "flood"),
        (199, 0, {"last_success_at": None}, ""),  # of a large paper, two days' news
        (200, 300, {"last_success_at": None, "per_day": None}, "flood"),
        (0, 9, {}, ""),
        (0, 10, {}, "old"),
        (1, 10, {}, ""),
        (0, 500, {"last_success_at": None}, ""),
    ],
)
def test_floods_and_batches_of_only_old_articles_are_held(
    fresh: int, old: int, changed: dict[str, object], held: str
) -> None:
    assert decide_hold(range(fresh), range(old), history=history(**changed), now=NOW) == held


OWNER = SourceAddresses("https://feeds.courier.co.uk/world.xml", "https://www.courier.co.uk/")
THROUGH_A_SERVICE = SourceAddresses("https://feeds.service.example/courier", "https://www.courier.co.uk/")
AGGREGATOR = SourceAddresses("https://planet.example/all.xml", "https://planet.example/")
PAGE = "https://www.courier.co.uk/news/1"


def test_the_authority_of_a_publisher_over_a_page() -> None:
    authorities = [publisher.authority_over(PAGE) for publisher in (OWNER, THROUGH_A_SERVICE, AGGREGATOR)]
    assert authorities == [Authority.OWNS, Authority.CLAIMS, Authority.LISTS]


def test_only_a_publisher_with_more_authority_takes_an_article_over() -> None:
    assert takes_over(PAGE, newcomer=OWNER, holder=AGGREGATOR)
    assert takes_over(PAGE, newcomer=OWNER, holder=THROUGH_A_SERVICE)
    assert takes_over(PAGE, newcomer=THROUGH_A_SERVICE, holder=AGGREGATOR)
    for newcomer in (OWNER, THROUGH_A_SERVICE, AGGREGATOR):
        assert not takes_over(PAGE, newcomer=newcomer, holder=OWNER)
    assert not takes_over(PAGE, newcomer=AGGREGATOR, holder=AGGREGATOR)


@pytest.mark.parametrize(
    ("url", "host", "domain"),
    [
        ("https://News.Courier.co.uk:8443/a", "news.courier.co.uk", "courier.co.uk"),
        ("https://ann.github.io/feed", "ann.github.io", "ann.github.io"),
        ("http://127.0.0.1:80/", "127.0.0.1", "127.0.0.1"),
        ("http://[::1]/", "::1", "::1"),
        ("http://localhost/", "localhost", "localhost"),
        ("http://co.uk/", "co.uk", "co.uk"),
        ("mailto:a@b.example", "", ""),
        ("http://[broken/", "", ""),
    ],
)
def test_the_host_and_the_registrable_domain_of_a_url(url: str, host: str, domain: str) -> None:
    assert (host_of(url), registrable_domain(url)) == (host, domain)
