"""What a place costs that is like those above, and how far diversity looks."""

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
