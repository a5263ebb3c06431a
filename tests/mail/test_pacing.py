"""Rates, a server in trouble, a clock that jumps, and when an edition is stopped."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.deliveries.oversight.circuit_breaker import failure_reason
from digest.deliveries.pure.totals import compute_totals, format_totals
from digest.deliveries.states import DeliveryState
from digest.mail.pure.pacing import (
    DEFERRAL_PAUSE,
    DEFERRAL_WINDOW,
    MAX_BROKEN_CONNECTIONS,
    RECOVERY_MESSAGES,
    DomainRates,
    ServerHealth,
    TokenBucket,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LEASE = timedelta(minutes=1)


def test_a_rate_lets_so_many_go_in_each_second() -> None:
    bucket = TokenBucket(10)
    went = sum(bucket.take(1000 + n / 100) for n in range(1000))
    assert 100 <= went <= 111


def test_a_domain_has_its_rate_and_others_have_none() -> None:
    rates = DomainRates({"slow.example": 8})
    assert [rates.take("a@Slow.example", 5.0) for _ in range(4)] == [True, False, False, False]
    assert all(rates.take("a@other.example", 5.0) for _ in range(100))
    assert [rates.take("a@slow.example", 6.0) for _ in range(4)] == [True, True, True, False]


def test_a_sender_has_its_share_of_a_domains_rate() -> None:
    rates = DomainRates({"slow.example": 8}, share=0.25)
    assert [rates.take("a@slow.example", 5.0 + n / 8) for n in range(9)] == [True, *[False] * 3] * 2 + [True]


def test_a_server_that_fails_is_left_alone_for_longer_and_longer() -> None:
    health, waits = ServerHealth(10, 100), []
    for _ in range(12):
        health.record_failure("refused", 0.0)
        waits.append(health.not_before)
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == 300
    assert health.last_error == "refused"


def test_one_broken_connection_is_no_failure_and_several_in_a_row_are() -> None:
    health = ServerHealth(10, 100)
    for _ in range(MAX_BROKEN_CONNECTIONS - 1):
        health.record_broken_connection("reset", 0.0)
    assert health.is_usable(0.0)
    health.record_broken_connection("reset", 0.0)
    assert not health.is_usable(0.0)


def test_a_server_that_defers_everything_is_asked_for_nothing_for_a_while() -> None:
    health = ServerHealth(10, 100)
    for _ in range(DEFERRAL_WINDOW):
        health.record_answer(accepted=False, deferred=True, now=0.0)
    assert not health.is_usable(DEFERRAL_PAUSE - 1)
    assert health.is_usable(DEFERRAL_PAUSE)


def test_a_server_that_defers_one_in_five_is_not() -> None:
    health = ServerHealth(10, 100)
    for n in range(DEFERRAL_WINDOW * 3):
        health.record_answer(accepted=n % 5 > 0, deferred=n % 5 == 0, now=0.0)
    assert health.is_usable(0.0)


def test_421_on_a_fresh_connection_means_fewer_and_on_a_used_one_shorter() -> None:
    health = ServerHealth(10, 1000)
    health.reduce_limits(100, 10)
    assert (health.max_connections, health.max_messages) == (10, 100)
    health.reduce_limits(0, 8)
    assert health.max_connections == 4


@pytest.mark.parametrize(
    ("counts", "complaints", "stops"),
    [
        ({"accepted": 940, "refused": 60}, 0, True),
        ({"accepted": 950, "refused": 50}, 0, False),  # 5 % may be
        ({"accepted": 1, "refused": 50}, 0, False),  # too few to tell
        ({"accepted": 10_000}, 31, True),
        ({"accepted": 10_000}, 30, False),
        ({"accepted": 300}, 2, False),
        ({"accepted": 10}, 3, True),
        ({"accepted": 1_000}, 3, False),
    ],
)
def test_an_edition_is_stopped_for_refusals_and_complaints(
    counts: dict[DeliveryState, int], complaints: int, stops: bool
) -> None:
    assert bool(failure_reason(counts, complaints)) is stops


def test_a_reckoning_accounts_for_everybody() -> None:
    counts = {"accepted": 19_400, "refused": 500, "in_doubt": 7, "planned": 93}
    told = compute_totals({DeliveryState(state): count for state, count in counts.items()})
    assert format_totals(told) == "20,000 due = 19,400 accepted + 500 refused + 7 in doubt + 93 open"


def test_each_200_accepted_mails_raise_reduced_limits_by_a_step_up_to_the_first_ones() -> None:
    health, limits = ServerHealth(10, 1000), []
    health.reduce_limits(8, 10)
    health.reduce_limits(0, 10)
    assert (health.max_connections, health.max_messages) == (5, 8)
    for n in range(1, 30 * RECOVERY_MESSAGES + 1):
        health.record_answer(accepted=True, deferred=False, now=0.0)
        if n in (RECOVERY_MESSAGES - 1, RECOVERY_MESSAGES, 2 * RECOVERY_MESSAGES):
            limits.append((health.max_connections, health.max_messages))
    assert limits == [(5, 8), (6, 11), (7, 14)]
    assert (health.max_connections, health.max_messages) == (10, 1000)


def test_refused_and_deferred_mails_raise_no_limits() -> None:
    health = ServerHealth(10, 1000)
    health.reduce_limits(8, 10)
    for n in range(3 * RECOVERY_MESSAGES):
        health.record_answer(accepted=False, deferred=n % 2 == 0, now=0.0)
    assert health.max_messages == 8


def test_a_server_that_goes_on_deferring_waits_longer_until_it_accepts_one() -> None:
    health, pauses = ServerHealth(10, 100), []

    def defer_all() -> float:
        for _ in range(DEFERRAL_WINDOW):
            health.record_answer(accepted=False, deferred=True, now=0.0)
        return health.not_before

    pauses = [defer_all() for _ in range(6)]
    assert pauses == [30, 60, 120, 240, 300, 300]
    health.record_answer(accepted=True, deferred=False, now=0.0)
    assert defer_all() == 30


def test_a_connection_ends_the_waits_of_a_server_that_failed() -> None:
    health = ServerHealth(10, 100)
    for _ in range(5):
        health.record_failure("refused", 0.0)
    health.record_connected()
    health.record_failure("refused", 100.0)
    assert health.not_before == 101


def test_an_answer_ends_a_row_of_broken_connections() -> None:
    health = ServerHealth(10, 100)
    for _ in range(3):
        for _ in range(MAX_BROKEN_CONNECTIONS - 1):
            health.record_broken_connection("reset", 0.0)
        health.record_answer(accepted=False, deferred=False, now=0.0)
    assert health.is_usable(0.0)


def test_one_connection_is_always_left() -> None:
    health = ServerHealth(10, 100)
    for _ in range(9):
        health.reduce_limits(1, 10)
    assert (health.max_connections, health.max_messages) == (1, 100)
