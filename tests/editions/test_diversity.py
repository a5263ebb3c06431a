"""The order that shows more of the day: nothing is lost, and alike stories do not stand together."""

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.articles.pure.headline_words import headline_words
from digest.editions.pure.diversity import DiverseStory, diversify


def story(
    number: int, points: float, *, source: str = "", country: str = "", affair: str = "", title: str = ""
) -> DiverseStory:
    return DiverseStory(number, points, source, country, affair, headline_words(title))


def order(*stories: DiverseStory) -> list[int]:
    return list(diversify(sorted(stories, key=lambda s: -s.points)))


few = st.sampled_from(["", "a", "b"])
titles = st.sampled_from(
    ["", "Bridge opened over river", "River bridge opened today", "Walnut trees planted"]
)
stories_by_points = st.lists(
    st.builds(story, st.just(0), st.floats(0, 9), source=few, country=few, affair=few, title=titles),
    max_size=120,
).map(
    lambda rows: [
        DiverseStory(n, s.points, s.source, s.country, s.affair, s.words)
        for n, s in enumerate(sorted(rows, key=lambda s: -s.points))
    ]
)


@settings(deadline=None, max_examples=60)
@given(stories_by_points)
def test_each_story_is_there_once_and_the_places_keep_their_points(stories: list[DiverseStory]) -> None:
    arranged = diversify(stories)
    assert sorted(arranged) == [s.id for s in stories]
    assert list(arranged.values()) == [s.points for s in stories]


def test_stories_that_have_nothing_in_common_keep_their_order_and_points() -> None:
    stories = [story(n, 9.0 - n, source=f"s{n}", country=f"c{n}") for n in range(60)]
    assert diversify(stories) == {s.id: s.points for s in stories}


def test_the_same_event_in_other_words_goes_below_another_event() -> None:
    first = story(1, 3.0, title="Ministers sign border treaty in Bishkek")
    again = story(2, 2.9, title="Border treaty: ministers in Bishkek sign")
    other = story(3, 2.5, title="Floods close the railway to the coast")
    assert order(first, again, other) == [1, 3, 2]


def test_a_fifth_story_of_one_affair_makes_room_for_another() -> None:
    affair = [story(n, 3.0 - n / 100, affair="talks") for n in range(5)]
    assert order(*affair, story(9, 2.8))[4] != 4


def test_one_country_and_one_source_do_not_fill_the_page() -> None:
    alike = [story(n, 3.0 - n / 100, country="KZ", source="a") for n in range(4)]
    others = [story(10 + n, 2.9 - n / 100, country="GE", source="b") for n in range(4)]
    arranged = order(*alike, *others)
    assert arranged[0] == 0
    assert {number >= 10 for number in arranged[1:4]} == {True, False}


def test_a_far_better_story_stays_above_whatever_it_is_about() -> None:
    alike = [story(n, 9.0 - n, country="KZ", source="a", affair="talks") for n in range(3)]
    assert order(*alike, story(9, 1.0)) == [0, 1, 2, 9]
