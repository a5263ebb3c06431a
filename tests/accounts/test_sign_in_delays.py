"""How long one waits after failed attempts: pure rules."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.accounts.pure import sign_in_delays
from digest.accounts.pure.sign_in_delays import ANYWHERE, LONGEST_DELAY, FailureCount
from tests.conftest import NOON

NARROW, WIDE = "192.0.2.7/32", "192.0.2.0/24"


def test_the_first_failures_are_free_and_then_each_doubles_the_delay() -> None:
    delays = [sign_in_delays.delay_after(failures, 5).total_seconds() for failures in range(1, 12)]
    assert delays == [0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320]


@given(st.integers(0, 10_000), st.integers(0, 200))
def test_a_delay_never_shrinks_and_has_an_end(failures: int, free: int) -> None:
    now, later = (sign_in_delays.delay_after(count, free) for count in (failures, failures + 1))
    assert timedelta(0) <= now <= later <= LONGEST_DELAY


def test_a_known_device_counts_for_itself_only() -> None:
    assert sign_in_delays.origins_of_attempt(NARROW, WIDE, "abc") == ("device:abc",)
    assert sign_in_delays.origins_of_attempt(NARROW, WIDE) == (NARROW, WIDE, ANYWHERE)


def test_wider_origins_have_more_free_failures() -> None:
    free = [sign_in_delays.free_failures(origin, NARROW) for origin in (NARROW, WIDE, ANYWHERE)]
    assert free == sorted(free)
    assert len(set(free)) == 3
    assert sign_in_delays.free_failures("device:abc", NARROW) == free[0]


def test_the_longest_wait_of_all_origins_counts() -> None:
    counts = {
        NARROW: FailureCount(6, NOON + timedelta(seconds=10)),
        WIDE: FailureCount(30, NOON + timedelta(minutes=2)),
        ANYWHERE: FailureCount(3, NOON),
    }
    assert sign_in_delays.waiting_time(counts, counts, NOON) == (WIDE, timedelta(minutes=2))
    assert sign_in_delays.waiting_time(counts, counts, NOON + timedelta(minutes=3)) == ("", timedelta(0))
