"""What a place costs that is like those above, and how far diversity looks."""

import pytest

from digest.articles.pure.headline_words import headline_words
from digest.editions.pure.diversity import (
    AFFAIR_PENALTY,
    COUNTRY_PENALTY,
    DIVERSIFIED_STORIES,
    IGNORED_LIKENESS,
    LIKENESS_PENALTY,
    RUN_LENGTH,
    SOURCE_PENALTY,
    DiverseStory,
    diversify,
)

A_LITTLE = 1e-6


def order(*stories: DiverseStory) -> list[int]:
    return list(diversify(sorted(stories, key=lambda story: -story.points)))


def goes_below(penalty: float, first: DiverseStory, alike: DiverseStory) -> bool:
    """Whether a story that is like the first costs just this: less than it lets it stay, more puts it below."""
    near = DiverseStory(8, alike.points - penalty - A_LITTLE)
    nearer = DiverseStory(9, alike.points - penalty + A_LITTLE)
    return order(first, alike, near) == [first.id, alike.id, 8] and order(first, alike, nearer) == [
        first.id,
        9,
        alike.id,
    ]


def test_each_likeness_costs_what_its_constant_says() -> None:
    for penalty, field in (
        (AFFAIR_PENALTY, "affair"),
        (COUNTRY_PENALTY, "country"),
        (SOURCE_PENALTY, "source"),
    ):
        first, alike = (DiverseStory(number, 9.0 - number, **{field: "a"}) for number in (0, 1))  # type: ignore[arg-type]
        assert goes_below(penalty, first, alike), field


def test_half_of_the_words_in_common_costs_what_is_beyond_chance() -> None:
    first = DiverseStory(0, 9.0, words=headline_words("floods close railway coast"))
    alike = DiverseStory(1, 8.0, words=headline_words("floods close schools hospital today"))
    share = (2 / 4 - IGNORED_LIKENESS) / (1 - IGNORED_LIKENESS)
    assert goes_below(LIKENESS_PENALTY * share, first, alike)
    wordless = DiverseStory(1, 8.0)
    assert order(first, wordless, DiverseStory(2, 7.9)) == [0, 1, 2]


def test_an_affair_that_nobody_named_is_none() -> None:
    assert order(*(DiverseStory(number, 9.0 - number / 1000) for number in range(5))) == [0, 1, 2, 3, 4]


def test_only_the_last_places_count_for_countries() -> None:
    first = DiverseStory(0, 9.0, country="KZ")
    between = [
        DiverseStory(number, 8.9 - number / 100, country=f"c{number}") for number in range(1, RUN_LENGTH + 1)
    ]
    again = DiverseStory(50, 8.0, country="KZ")
    assert order(first, *between, again, DiverseStory(60, 8.0 - COUNTRY_PENALTY / 2))[-2:] == [50, 60]
    assert order(first, *between[1:], again, DiverseStory(60, 8.0 - COUNTRY_PENALTY / 2))[-2:] == [60, 50]


def test_after_the_diversified_places_stories_keep_their_order() -> None:
    stories = [
        DiverseStory(number, 99.0 - number / 1000, source="a", country="KZ")
        for number in range(DIVERSIFIED_STORIES)
    ]
    rest = [DiverseStory(100, 1.0, country="KZ"), DiverseStory(101, 0.99)]
    assert order(*stories, *rest)[-2:] == [100, 101]


def test_a_word_of_a_headline_has_four_letters() -> None:
    assert headline_words("The Bank of KZ, floods") == {"bank", "floods"}


def rivals(points: float, **fields: str) -> list[int]:
    """The order of two stories that are alike in these fields, and of one that has so many points less."""
    alike = [DiverseStory(number, 9.0, **fields) for number in (0, 1)]  # type: ignore[arg-type]
    return order(*alike, DiverseStory(2, 9.0 - points, source="other", country="XX"))


@pytest.mark.parametrize(("field", "points"), [("affair", 0.25), ("country", 0.06), ("source", 0.03)])
def test_a_second_story_alike_gives_way_to_one_that_is_nearly_as_good(field: str, points: float) -> None:
    assert rivals(points - 0.001, **{field: "a"}) == [0, 2, 1]
    assert rivals(points + 0.001, **{field: "a"}) == [0, 1, 2]


def test_stories_of_one_affair_give_way_the_more_the_more_of_them_stand_above() -> None:
    affair = [DiverseStory(number, 9.0, affair="talks") for number in range(4)]
    others = [DiverseStory(10 + number, 9.0 - 0.25 * number - 0.1) for number in range(3)]
    assert order(*affair, *others) == [0, 10, 1, 11, 2, 12, 3]


def test_the_same_headline_again_costs_two_points() -> None:
    same = [DiverseStory(number, 9.0, words=headline_words("floods close the railway")) for number in (0, 1)]
    assert order(*same, DiverseStory(2, 7.001)) == [0, 2, 1]
    assert order(*same, DiverseStory(2, 6.999)) == [0, 1, 2]


def test_a_fifth_of_the_words_in_common_costs_nothing() -> None:
    first = DiverseStory(0, 9.0, words=headline_words("floods close railway near coast"))
    other = DiverseStory(1, 8.0, words=headline_words("floods follow storm along river"))
    assert order(first, other, DiverseStory(2, 7.999)) == [0, 1, 2]


def test_a_country_is_no_longer_repeated_after_three_others() -> None:
    first, again = DiverseStory(0, 9.0, country="KZ"), DiverseStory(9, 8.5, country="KZ")
    others = [DiverseStory(number, 8.9, country=f"c{number}") for number in (1, 2, 3)]
    rival = DiverseStory(10, 8.49)
    assert order(first, *others[:2], again, rival)[-2:] == [10, 9]
    assert order(first, *others, again, rival)[-2:] == [9, 10]


def test_stories_whose_source_is_not_known_are_of_no_common_source() -> None:
    assert order(*(DiverseStory(number, 9.0 - number / 1000) for number in range(3))) == [0, 1, 2]
    of_sources = [DiverseStory(0, 9.0, "a"), DiverseStory(1, 8.999, "b"), DiverseStory(2, 8.998)]
    assert order(*of_sources) == [0, 1, 2]


def test_forty_places_are_filled_one_by_one() -> None:
    def last_two(alike: int) -> list[int]:
        above = [DiverseStory(number, 50.0 - number / 1000, country="KZ") for number in range(alike)]
        return order(*above, DiverseStory(60, 9.0, country="KZ"), DiverseStory(61, 8.99))[-2:]

    assert last_two(39) == [61, 60]
    assert last_two(40) == [60, 61]
