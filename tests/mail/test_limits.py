"""Limits are for all senders together: whatever the shares and the times, nobody exceeds them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.deliveries.sending.paced_queue import PacedQueue
from digest.deliveries.store.claims import ClaimedDelivery
from digest.mail.pure.pacing import DomainRates, TokenBucket
from digest.mail.pure.servers import LETTER_RATE_SHARE, Server, TlsMode, max_senders

WINDOW = 10.0  # seconds
TOLERANCE = 1.05
ROUNDING = 1e-6

SERVERS = st.lists(
    st.builds(
        Server,
        st.just("mail.example"), st.just(25), st.just(TlsMode.NONE), st.just(""), st.just(""),
        max_connections=st.integers(1, 200),
        rate=st.one_of(st.just(0), st.integers(1, 100_000)),
        weight=st.integers(0, 5),
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip
RATES = st.one_of(st.integers(1, 5000).map(float), st.floats(0.02, 50))
# Seconds between calls, and how many calls come then.
CALLS = st.lists(
    st.tuples(
        st.one_of(st.sampled_from((0.0, 0.001, 0.25, 1.0, 10.0)), st.floats(0, 30)), st.integers(1, 400)
    ),
    max_size=40,
)


def make_delivery(number: int) -> ClaimedDelivery:
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    return ClaimedDelivery(
        number, 1, 1, 1, False, now, "", "a@example.com", "p", None, None, None, None, None
    )


def max_in_window(times: Sequence[float]) -> int:
    """How many events there are in the fullest window."""
    return max((sum(start <= at < start + WINDOW for at in times) for start in times), default=0)


@given(SERVERS, st.integers(1, 64))
@settings(deadline=None)
def test_the_shares_of_all_senders_are_no_more_than_a_server_allows(
    servers: list[Server], wanted: int
) -> None:
    senders = max_senders(servers, wanted)
    assert 1 <= senders <= wanted
    for server in servers:
        shares = [*[server.share_of_sender(senders)] * senders, server.share_of_letters()]
        assert all(share.max_connections >= 1 for share in shares)
        # The letters' connection is one more where a server allows only one.
        assert sum(share.max_connections for share in shares) <= max(server.max_connections, 2)
        assert sum(share.rate for share in shares) <= server.rate + ROUNDING
        assert {bool(share.rate) for share in shares} == {bool(server.rate)}
        assert {share.weight for share in shares} == {server.weight}


@given(SERVERS)
@settings(deadline=None)
def test_as_many_senders_run_as_are_wanted_when_each_server_has_a_connection_for_each(
    servers: list[Server],
) -> None:
    fewest = min(server.max_connections for server in servers)
    assert max_senders(servers, max(fewest - 1, 1)) == max(fewest - 1, 1)
    assert max_senders(servers, fewest + 5) == max(fewest - 1, 1)
    assert max_senders([], 5) == 5


@given(RATES, st.floats(0, 1e9), CALLS)
@settings(deadline=None)
def test_a_bucket_keeps_its_rate_whenever_it_is_made_and_asked(
    rate: float, made_at: float, calls: list[tuple[float, int]]
) -> None:
    bucket, now, went = TokenBucket(rate), made_at, []
    for gap, count in calls:
        now += gap
        went += [now for _ in range(count) if bucket.take(now)]
    assert max_in_window(went) <= rate * WINDOW * TOLERANCE + 1 + ROUNDING


@given(RATES, CALLS, st.sets(st.integers(0, 39), max_size=10))
@settings(deadline=None)
def test_each_new_bucket_of_a_sender_that_starts_again_gains_it_one_event_at_most(
    rate: float, calls: list[tuple[float, int]], restarts: set[int]
) -> None:
    bucket, now, went = TokenBucket(rate), 1000.0, []
    for number, (gap, count) in enumerate(calls):
        now += gap
        if number in restarts:
            bucket = TokenBucket(rate)
        went += [now for _ in range(count) if bucket.take(now)]
    assert max_in_window(went) <= rate * WINDOW * TOLERANCE + 1 + len(restarts) + ROUNDING


@given(RATES, st.integers(4, 200))
@settings(deadline=None)
def test_a_bucket_that_is_asked_four_times_a_second_or_more_gives_all_of_its_rate(
    rate: float, per_second: int
) -> None:
    bucket, seconds = TokenBucket(rate), 100
    went = sum(bucket.take(50 + n / per_second) for n in range(seconds * per_second + 1))
    assert went >= min(rate, per_second) * seconds - 1


@given(st.integers(1, 500), st.integers(1, 20), CALLS)
@settings(deadline=None)
def test_the_shares_of_a_domains_rate_keep_it_together(
    rate: int, senders: int, calls: list[tuple[float, int]]
) -> None:
    shares = [*[(1 - LETTER_RATE_SHARE) / senders] * senders, LETTER_RATE_SHARE]
    all_rates, now, went = [DomainRates({"a.example": rate}, share) for share in shares], 0.0, []
    for gap, count in calls:
        now += gap
        went += [now for rates in all_rates for _ in range(count) if rates.take("x@a.example", now)]
    assert max_in_window(went) <= rate * WINDOW * TOLERANCE + len(shares) + ROUNDING


def test_the_senders_of_an_edition_keep_its_rate_together() -> None:
    senders, rate, went = 4, 40, []
    queues = [PacedQueue(senders) for _ in range(senders)]
    for queue in queues:
        queue.set_rates({1: rate})
        queue.add([make_delivery(n) for n in range(400)])
    for n in range(6000):
        went += [n / 200 for queue in queues if queue.take_next(n / 200) is not None]
    assert rate * WINDOW <= max_in_window(went) <= rate * WINDOW * TOLERANCE + senders
