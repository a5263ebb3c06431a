"""How similar reports are: by frequent words and rare ones, and what bridges between languages add."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from digest.articles.pure.report_pairs import Pairs, ReportIndex
from digest.articles.pure.reports import read_report
from tests.articles.test_limits_of_grouping import pairs, report, words


def listed(found: Pairs) -> dict[tuple[int, int], float]:
    columns = (found.first.tolist(), found.second.tolist(), found.similarity.tolist())
    return {(first, second): round(value, 4) for first, second, value in zip(*columns, strict=True)}


def index(*texts: str) -> ReportIndex:
    return ReportIndex.of(
        report(n, title, text) for n, (title, _, text) in enumerate(t.partition("|") for t in texts)
    )


def test_a_bridge_replaces_what_the_words_say_and_adds_what_they_do_not() -> None:
    known = pairs((0, 1, 0.3), (1, 2, 0.4))
    assert listed(known.joined_with([(0, 1), (0, 3)], 0.6)) == {(1, 2): 0.4, (0, 1): 0.6, (0, 3): 0.6}
    assert known.joined_with([], 0.6) is known


def test_what_is_hardly_similar_counts_as_not_similar() -> None:
    scaled = pairs((0, 1, 0.1), (1, 2, 0.1)).scaled(np.array([0.5, 0.49]))
    assert listed(scaled) == {(0, 1): 0.05}


def test_pairs_without_some_groups() -> None:
    known = pairs((0, 1, 0.3), (1, 2, 0.4))
    assert listed(known.without_groups([0, 1, 2], {2})) == {(0, 1): 0.3}
    assert known.without_groups([0, 1, 2], ()) is known


def test_words_beyond_the_most_frequent_are_compared_too() -> None:
    frequent = "|" + " ".join(f"w{n:03}x" for n in range(256))
    rare = "|" + words("r", 6)
    found = listed(index(frequent, frequent, frequent, rare, rare, "|" + words("q", 6)).similar_pairs())
    assert set(found) == {(0, 1), (0, 2), (1, 2), (3, 4)}
    assert listed(index(frequent, frequent, frequent, rare, rare).similar_pairs([4])) == {(3, 4): found[3, 4]}


def test_a_tenth_of_the_likeness_is_that_of_the_headlines_alone() -> None:
    text = words("t", 8)
    others = [f"{words(f'o{n}', 4)}|{words(f'p{n}', 8)}" for n in range(4)]
    same = listed(index(f"|{text}", f"|{text}", *others).similar_pairs())
    assert same == {(0, 1): 0.9}
    titled = listed(index(f"{words('a', 4)}|{text}", f"{words('a', 4)}|{text}", *others).similar_pairs())
    assert titled == {(0, 1): 1.0}
    one_word = listed(index(f"{words('a', 1)}|{text}", f"{words('a', 1)}|{text}", *others).similar_pairs())
    assert one_word == {(0, 1): 1.0}


def test_rare_words_count_more_than_frequent_ones() -> None:
    # Words of one report of five, and of two: each counts by the logarithm of how rare it is, to the power of 1.3.
    both, one, other = words("b", 4), words("c", 4), words("d", 4)
    found = listed(
        index(
            f"|{both} {one}", f"|{both} {other}", *(f"|{words(f'o{n}', 5)}" for n in range(3))
        ).similar_pairs()
    )
    shared, single = (math.log(6 / (count + 0.5)) ** 1.3 for count in (2, 1))
    expected = 0.9 * shared**2 / (shared**2 + single**2)
    assert found == {(0, 1): pytest.approx(expected, abs=0.001)}


def test_a_headlines_words_count_three_times_and_each_by_the_logarithm_of_its_count() -> None:
    found = read_report(1, "Ferry ferry harbour", "Ferry pumps. Pumps")
    weights = dict(zip(found.words.stems, found.words.weights, strict=True))
    assert weights == {
        "ferry": pytest.approx(1 + math.log(7)),
        "harbo": pytest.approx(1 + math.log(3)),
        "pumps": pytest.approx(1 + math.log(2)),
    }
    assert dict(zip(found.title.stems, found.title.weights, strict=True))["ferry"] == pytest.approx(
        1 + math.log(2)
    )


def test_three_thousand_characters_of_a_text_are_compared() -> None:
    assert "pumps" in read_report(1, "", " " * 2995 + "pumps").words.stems
    assert "pumps" not in read_report(1, "", " " * 2996 + "pumps").words.stems


def test_a_time_after_a_report_was_seen_is_not_believed() -> None:
    first, second = datetime(1970, 1, 2, tzinfo=UTC), datetime(1970, 1, 3, tzinfo=UTC)
    assert read_report(1, "", "", published_at=second, seen_at=first).at == 1.0
    assert read_report(1, "", "", published_at=first, seen_at=second).at == 1.0
    assert read_report(1, "", "", seen_at=second).at == 2.0
    assert (read_report(1, "", "").at, read_report(1, "", "").seen) == (0.0, 0.0)
