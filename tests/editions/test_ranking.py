"""The points of a story: what adds some, what takes some, and that the reasons add up."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.articles.pure.headline_weight import HeadlineWeight
from digest.articles.states import HARD_NEWS, ArticleKind
from digest.editions.pure.ranking import (
    MAX_STANDING,
    MIN_STANDING,
    RankedReport,
    RankingMoment,
    Reason,
    StoryFacts,
    StoryScore,
    score_story,
    source_standing,
    specialists,
)

EVENING = datetime(2026, 3, 10, 18, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = RankingMoment(EVENING, DAY)


def report(
    voice: str = "a",
    hours: float = 1,
    *,
    seen: float | None = None,
    home: str = "",
    weight: float = 1.0,
    position: int | None = None,
    kind: ArticleKind = ArticleKind.NEWS,
    headline: HeadlineWeight = HeadlineWeight.HARD,
) -> RankedReport:
    """A report published so many hours ago, and seen then if nothing else is said."""
    published_at = EVENING - timedelta(hours=hours)
    seen_at = published_at if seen is None else EVENING - timedelta(hours=seen)
    return RankedReport(voice, published_at, seen_at, home, weight, position, kind, headline)


def score(
    *reports: RankedReport, about: str = "", affair: int = 0, moment: RankingMoment = NOW
) -> StoryScore:
    return score_story(StoryFacts(reports, frozenset(about.split()), affair), moment)


def points(*reports: RankedReport, about: str = "") -> float:
    return score(*reports, about=about).points


def report_lists(kinds: Iterable[ArticleKind]) -> st.SearchStrategy[list[RankedReport]]:
    built = st.builds(
        report,
        st.sampled_from("abcdef"),
        st.floats(-2, 100),
        seen=st.floats(0, 48),
        home=st.sampled_from(["", "KZ", "FR"]),
        weight=st.floats(0, 20),
        position=st.none() | st.integers(1, 60),
        kind=st.sampled_from(sorted(kinds)),
        headline=st.sampled_from(HeadlineWeight),
    )
    return st.lists(built, min_size=1, max_size=6)


@settings(deadline=None, max_examples=60)
@given(report_lists(ArticleKind), st.integers(0, 20))
def test_the_reasons_add_up_to_the_points(given_reports: list[RankedReport], affair: int) -> None:
    scored = score(*given_reports, about="KZ", affair=affair)
    assert sum(contribution.points for contribution in scored.why) == pytest.approx(scored.points)
    assert len({contribution.reason for contribution in scored.why}) == len(scored.why)


@settings(deadline=None, max_examples=60)
@given(report_lists(HARD_NEWS))
def test_one_more_source_never_takes_points(given_reports: list[RankedReport]) -> None:
    assert points(*given_reports, report("another")) > points(*given_reports) - 1e-9


@settings(deadline=None, max_examples=60)
@given(report_lists(ArticleKind))
def test_the_order_of_reports_changes_nothing(given_reports: list[RankedReport]) -> None:
    # Two reports of one voice that were seen at one moment would leave open which is the first.
    once = list({(r.voice, r.seen_at): r for r in given_reports}.values())
    assert points(*once) == pytest.approx(points(*once[::-1]))


def test_two_reports_of_one_voice_are_one_source_and_a_sign_that_it_goes_on() -> None:
    again = score(report("a", 3), report("a", 1))
    once = {c.reason: c.points for c in score(report("a", 3)).why}
    assert {c.reason: c.points for c in again.why if c.reason != Reason.FOLLOW_UPS} == once
    assert 0 < again.points - score(report("a", 3)).points < points(report("a", 3), report("b", 1)) - 0.5


def test_a_source_that_repeats_itself_lifts_a_story_only_so_far() -> None:
    assert points(*[report()] * 100) == points(*[report()] * 20)


def test_reports_from_before_the_window_are_no_follow_ups() -> None:
    reasons = {c.reason for c in score(report("a", 40), report("a", 30), report("a", 2)).why}
    assert Reason.FOLLOW_UPS not in reasons


def test_a_report_counts_more_than_an_explainer_light_news_or_the_prices_of_a_day() -> None:
    full = points(report())
    plain = points(replace(report(), headline=HeadlineWeight.PLAIN))
    routine = points(replace(report(), headline=HeadlineWeight.ROUTINE))
    explainer = points(report(), replace(report("b"), kind=ArticleKind.ANALYSIS)) - full
    assert full > plain > routine
    assert 0 < explainer < points(report(), report("b")) - full


def test_in_a_story_on_sport_the_reports_on_sport_count_in_full() -> None:
    match = [replace(report(voice), kind=ArticleKind.SPORT) for voice in "ab"]
    moment = RankingMoment(EVENING, DAY, specialists=frozenset("ab"))
    assert score(*match, moment=moment).points == points(report("a"), report("b"))


def test_what_outlets_for_one_subject_report_counts_less_than_what_others_report() -> None:
    kinds = [("films", ArticleKind.CULTURE)] * 9 + [("films", ArticleKind.NEWS)]
    kinds += [("paper", ArticleKind.SPORT)] * 5 + [("paper", ArticleKind.NEWS)] * 5
    kinds += [("new", ArticleKind.CULTURE)] * 2  # too few to say what it is for
    of_trade = specialists(kinds)
    assert of_trade == {"films"}
    moment = RankingMoment(EVENING, DAY, specialists=of_trade)
    assert score(report("films"), moment=moment).points < score(report("paper"), moment=moment).points


def test_what_was_published_lately_comes_before_what_was_only_seen_lately() -> None:
    assert points(report(hours=2, seen=1)) > points(report(hours=38, seen=1))


def test_a_story_that_sources_reported_before_the_window_is_worth_less_than_a_new_one() -> None:
    earlier = [report(voice, 30, seen=30) for voice in "abc"]
    new = [report(voice, 20, seen=20) for voice in "abc"]
    assert points(*earlier, report("d")) < points(*new, report("d"))


def test_a_growing_story_comes_before_one_that_all_reported_long_ago() -> None:
    grows = [report(voice, hours) for voice, hours in (("a", 20), ("b", 3), ("c", 1))]
    faded = [report(voice, 20) for voice in "abc"]
    assert points(*grows) > points(*faded)


def test_news_that_papers_abroad_report_counts_more_than_news_at_home() -> None:
    assert points(report(home="FR"), about="KZ") > points(report(home="KZ"), about="KZ")
    assert points(report(home=""), about="KZ") == points(report(home="FR"), about="KZ")


def test_the_place_in_the_sources_own_order_decides_between_single_reports() -> None:
    first, third, last = (points(report(position=place)) for place in (1, 3, 40))
    assert first > third > last == points(report())


def test_an_editors_weight_raises_and_lowers_a_source() -> None:
    assert points(report(weight=0.2)) < points(report()) < points(report(weight=3))


def test_an_affair_that_many_report_lifts_each_of_its_stories() -> None:
    assert score(report(), affair=7).points > score(report()).points


def test_a_long_window_lets_reports_fade_more_slowly() -> None:
    week = RankingMoment(EVENING, timedelta(days=7))
    old, fresh = report("a", 100), report("b", 1)
    assert score(old, moment=week).points / score(fresh, moment=week).points > 0.6
    assert score(old).points / score(fresh).points < 0.3


def test_a_source_whose_reports_others_have_too_stands_higher() -> None:
    alone = [frozenset({"gadgets"})] * 20
    shared = [frozenset({"wire", "paper"})] * 20
    standing = source_standing([*alone, *shared])
    assert MIN_STANDING <= standing["gadgets"] < 1 < standing["wire"] <= MAX_STANDING
    moment = RankingMoment(EVENING, DAY, standing)
    assert score(report("wire"), moment=moment).points > score(report("gadgets"), moment=moment).points


def test_where_no_report_is_shared_all_sources_stand_alike() -> None:
    assert source_standing([{"a"}, {"b"}, {"b"}]) == {}


def test_the_reasons_say_how_many_sources_and_which_place() -> None:
    why = score(report("a", position=2), report("b", home="KZ"), about="KZ").why
    numbers = {contribution.reason: contribution.number for contribution in why}
    assert numbers[Reason.SOURCES] == 2
    assert numbers[Reason.HOME] == 1
    assert numbers[Reason.POSITION] == 2
