"""Which reports become one story, and which stories one thread, decided by their words and times."""

import itertools
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.articles.pure.grouping import EVENT_BOUND, _event_pairs, event_bound, group_reports
from digest.articles.pure.known_stories import Group, Hold, KnownStory
from digest.articles.pure.report_pairs import Pairs, ReportIndex
from digest.articles.pure.reports import Report, read_report
from digest.articles.recent_reports import RecentReports
from digest.articles.store.open_window import PlacedReport

MORNING = datetime(2026, 3, 2, 6, tzinfo=UTC)
FLOOD = (
    "Floods cut off villages near Osh",
    "Heavy rain made the Ak-Buura river leave its banks on Tuesday and cut off nine villages near Osh. Rescuers took"
    " 140 people to schools in the city, the emergency ministry said. Two bridges at Papan were washed away.",
)
FLOOD_TOO = (
    "Nine villages near Osh cut off as river floods",
    "Rescuers brought 140 people from nine villages to schools in Osh after the Ak-Buura river left its banks. The"
    " emergency ministry said that two bridges at Papan were gone and that more rain was coming on Wednesday.",
)
FLOOD_NEXT_DAY = (
    "Dam at Papan breaks and leaves Osh without power",
    "The Papan dam above Osh broke at dawn after the floods. Engineers shut down the hydroelectric station, and 60,000"
    " households in Osh have no electricity, the emergency ministry said.",
)
OTHER_FLOOD = (
    "Floods close roads in Batumi",
    "Water stood half a metre high in the streets of Batumi on Tuesday after a storm from the Black Sea. The mayor's"
    " office closed the coastal road and asked people to leave their cars at home.",
)
MATCH = (
    "Dinamo wins the derby",
    "Dinamo beat Torpedo 3-1 in Tbilisi with two goals by the young striker Gela Mamardashvili, and leads the league.",
)
FILLER = [
    (
        f"The {a} of {b} in the news",
        f"On {a} the town of {b} heard that the council would meet, the ministry said.",
    )
    for a, b in itertools.product(
        ["Monday", "harvest", "railway", "museum"], ["Gori", "Naryn", "Khorog", "Shusha"]
    )
]


def report(
    key: int, article: tuple[str, str], *, hours: float = 0, source: str = "", language: str = "en"
) -> Report:
    seen_at = MORNING + timedelta(hours=hours)
    return read_report(key, *article, seen_at=seen_at, source=source or f"s{key}", language=language)


def index_of(*reports: Report) -> ReportIndex:
    """The reports among others about something else."""
    return ReportIndex.of([*reports, *(report(1000 + n, filler) for n, filler in enumerate(FILLER))])


def group(*reports: Report, stories: dict[int, KnownStory] | None = None) -> list[Group]:
    return [group for group in group_reports(index_of(*reports), stories) if min(group.keys) < 1000]


def stories_of(*reports: Report) -> list[set[int]]:
    return [set(found.keys) for found in group(*reports)]


def numbered(*articles: tuple[str, str]) -> list[Report]:
    return [report(n, article) for n, article in enumerate(articles)]


def test_two_reports_of_one_flood_are_one_story_and_another_flood_is_not() -> None:
    assert stories_of(*numbered(FLOOD, OTHER_FLOOD, FLOOD_TOO, MATCH)) == [{0, 2}, {1}, {3}]


def test_two_reports_of_one_outlet_may_be_one_story() -> None:
    assert stories_of(report(0, FLOOD, source="a"), report(1, FLOOD_TOO, source="a")) == [{0, 1}]


def test_reports_more_than_three_days_apart_are_two_stories() -> None:
    assert stories_of(report(0, FLOOD), report(1, FLOOD_TOO, hours=73)) == [{0}, {1}]


def test_the_same_words_on_the_next_day_need_to_be_more_similar() -> None:
    assert stories_of(report(0, FLOOD), report(1, OTHER_FLOOD, hours=0)) == [{0}, {1}]
    assert stories_of(report(0, FLOOD), report(1, FLOOD_TOO, hours=11)) == [{0, 1}]
    assert stories_of(report(0, FLOOD), report(1, FLOOD_TOO, hours=60)) == [{0}, {1}]


def test_identical_texts_are_one_story_whatever_their_headlines() -> None:
    wire = " ".join(f"word{n}" for n in range(40))
    assert stories_of(*numbered(("A headline here", wire), ("Quite another title", wire.upper()))) == [{0, 1}]


def test_a_notice_in_place_of_each_text_makes_no_story_of_them() -> None:
    notice = " ".join(f"notice{n}" for n in range(40))
    titles = (
        "Snow in the mountains of Svaneti",
        "Budget passes first reading",
        "Tennis star retires at thirty",
    )
    reports = [report(n, (title, notice), source="a") for n, title in enumerate(titles)]
    labels = [set(found.keys) for found in group_reports(ReportIndex.of(reports))]
    assert labels == [{0}, {1}, {2}]


def test_headlines_of_one_kind_of_event_in_different_countries_stay_apart() -> None:
    quakes = [
        read_report(n, f"Quake shakes {city}", "", source=f"s{n}", countries=[country])
        for n, (city, country) in enumerate((("Almaty", "KZ"), ("Tokyo", "JP"), ("Lima", "PE")))
    ]
    assert stories_of(*quakes) == [{0}, {1}, {2}]


def test_headlines_of_few_words_join_nothing() -> None:
    assert stories_of(*numbered(("Live updates", ""), ("Live updates", ""))) == [{0}, {1}]


def test_texts_without_spaces_between_words_are_compared_too() -> None:
    one = ("塔什干发生强烈地震", "周二晚上塔什干发生强烈地震,居民跑到街上。当局说没有人员伤亡。")
    two = ("塔什干强烈地震无人伤亡", "当局说,周二晚上塔什干的强烈地震没有造成人员伤亡,居民跑到街上。")
    other = ("比什凯克新公园开放", "市长说,比什凯克的新公园周六开放,有三百棵树。")
    assert stories_of(*numbered(one, two, other)) == [{0, 1}, {2}]


def sent(story: int, hours: float, thread: int | None = None) -> KnownStory:
    return KnownStory(
        story, Hold.SENT, thread or story, (MORNING + timedelta(hours=hours)).timestamp() / 86_400
    )


def test_later_reports_without_new_facts_join_the_sent_story() -> None:
    later = report(1, FLOOD_TOO, hours=8)
    (found,) = group(report(0, FLOOD), later, stories={0: sent(7, hours=1)})
    assert (found.keys, found.story, found.thread) == ((0, 1), 7, 7)


def test_later_reports_with_new_facts_open_a_chapter_of_the_same_thread() -> None:
    first, chapter = group(
        report(0, FLOOD), report(1, FLOOD_NEXT_DAY, hours=20), stories={0: sent(7, hours=1)}
    )
    assert (first.keys, first.story) == ((0,), 7)
    assert (chapter.keys, chapter.story, chapter.thread) == ((1,), None, 7)


def test_a_translation_of_a_sent_story_joins_it_and_is_no_chapter() -> None:
    english = (
        "Papanov dam near Shardara breaks",
        "Governor Bekturov said the Papanov dam flooded 340 homes in Shardara.",
    )
    russian = (
        "Под Шардарой прорвало плотину Папанова",
        "Губернатор Бектуров сообщил, что в Шардаре плотиной Папанова затоплены 340 домов.",
    )
    later = report(1, russian, hours=2, language="ru")
    (found,) = group(report(0, english), later, stories={0: sent(7, hours=1)})
    assert (found.keys, found.story) == ((0, 1), 7)


def test_unsent_stories_that_turn_out_to_be_one_are_joined_under_the_larger() -> None:
    reports = [report(0, FLOOD), report(1, FLOOD_TOO), report(2, FLOOD, source="x", hours=1)]
    known = {0: KnownStory(3), 1: KnownStory(4), 2: KnownStory(4)}
    (found,) = group(*reports, stories=known)
    assert (set(found.keys), found.story) == ({0, 1, 2}, 4)


def test_an_unsent_story_of_two_events_is_split_and_the_larger_part_keeps_its_id() -> None:
    reports = [report(0, MATCH), report(1, FLOOD), report(2, FLOOD_TOO)]
    match, flood = group(*reports, stories={n: KnownStory(5) for n in range(3)})
    assert (match.story, flood.story) == (None, 5)


def test_what_an_editor_arranged_stays_together_and_apart() -> None:
    reports = [report(0, MATCH), report(1, FLOOD), report(2, FLOOD_TOO)]
    joined, alone = KnownStory(5, Hold.SETTLED), KnownStory(6, Hold.SETTLED)
    found = group(*reports, stories={0: joined, 1: joined, 2: alone})
    assert [(set(one.keys), one.story) for one in found] == [({0, 1}, 5), ({2}, 6)]


def test_a_new_report_joins_a_story_that_an_editor_arranged() -> None:
    (found,) = group(report(0, FLOOD), report(1, FLOOD_TOO), stories={0: KnownStory(5, Hold.SETTLED)})
    assert (set(found.keys), found.story) == ({0, 1}, 5)


def test_only_new_reports_are_placed_when_they_are_named() -> None:
    reports = [report(0, FLOOD), report(1, FLOOD_TOO), report(2, FLOOD, source="x", hours=1)]
    known = {0: KnownStory(3), 1: KnownStory(4)} | {1000 + n: KnownStory(100 + n) for n in range(len(FILLER))}
    found = group_reports(index_of(*reports), known, new_keys=[2])
    stories = {key: one.story for one in found for key in one.keys}
    assert (stories[0], stories[1]) == (3, 4)  # they would be one story if all were placed anew
    assert stories[2] == 3


@settings(deadline=None)  # the machine may be busy
@given(
    st.lists(
        st.tuples(
            st.sampled_from([FLOOD, FLOOD_TOO, FLOOD_NEXT_DAY, OTHER_FLOOD, MATCH]),
            st.floats(0, 80),
            st.sampled_from([None, 1, 2, 3, 4]),
        ),
        max_size=9,
    )
)
def test_whatever_was_there_each_report_is_in_one_group_and_held_stories_keep_theirs(
    given_reports: list[tuple[tuple[str, str], float, int | None]],
) -> None:
    holds = {1: Hold.OPEN, 2: Hold.OPEN, 3: Hold.SETTLED, 4: Hold.SENT}
    reports = [report(n, article, hours=hours) for n, (article, hours, _) in enumerate(given_reports)]
    known = {
        n: KnownStory(story, holds[story], story if holds[story] == Hold.SENT else None, sent_at=None)
        for n, (_, _, story) in enumerate(given_reports)
        if story
    }
    groups = group_reports(ReportIndex.of(reports), known)
    assert sorted(key for one in groups for key in one.keys) == list(range(len(reports)))
    ids = [one.story for one in groups if one.story is not None]
    assert len(ids) == len(set(ids))
    for key, story in known.items():
        if story.hold != Hold.OPEN:
            assert next(one.story for one in groups if key in one.keys) == story.id


@settings(deadline=None)
@given(st.permutations(range(5)))
def test_the_order_of_the_reports_decides_nothing(order: list[int]) -> None:
    reports = numbered(FLOOD, FLOOD_TOO, FLOOD_NEXT_DAY, OTHER_FLOOD, MATCH)
    groups = group_reports(index_of(*(reports[n] for n in order)))
    assert {frozenset(one.keys) for one in groups if min(one.keys) < 1000} == {
        frozenset(keys) for keys in stories_of(*reports)
    }


@pytest.mark.parametrize(("count", "factor"), [(1, 1.2), (50, 1.2), (200, 1.1), (800, 1), (90_000, 1)])
def test_a_window_of_few_reports_needs_more_similarity(count: int, factor: float) -> None:
    assert event_bound(count) == pytest.approx(factor * EVENT_BOUND, abs=0.001)


def test_an_open_story_is_grouped_anew_for_three_days() -> None:
    row = PlacedReport(1, MORNING, 7, None, None, settled=False, hidden=False, pinned=0, released_at=None)
    recent, end = RecentReports({1: row}), MORNING + timedelta(hours=72)
    assert recent.stories(end)[1].hold is Hold.OPEN
    assert recent.stories(end + timedelta(seconds=1))[1].hold is Hold.SETTLED


def test_reports_of_one_event_are_three_days_apart_at_most() -> None:
    reports = [report(0, FLOOD), report(1, FLOOD, hours=72), report(2, FLOOD, hours=72.1)]
    pairs = _event_pairs(reports, Pairs(np.array([0, 0]), np.array([1, 2]), np.array([1.0, 1.0])))
    assert pairs.second.tolist() == [1]
