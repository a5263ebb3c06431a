"""What is kept of a visit, and how well repeated visits are told from new ones."""

import pytest

from digest.opens.pure.visits import FILTER_HASHES, VISITORS_OF_A_NETWORK, Visit, filter_places, hash_visitor

SALT = b"s" * 32


@pytest.mark.parametrize(
    "visit", [Visit(1_790_000_000_123, "0a1b", 7, 0, False, 3), Visit(1_790_000_000_123, "", 7, 12, True)]
)
def test_a_visit_survives_the_broker(visit: Visit) -> None:
    assert Visit.decode(visit.encode()) == visit
    assert visit.day == "2026-09-21"


def test_a_visitor_is_the_same_all_day_and_another_one_with_the_next_days_salt() -> None:
    known = hash_visitor(SALT, "192.0.2.7/32", "Firefox")
    assert hash_visitor(SALT, "192.0.2.7/32", "Firefox") == known
    assert hash_visitor(b"t" * 32, "192.0.2.7/32", "Firefox") != known
    assert hash_visitor(SALT, "192.0.2.8/32", "Firefox") != known


def test_one_network_is_only_so_many_visitors_however_many_programs_it_claims_to_use() -> None:
    claimed = {hash_visitor(SALT, "192.0.2.7/32", f"Browser {n}") for n in range(2000)}
    assert len(claimed) == VISITORS_OF_A_NETWORK


def wrong_share(pairs: int, bits: int) -> float:
    """Which share of new pairs a filter of so many bits takes for known ones, when it has so many."""
    seen = bytearray(bits)
    for n in range(pairs):
        for place in filter_places("a", n, bits):
            seen[place] = 1
    tried = 4000
    return sum(all(seen[place] for place in filter_places("b", n, bits)) for n in range(tried)) / tried


@pytest.mark.parametrize(("pairs", "expected"), [(1_000, 0.0), (5_000, 0.041), (10_000, 0.294)])
def test_the_filter_errs_as_often_as_its_size_says(pairs: int, expected: float) -> None:
    """A thousandth of the real one, with a thousandth of the pairs: 1, 5 and 10 million."""
    bits = 2**15
    computed = (1 - (1 - 1 / bits) ** (FILTER_HASHES * pairs)) ** FILTER_HASHES
    assert computed == pytest.approx(expected, abs=0.01)
    assert wrong_share(pairs, bits) == pytest.approx(computed, abs=0.02)
