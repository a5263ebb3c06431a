"""Which stories a digest holds: each once, where it matters most, none missed, none of elsewhere."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.articles.states import HARD_NEWS, Kinds
from digest.editions.pure.ranking import (
    RankedReport,
    RankingMoment,
    StoryFacts,
    StoryScore,
    score_story,
)
from digest.editions.pure.selection import (
    MAX_DIGEST_STORIES,
    MAX_SOURCE_SHARE,
    MAX_STORIES_BY_SIZE,
    Candidate,
    CountryRelevance,
    RegionStories,
    SelectedSection,
    Selection,
    StoryIndex,
    select_stories,
)

START = datetime(2026, 3, 10, tzinfo=UTC)
WORLD = {
    "asia": frozenset({"KZ", "KG", "UZ", "IR"}),
    "central-asia": frozenset({"KZ", "KG", "UZ"}),
    "kz": frozenset({"KZ"}),
    "caucasus": frozenset({"GE", "AM"}),
    "ge": frozenset({"GE"}),
    "eu": frozenset({"FR", "EE"}),
}


def story(
    number: int,
    *countries: tuple[str, float],
    hours: float = 1,
    sources: int = 1,
    source: int = 0,
    trust: float = 1.0,
    pinned: int = 0,
    later: dict[str, float] | None = None,
) -> Candidate:
    """A story seen so many hours after the window's start; `later` are countries found so many hours after that."""
    seen = START + timedelta(hours=hours)
    about = [CountryRelevance(code, weight, seen) for code, weight in countries]
    about += [
        CountryRelevance(code, 1.0, seen + timedelta(hours=after)) for code, after in (later or {}).items()
    ]
    return Candidate(number, 1, seen, tuple(about), source, sources, score(seen, sources, trust), pinned)


def score(seen: datetime, sources: int, trust: float) -> StoryScore:
    """The points of a story that so many sources reported at one moment, at noon of the day after the start."""
    reports = [RankedReport(f"voice {n}", seen, seen, weight=trust) for n in range(sources)]
    return score_story(StoryFacts(reports), RankingMoment(START + timedelta(hours=36), timedelta(days=2)))


def chosen(
    stories: Sequence[Candidate],
    regions: Sequence[str],
    start: datetime = START,
    *,
    most: int = MAX_DIGEST_STORIES,
    without: frozenset[int] = frozenset(),
) -> Selection:
    return select_stories(
        StoryIndex(stories, WORLD.__getitem__), regions, start=start, max_in_mail=most, without=without
    )


def ids(sections: Sequence[SelectedSection]) -> dict[str, list[int]]:
    return {section.region: [s.id for s in section.stories] for section in sections}


def told(selection: Selection) -> list[int]:
    return [s.id for section in (*selection.mail, *selection.web_only) for s in section.stories]


countries = st.dictionaries(
    st.sampled_from(sorted(set().union(*WORLD.values()))), st.floats(0.1, 1), min_size=1
)
candidates = st.lists(
    st.builds(
        lambda tags, hours, sources, source, pinned: (tuple(tags.items()), hours, sources, source, pinned),
        countries,
        st.floats(-30, 30),
        st.integers(1, 9),
        st.integers(1, 3),
        st.sampled_from([0, 0, 0, 0, 1, 2]),
    ),
    max_size=25,
).map(
    lambda rows: [
        story(n, *tags, hours=h, sources=s, source=o, pinned=p) for n, (tags, h, s, o, p) in enumerate(rows)
    ]
)
wanted = st.lists(st.sampled_from(sorted(WORLD)), unique=True, min_size=1)
mosts = st.sampled_from([1, 3, *MAX_STORIES_BY_SIZE.values()])


@given(candidates, wanted, mosts)
@settings(max_examples=60, deadline=None)
def test_every_new_story_of_the_regions_is_there_once_and_no_other(
    stories: list[Candidate], regions: list[str], most: int
) -> None:
    mine = frozenset().union(*(WORLD[region] for region in regions))
    new = {
        s.id for s in stories if s.first_seen_at >= START and mine & {about.country for about in s.countries}
    }
    assert sorted(told(chosen(stories, regions, most=most))) == sorted(new)


@given(candidates, wanted, mosts)
@settings(max_examples=60, deadline=None)
def test_the_mail_has_as_many_as_the_reader_wants_and_the_web_edition_the_rest(
    stories: list[Candidate], regions: list[str], most: int
) -> None:
    found = chosen(stories, regions, most=most)
    in_mail = sum(len(section.stories) for section in found.mail)
    assert in_mail == min(most, len(told(found)))


@given(candidates, wanted)
@settings(max_examples=40, deadline=None)
def test_a_story_stands_under_the_region_where_it_matters_most(
    stories: list[Candidate], regions: list[str]
) -> None:
    def weight(found: Candidate, region: str) -> float:
        return max((about.weight for about in found.countries if about.country in WORLD[region]), default=0)

    for section in chosen(stories, regions).mail:
        for found in section.stories:
            assert weight(found, section.region) == max(weight(found, region) for region in regions)


@given(candidates, wanted, mosts)
@settings(max_examples=50, deadline=None)
def test_the_order_in_which_stories_come_in_changes_nothing(
    stories: list[Candidate], regions: list[str], most: int
) -> None:
    assert chosen(stories, regions, most=most) == chosen(stories[::-1], regions, most=most)


@given(candidates, wanted, mosts)
@settings(max_examples=60, deadline=None)
def test_sections_come_in_the_readers_order(stories: list[Candidate], regions: list[str], most: int) -> None:
    found = chosen(stories, regions, most=most)
    for sections in (found.mail, found.web_only):
        places = [regions.index(section.region) for section in sections]
        assert places == sorted(set(places))
        assert all(section.stories for section in sections)


@given(candidates, wanted, mosts)
@settings(max_examples=60, deadline=None)
def test_pinned_ones_come_first_and_are_in_the_mail(
    stories: list[Candidate], regions: list[str], most: int
) -> None:
    found = chosen(stories, regions, most=most)
    for section in (*found.mail, *found.web_only):
        ranks = [s.pinned for s in section.stories]
        assert ranks == sorted(ranks, reverse=True)
    pinned = sum(s.pinned > 0 for section in (*found.mail, *found.web_only) for s in section.stories)
    assert sum(s.pinned > 0 for section in found.mail for s in section.stories) == min(pinned, most)


@given(candidates, wanted, st.sampled_from([5, 15]))
@settings(max_examples=80, deadline=None)
def test_no_source_leads_more_than_its_share_while_others_have_any(
    stories: list[Candidate], regions: list[str], most: int
) -> None:
    found = chosen([s for s in stories if not s.pinned], regions, most=most)
    led = Counter(s.owner for section in found.mail for s in section.stories)
    waiting = {s.owner for section in found.web_only for s in section.stories}
    share = -(-most * MAX_SOURCE_SHARE // 1)
    if (
        found.web_only and max(led.values()) > share
    ):  # places would have stayed empty: nobody who has more is below it
        assert all(led[source] >= share for source in waiting)


def test_of_regions_that_fit_alike_the_narrower_has_the_story() -> None:
    assert ids(chosen([story(1, ("KZ", 1.0))], ["asia", "central-asia", "kz"]).mail) == {"kz": [1]}


def test_a_story_in_passing_about_one_region_stands_under_the_other() -> None:
    assert ids(chosen([story(1, ("KZ", 0.4), ("GE", 1.0))], ["kz", "caucasus"]).mail) == {"caucasus": [1]}


def test_empty_sections_are_left_out() -> None:
    found = chosen([story(1, ("GE", 1.0)), story(2, ("KZ", 1.0))], ["eu", "kz", "caucasus"])
    assert [section.region for section in found.mail] == ["kz", "caucasus"]


def test_more_sources_and_later_news_and_trusted_sources_come_first() -> None:
    many = story(1, ("KZ", 1.0), sources=5)
    late = story(2, ("KZ", 1.0), hours=20)
    early = story(3, ("KZ", 1.0), hours=1)
    doubted = story(4, ("KZ", 1.0), hours=2, trust=0.2)
    assert ids(chosen([doubted, early, late, many], ["kz"]).mail) == {"kz": [1, 2, 3, 4]}


def test_what_is_mostly_about_elsewhere_comes_after_what_is_about_the_region() -> None:
    passing = story(1, ("KZ", 0.4), ("FR", 1.0))
    central = story(2, ("KZ", 1.0))
    assert ids(chosen([passing, central], ["kz"]).mail) == {"kz": [2, 1]}


def test_each_region_with_news_has_its_best_story_in_a_short_mail() -> None:
    stories = [story(n, ("KZ", 1.0), sources=9) for n in range(10)] + [story(50, ("GE", 1.0))]
    assert ids(chosen(stories, ["kz", "ge"], most=5).mail) == {"kz": [0, 1, 2, 3], "ge": [50]}


def test_the_window_holds_its_first_moment() -> None:
    stories = [story(1, ("KZ", 1.0), hours=0), story(2, ("KZ", 1.0), hours=-0.01)]
    assert told(chosen(stories, ["kz"])) == [1]


def test_a_story_found_to_be_about_another_country_is_news_there_alone() -> None:
    known = story(1, ("KZ", 1.0), hours=-10, later={"GE": 11})
    assert told(chosen([known], ["ge"])) == [1]
    assert chosen([known], ["ge"]).late_arrivals == {1}
    assert told(chosen([known], ["kz", "ge"])) == []
    assert told(chosen([known], ["ge"], START + timedelta(hours=2))) == []


def test_what_a_reader_had_before_is_left_out() -> None:
    stories = [story(1, ("KZ", 1.0)), story(2, ("KZ", 1.0))]
    assert told(chosen(stories, ["kz"], without=frozenset({1}))) == [2]


def test_a_digest_has_an_end() -> None:
    assert (
        len(told(chosen([story(n, ("KZ", 1.0)) for n in range(MAX_DIGEST_STORIES + 50)], ["kz"], most=15)))
        == MAX_DIGEST_STORIES
    )


def test_a_story_of_forty_countries_and_a_reader_of_every_region_are_nothing_special() -> None:
    codes = [f"{a}{b}" for a in "ABCDE" for b in "ABCDEFGH"]
    everywhere = {code.lower(): frozenset({code}) for code in codes} | {"world": frozenset(codes)}
    big = Candidate(1, 1, START, tuple(CountryRelevance(code, 1.0, START) for code in codes))
    found = select_stories(
        StoryIndex([big], everywhere.__getitem__), list(everywhere), start=START, max_in_mail=5
    )
    assert told(found) == [1]


def test_a_reader_of_no_region_gets_nothing() -> None:
    assert told(chosen([story(1, ("KZ", 1.0))], [])) == []


def test_stories_of_other_countries_are_not_even_looked_at() -> None:
    class Watched(StoryIndex):
        asked: list[str]

        def stories_for(self, region: str, start: datetime, kinds: Kinds = HARD_NEWS) -> RegionStories:
            found = super().stories_for(region, start, kinds)
            places = found.new.values()
            self.asked += [about.country for place in places for about in place.candidate.countries]
            return found

    stories = [story(n, ("FR", 1.0)) for n in range(1000)] + [story(5000, ("GE", 1.0))]
    stand = Watched(stories, WORLD.__getitem__)
    stand.asked = []
    found = select_stories(stand, ["caucasus", "ge"], start=START, max_in_mail=15)
    assert ids(found.mail) == {"ge": [5000]}
    assert set(stand.asked) == {"GE"}


def test_a_story_that_a_region_knows_by_one_country_is_not_new_to_it_by_another() -> None:
    old = story(1, ("KZ", 0.5), hours=-3, later={"UZ": 5})
    assert told(chosen([old], ["central-asia"])) == []
    assert told(chosen([old], ["kz"])) == []
    only_later = story(2, ("GE", 0.5), hours=-3, later={"UZ": 5})
    assert told(chosen([only_later], ["central-asia"])) == [2]


def test_pinned_stories_go_into_a_short_mail_before_the_best_of_each_region() -> None:
    pinned = [story(n, ("KZ", 1.0), source=n, pinned=1) for n in (1, 2)]
    best_elsewhere = [story(3, ("GE", 1.0), sources=9, source=3), story(4, ("FR", 1.0), sources=9, source=4)]
    selection = chosen([*best_elsewhere, *pinned], ["ge", "eu", "kz"], most=2)
    assert ids(selection.mail) == {"kz": [1, 2]}
    assert sorted(told(selection)) == [1, 2, 3, 4]


def test_of_a_short_mail_each_region_has_its_best_before_any_has_a_second() -> None:
    strong = [story(n, ("KZ", 1.0), sources=9, source=n) for n in (1, 2, 3)]
    weak = story(4, ("GE", 1.0), source=4)
    selection = chosen([*strong, weak], ["kz", "ge"], most=2)
    assert {region: len(stories) for region, stories in ids(selection.mail).items()} == {"kz": 1, "ge": 1}
