"""What is usual for a source, when it has moved, when it is in trouble, and when what it brings must wait."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.articles.pure.flood_rules import Past, hold
from digest.articles.pure.ownership import Publisher, Right, takes_over
from digest.sources.pure.schedule.moves import NO_MOVE, Move, confirm
from digest.sources.pure.schedule.rates import Rate, rate_of_dates
from digest.sources.pure.schedule.source_health import Signs, judge
from digest.sources.pure.urls import host_of, site_of

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def watched(rate: Rate, *, days: int, a_day: int) -> Rate:
    start = rate.at or NOW
    for hour in range(days * 24):
        rate = rate.after(a_day // 24 + (hour % 24 < a_day % 24), start + (hour + 1) * HOUR)
    return rate


@pytest.mark.parametrize("a_day", [1, 10, 100])
@pytest.mark.parametrize("days", [2, 10, 60])
def test_the_usual_number_is_found_however_long_a_source_is_known(a_day: int, days: int) -> None:
    rate = watched(Rate(0.0, NOW, NOW), days=days, a_day=a_day)
    assert rate.at is not None
    assert rate.usual(rate.at) == pytest.approx(a_day, rel=0.1)


def test_a_source_is_not_judged_in_its_first_day() -> None:
    assert Rate(0.0, NOW, NOW).after(50, NOW + HOUR).usual(NOW + HOUR) is None
    assert Rate(0.0, None, None).usual(NOW) is None


def test_a_source_that_has_grown_is_known_to_within_weeks() -> None:
    rate = watched(watched(Rate(0.0, NOW, NOW), days=30, a_day=2), days=28, a_day=40)
    assert rate.at is not None
    assert 30 < (rate.usual(rate.at) or 0) < 40


def test_the_dates_of_a_first_document_tell_the_rate_at_once() -> None:
    hourly = rate_of_dates([NOW - n * HOUR for n in range(1, 49)], NOW)
    assert hourly.usual(NOW) == pytest.approx(24, rel=0.05)
    for dates in ([], [NOW], [NOW, NOW, NOW], [NOW + n * DAY for n in range(9)]):
        assert rate_of_dates(dates, NOW).usual(NOW) is None


def test_a_move_is_believed_when_seen_three_times_a_day_apart() -> None:
    move, seen = NO_MOVE, []
    for hours in (0, 1, 23, 24, 47, 48):
        move = confirm(move, "https://new.example/feed", NOW + hours * HOUR)
        seen.append(move.believed)
    assert seen == [False, False, False, False, False, True]


@pytest.mark.parametrize("led_to", [None, "https://other.example/feed"])
def test_a_move_that_is_taken_back_or_changes_begins_anew(led_to: str | None) -> None:
    twice = Move("https://new.example/feed", 2, NOW)
    assert confirm(twice, led_to, NOW + DAY).seen == (1 if led_to else 0)


def signs(**changed: object) -> Signs:
    usual: dict[str, object] = {
        "state": "active", "failures": 0, "error": "", "held": 0, "per_day": 5.0, "last_success_at": NOW,
        "last_new_at": NOW, "host_until": None, "host_reason": "",
    }  # fmt: skip
    return Signs(**usual | changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "condition"),
    [
        ({}, "well"),
        ({"state": "stopped"}, "stopped"),
        ({"state": "stopped", "error": "gone"}, "stopped"),
        ({"failures": 1, "error": "no host"}, "failing"),
        ({"failures": 50, "error": "no host", "held": 3}, "failing"),
        ({"held": 3}, "held"),
        ({"host_until": NOW + HOUR, "host_reason": "too often"}, "waiting"),
        ({"last_success_at": None, "last_new_at": None, "per_day": None}, "new"),
        ({"last_new_at": NOW - 2 * DAY}, "well"),
        ({"last_new_at": NOW - 4 * DAY, "per_day": 20.0}, "silent"),
        ({"last_new_at": NOW - 9 * DAY, "per_day": 0.5}, "well"),
        ({"last_new_at": NOW - 60 * DAY, "per_day": 0.01}, "silent"),  # 0.7 a day before its silence
    ],
)
def test_a_source_is_judged_by_the_worst_that_is_true_of_it(
    changed: dict[str, object], condition: str
) -> None:
    health = judge(signs(**changed), NOW)
    assert health.condition == condition
    assert bool(health.words) == (condition != "well")
    assert bool(health.advice) or not health.trouble


def past(**changed: object) -> Past:
    return Past(**{"per_day": 5.0, "lately": 0, "last_read": NOW - HOUR} | changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fresh", "old", "changed", "held"),
    [
        (49, 0, {}, ""),
        (50, 0, {}, "flood"),
        (20, 0, {"lately": 30}, "flood"),
        (0, 0, {"lately": 300}, ""),
        (29, 0, {"per_day": 0.1}, ""),
        (30, 0, {"per_day": 0.1}, "flood"),
        (100, 0, {"last_read": NOW - 3 * DAY}, ""),  # we were away for as long
        (150, 0, {"last_read": NOW - 3 * DAY}, "flood"),
        (199, 0, {"per_day": None}, ""),
        (200, 0, {"per_day": None}, "flood"),
        (199, 0, {"last_read": None}, ""),  # of a large paper, two days' news
        (200, 300, {"last_read": None, "per_day": None}, "flood"),
        (0, 9, {}, ""),
        (0, 10, {}, "old"),
        (1, 10, {}, ""),
        (0, 500, {"last_read": None}, ""),
    ],
)
def test_ten_times_the_usual_number_and_only_old_ones_wait(
    fresh: int, old: int, changed: dict[str, object], held: str
) -> None:
    assert hold(range(fresh), range(old), past=past(**changed), now=NOW) == held


OWNER = Publisher("https://feeds.courier.co.uk/world.xml", "https://www.courier.co.uk/")
THROUGH_A_SERVICE = Publisher("https://feeds.service.example/courier", "https://www.courier.co.uk/")
AGGREGATOR = Publisher("https://planet.example/all.xml", "https://planet.example/")
PAGE = "https://www.courier.co.uk/news/1"


def test_whose_a_page_is() -> None:
    rights = [publisher.right(PAGE) for publisher in (OWNER, THROUGH_A_SERVICE, AGGREGATOR)]
    assert rights == [Right.OWNS, Right.CLAIMS, Right.LISTS]


def test_only_who_has_more_right_takes_an_article_over() -> None:
    assert takes_over(PAGE, newcomer=OWNER, holder=AGGREGATOR)
    assert takes_over(PAGE, newcomer=OWNER, holder=THROUGH_A_SERVICE)
    assert takes_over(PAGE, newcomer=THROUGH_A_SERVICE, holder=AGGREGATOR)
    for newcomer in (OWNER, THROUGH_A_SERVICE, AGGREGATOR):
        assert not takes_over(PAGE, newcomer=newcomer, holder=OWNER)
    assert not takes_over(PAGE, newcomer=AGGREGATOR, holder=AGGREGATOR)


@pytest.mark.parametrize(
    ("url", "host", "site"),
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
def test_host_and_site_of_an_address(url: str, host: str, site: str) -> None:
    assert (host_of(url), site_of(url)) == (host, site)
