"""Which stories a digest holds: each once, where it matters most, none missed, none of elsewhere."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.editions.selection import LONGEST, Candidate, Newsstand, Section, select

START = datetime(2026, 3, 10, tzinfo=UTC)
WORLD = {
    "asia": frozenset({"KZ", "KG", "UZ", "IR"}),
    "central-asia": frozenset({"KZ", "KG", "UZ"}),
    "kz": frozenset({"KZ"}),
    "caucasus": frozenset({"GE", "AM"}),
    "ge": frozenset({"GE"}),
    "eu": frozenset({"FR", "EE"}),
}


def story(number: int, *countries: tuple[str, float], hours: float = 1, sources: int = 1) -> Candidate:
    return Candidate(number, 1, START + timedelta(hours=hours), countries, sources)


def chosen(
    stories: Sequence[Candidate], regions: Sequence[str], start: datetime = START
) -> tuple[Section, ...]:
    return select(Newsstand(stories), regions, WORLD.__getitem__, start=start)


def ids(sections: Sequence[Section]) -> dict[str, list[int]]:
    return {section.region: [s.id for s in section.stories] for section in sections}


countries = st.dictionaries(
    st.sampled_from(sorted(set().union(*WORLD.values()))), st.floats(0.1, 1), min_size=1
)
candidates = st.lists(
    st.builds(
        lambda tags, hours, sources: (tuple(tags.items()), hours, sources),
        countries,
        st.floats(-30, 30),
        st.integers(1, 9),
    ),
    max_size=25,
).map(lambda rows: [story(n, *tags, hours=h, sources=s) for n, (tags, h, s) in enumerate(rows)])
wanted = st.lists(st.sampled_from(sorted(WORLD)), unique=True, min_size=1)


@given(candidates, wanted)
@settings(max_examples=40)
def test_every_new_story_of_the_regions_is_there_once_and_no_other(
    stories: list[Candidate], regions: list[str]
) -> None:
    mine = frozenset().union(*(WORLD[region] for region in regions))
    new = {s.id for s in stories if s.first_seen_at >= START and mine & {code for code, _ in s.countries}}
    told = [s.id for section in chosen(stories, regions) for s in section.stories]
    assert sorted(told) == sorted(new)


@given(candidates, wanted)
@settings(max_examples=40)
def test_a_story_stands_under_the_region_where_it_matters_most(
    stories: list[Candidate], regions: list[str]
) -> None:
    def weight(told: Candidate, region: str) -> float:
        return max((w for code, w in told.countries if code in WORLD[region]), default=0)

    for section in chosen(stories, regions):
        for told in section.stories:
            assert weight(told, section.region) == max(weight(told, region) for region in regions)


@given(candidates, wanted)
@settings(max_examples=50)
def test_the_order_in_which_stories_come_in_changes_nothing(
    stories: list[Candidate], regions: list[str]
) -> None:
    assert chosen(stories, regions) == chosen(stories[::-1], regions)


def test_of_regions_that_fit_alike_the_narrower_has_the_story() -> None:
    assert ids(chosen([story(1, ("KZ", 1.0))], ["asia", "central-asia", "kz"])) == {"kz": [1]}


def test_a_story_in_passing_about_one_region_stands_under_the_other() -> None:
    assert ids(chosen([story(1, ("KZ", 0.4), ("GE", 1.0))], ["kz", "caucasus"])) == {"caucasus": [1]}


def test_sections_come_in_the_readers_order_and_empty_ones_are_left_out() -> None:
    told = chosen([story(1, ("GE", 1.0)), story(2, ("KZ", 1.0))], ["eu", "kz", "caucasus"])
    assert [section.region for section in told] == ["kz", "caucasus"]


def test_more_sources_and_later_news_come_first() -> None:
    many = story(1, ("KZ", 1.0), sources=5)
    late = story(2, ("KZ", 1.0), hours=20)
    early = story(3, ("KZ", 1.0), hours=1)
    assert ids(chosen([early, late, many], ["kz"])) == {"kz": [1, 2, 3]}


def test_the_window_holds_its_first_moment() -> None:
    assert ids(chosen([story(1, ("KZ", 1.0), hours=0), story(2, ("KZ", 1.0), hours=-0.01)], ["kz"])) == {
        "kz": [1]
    }


def test_a_digest_has_an_end() -> None:
    told = chosen([story(n, ("KZ", 1.0)) for n in range(LONGEST + 50)], ["kz"])
    assert sum(len(section.stories) for section in told) == LONGEST


def test_stories_of_other_countries_are_not_even_looked_at() -> None:
    class Watched(Newsstand):
        asked: list[str]

        def since(self, country: str, start: datetime) -> Sequence[Candidate]:
            self.asked.append(country)
            return super().since(country, start)

    stand = Watched([story(n, ("FR", 1.0)) for n in range(1000)] + [story(5000, ("GE", 1.0))])
    stand.asked = []
    told = select(stand, ["caucasus", "ge"], WORLD.__getitem__, start=START)
    assert ids(told) == {"ge": [5000]}
    assert set(stand.asked) == {"GE", "AM"}
