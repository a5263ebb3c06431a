"""What decides under which region a story stands and how high there, beside how many report it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from digest.editions.pure.ranking import Reason, StoryScore
from digest.editions.pure.selection import CENTRALITY_POINTS, Candidate, StoryIndex, select_stories
from tests.editions.test_selection import START, WORLD, chosen, ids, story


def centrality(*countries: tuple[str, float], region: str = "kz") -> float:
    (placed,) = StoryIndex([story(1, *countries)], WORLD.__getitem__).stories_for(region, START).new.values()
    points = {part.reason: part.points for part in placed.why()}
    return points[Reason.CENTRALITY]


def with_points(number: int, points: float, *countries: tuple[str, float]) -> Candidate:
    return replace(story(number, *countries, source=number), score=StoryScore(points))


def test_a_story_gains_half_a_point_by_the_share_of_it_that_is_about_the_region() -> None:
    assert centrality(("KZ", 1.0)) == pytest.approx(0.5)
    assert centrality(("KZ", 1.0), ("FR", 1.0)) == pytest.approx(0.25)
    assert centrality(("KZ", 0.5), ("FR", 1.0), ("GE", 0.5)) == pytest.approx(0.125)
    assert centrality(("KZ", 1.0), ("KG", 1.0), region="asia") == pytest.approx(0.5)


def test_a_story_that_matters_nowhere_gains_nothing() -> None:
    assert ids(chosen([story(1, ("KZ", 0.0))], ["kz"]).mail) == {"kz": [1]}


def test_half_a_point_decides_between_stories_but_not_a_whole_one() -> None:
    central, passing = with_points(1, 2.0, ("KZ", 1.0)), (("KZ", 0.001), ("FR", 1.0))
    assert ids(chosen([central, with_points(2, 2.4, *passing)], ["kz"]).mail)["kz"] == [1, 2]
    assert ids(chosen([central, with_points(2, 2.6, *passing)], ["kz"]).mail)["kz"] == [2, 1]


def test_a_publishers_own_order_knows_no_centrality() -> None:
    stories = [with_points(1, 2.0, ("KZ", 1.0)), with_points(2, 2.1, ("KZ", 0.1), ("FR", 1.0))]
    index = StoryIndex(stories, WORLD.__getitem__, publishers_order=True)
    assert ids(select_stories(index, ["kz"], start=START, max_in_mail=5).mail) == {"kz": [2, 1]}
    assert CENTRALITY_POINTS > 0.1  # it would have turned them round


def test_a_story_stands_where_its_main_country_is_though_another_region_has_more_of_its_countries() -> None:
    about = story(1, ("KZ", 0.7), ("KG", 0.1), ("GE", 0.6), ("AM", 0.6))
    assert ids(chosen([about], ["caucasus", "central-asia"]).mail) == {"central-asia": [1]}


def test_of_two_regions_alike_and_alike_narrow_the_first_of_the_reader_has_the_story() -> None:
    about = story(1, ("KZ", 1.0), ("GE", 1.0))
    assert ids(chosen([about], ["kz", "ge"]).mail) == {"kz": [1]}
    assert ids(chosen([about], ["ge", "kz"]).mail) == {"ge": [1]}


def test_what_was_first_seen_at_the_windows_first_moment_arrives_in_time() -> None:
    selection = chosen([story(1, ("KZ", 1.0), hours=0)], ["kz"])
    assert ids(selection.mail) == {"kz": [1]}
    assert selection.late_arrivals == frozenset()


def test_what_another_region_knows_from_the_first_moment_of_the_window_is_new_to_both() -> None:
    late = story(1, ("FR", 1.0), hours=-1, later={"KZ": 1, "GE": 1})
    selection = chosen([late], ["kz", "ge"])
    assert ids(selection.mail) == {"kz": [1]}
    assert selection.late_arrivals == {1}
    known = story(2, ("FR", 1.0), hours=-2, later={"KZ": 2.5, "GE": 1.999})
    assert ids(chosen([known], ["kz", "ge"], START).mail) == {}


def test_the_best_story_of_each_region_is_in_a_short_mail() -> None:
    stories = [with_points(n, 9 - n / 10, ("KZ", 1.0)) for n in range(6)]
    others = [
        with_points(10, 1.2, ("GE", 1.0)),
        with_points(11, 1.1, ("GE", 1.0)),
        with_points(12, 1, ("GE", 1.0)),
    ]
    assert ids(chosen([*stories, *others], ["kz", "ge"], most=3).mail) == {"kz": [0, 1], "ge": [10]}


def test_the_share_of_a_source_is_rounded_up() -> None:
    mine = [replace(story(n, ("KZ", 1.0), source=1), score=StoryScore(9 - n)) for n in range(3)]
    others = [with_points(n, 1 / n, ("KZ", 1.0)) for n in (11, 12, 13)]
    assert ids(chosen([*mine, *others], ["kz"], most=3).mail) == {"kz": [0, 1, 11]}


def test_a_window_of_other_hours_is_not_mixed_up_with_one_that_is_remembered() -> None:
    index = StoryIndex([story(1, ("KZ", 1.0), hours=1)], WORLD.__getitem__)
    assert list(index.stories_for("kz", START).new) == [1]
    assert list(index.stories_for("kz", START + timedelta(hours=2)).new) == []
    assert index.stories_for("kz", START + timedelta(hours=2)).old == {1}


@pytest.mark.parametrize(("alike", "place"), [(79, 1), (80, 80)])
def test_only_the_eighty_best_stories_are_compared_with_each_other(alike: int, place: int) -> None:
    same = frozenset({"floods", "close", "railway"})
    stories = [replace(with_points(n, 9.0, ("KZ", 1.0)), words=same) for n in range(alike)]
    other = with_points(99, 8.9, ("KZ", 1.0))
    placed = StoryIndex([*stories, other], WORLD.__getitem__).stories_for("kz", START).new
    assert list(placed).index(99) == place
