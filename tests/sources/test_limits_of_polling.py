"""When sources are polled, how often they publish and what is wrong with them: in hours and days, on both sides."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from digest.sources.pure.naming.home_country import home_country
from digest.sources.pure.naming.source_name import host_name, is_name, is_poor_title, name_source
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
from digest.sources.pure.urls import (
    host_of,
    is_public_ip,
    is_public_suffix,
    public_suffix,
    registrable_domain,
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


@pytest.mark.parametrize(
    ("address", "language", "country"),
    [
        ("https://www.abc.net.au/news", "en-US", "AU"),
        ("https://quay.co.uk/", "", "GB"),
        ("https://quay.example/", "en-AU", "AU"),
        ("https://quay.example/", "en_UK", "GB"),
        ("https://quay.example/", "en-US", ""),
        ("https://quay.example/", "zh-Hans", ""),
        ("https://quay.example/", "es-419", ""),
        ("https://quay.example/", "au", ""),
        ("https://quay.tv/", "", ""),
        ("https://quay.com.co/", "", "CO"),
        ("https://quay.co/", "", ""),
        ("https://192.0.2.1/", "", ""),
        ("https://quay.4z/", "", ""),
        ("https://вести.рф/", "", "RU"),
    ],
)
def test_a_source_is_from_where_its_address_or_its_language_says(
    address: str, language: str, country: str
) -> None:
    assert home_country(address, language=language) == country


def test_the_first_address_that_names_a_country_counts() -> None:
    assert home_country("https://quay.example/", "https://quay.fr/", "https://quay.de/") == "FR"


@pytest.mark.parametrize(
    ("title", "url", "name"),
    [
        ("The Quay - World", "https://a.example/", "The Quay"),
        ("World | The Quay | Harbour Club", "https://a.example/", "The Quay – Harbour Club"),
        ("Harbour Club | The Quay", "https://thequay.example/", "The Quay"),
        ("NYT > Harbour Club", "https://nytimes.example/", "NYT"),
        ("365 | Quay", "https://365.example/", "Quay"),
        ("NY | Quay Post", "https://ny.example/", "NY – Quay Post"),
        ("Top Stories | Quay", "https://a.example/", "Quay"),
        ("x" * 30 + " " + "y" * 30 + " " + "z" * 40, "https://a.example/", "x" * 30 + " " + "y" * 30 + "…"),
        ("https://www.a.example/feed", "https://www.a.example/", "a.example"),
        ("RSS 2 Quay", "https://a.example/", "2 Quay"),
        ("Quay Search Records Found 1000", "https://a.example/", "Quay"),
        ("Studio 54", "https://a.example/", "Studio 54"),
        ("World", "https://feeds.m.a.example/", "a.example"),
        ("World", "https://m.example/", "m.example"),
        ("x" * 80, "https://a.example/", "x" * 80),
        ("x" * 40 + " " + "y" * 40, "https://a.example/", "x" * 40 + "…"),
    ],
)
def test_a_title_gives_the_name_of_a_source(title: str, url: str, name: str) -> None:
    assert name_source(title, url=url) == name


def test_names_and_poor_titles_are_told_apart() -> None:
    assert not is_name("")
    assert not is_name("24")
    assert is_name("The Quay Review")
    assert is_poor_title("World - Latest news")
    assert not is_poor_title("World - The Quay")
    assert host_name("https://xn--80adxhks.example/") == "москва.example"
    assert host_name("no address") == "no address"


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("93.184.216.34", True), ("100.63.255.255", True), ("100.64.0.1", False), ("192.0.0.5", False),
        ("192.88.99.1", False), ("223.255.255.1", True), ("224.0.0.1", False), ("127.0.0.1", False),
        ("2606:2800:220:1::1", True), ("fe80::1%eth0", False), ("64:ff9b::5db8:d822", True),
        ("64:ff9b::a00:1", False), ("::ffff:10.0.0.1", False), ("::ffff:93.184.216.34", True),
        ("2002:5db8:d822::1", True), ("2002:a00:1::1", False), ("2001:0:5db8::1", False), ("4000::1", False),
        ("nonsense", False),
    ],
)  # fmt: skip
def test_only_public_addresses_are_connected_to(address: str, is_public: bool) -> None:
    assert is_public_ip(address) is is_public


def test_hosts_and_domains_of_addresses() -> None:
    assert host_of("https://News.Example.:8443/a") == "news.example"
    assert host_of("http://[x") == ""
    assert registrable_domain("https://feeds.news.example.co.uk/") == "example.co.uk"
    assert registrable_domain("https://192.0.2.1/a") == "192.0.2.1"
    assert registrable_domain("https://co.uk/") == "co.uk"
    assert registrable_domain("nonsense") == ""
    assert public_suffix("192.0.2.1") == ""
    assert public_suffix("www.quay.com.co") == "com.co"
    assert is_public_suffix("co.uk")
    assert not is_public_suffix("quay.co.uk")
    assert not is_public_suffix("192.0.2.1")
