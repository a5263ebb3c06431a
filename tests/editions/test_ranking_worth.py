"""What a story is worth, in independent reports of now from abroad, and what each rule of ranking changes."""

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from digest.articles.pure.headline_weight import HeadlineWeight
from digest.articles.states import ArticleKind
from digest.editions.pure.ranking import (
    RankedReport,
    RankingMoment,
    Reason,
    StoryScore,
    source_standing,
    specialists,
)
from tests.editions.test_ranking import DAY, EVENING, NOW, report, score

SHARES = (Reason.SOURCES, Reason.AGE, Reason.HOME, Reason.SUBSTANCE, Reason.STANDING)


def reasons(scored: StoryScore) -> dict[Reason, tuple[Any, int]]:
    return {part.reason: (pytest.approx(part.points), part.number) for part in scored.why}


def worth(*reports: RankedReport, about: str = "KZ", moment: RankingMoment = NOW) -> float:
    """How many reports of now, by average sources from abroad, have as many points for being reported."""
    points = sum(
        part.points for part in score(*reports, about=about, moment=moment).why if part.reason in SHARES
    )
    return 2**points - 1


def within(window: timedelta) -> RankingMoment:
    return RankingMoment(EVENING, window)


@pytest.mark.parametrize(("voices", "points"), [("a", 1), ("abc", 2), ("abcdefg", 3)])
def test_each_doubling_of_the_sources_is_a_point(voices: str, points: int) -> None:
    scored = score(*(report(voice, 0) for voice in voices))
    assert reasons(scored)[Reason.SOURCES] == (points, len(voices))
    assert scored.points == pytest.approx(points)


def test_a_report_counts_half_after_three_windows_and_a_third_if_it_is_from_before_the_window() -> None:
    assert worth(report(hours=0)) == pytest.approx(1)
    assert worth(report(hours=24)) == pytest.approx(2 ** (-1 / 3))  # the first moment of the window
    assert worth(report(hours=24.001)) == pytest.approx(2 ** (-1 / 3) / 3, rel=1e-3)
    assert worth(report(hours=72)) == pytest.approx(1 / 2 / 3)
    assert worth(report(hours=7 * 24), moment=within(7 * DAY)) == pytest.approx(2 ** (-1 / 3))


def test_a_window_of_an_hour_lets_reports_fade_in_six_hours() -> None:
    assert worth(report(hours=6), moment=within(timedelta(hours=1))) == pytest.approx(1 / 2 / 3)
    assert worth(report(hours=3), moment=within(timedelta(hours=3))) == pytest.approx(2 ** (-1 / 3))


def test_a_report_from_the_future_counts_as_one_of_now() -> None:
    assert score(report(hours=-5)).points == score(report(hours=0)).points


def test_what_papers_report_of_their_own_country_counts_less_than_half() -> None:
    scored = score(report("a", 0, home="KZ"), report("b", 0, home="FR"), about="KZ UZ")
    assert worth(report("a", 0, home="KZ"), report("b", 0, home="FR"), about="KZ UZ") == pytest.approx(1.4)
    assert reasons(scored)[Reason.HOME][1] == 1
    assert scored.points == pytest.approx(math.log2(2.4))


def test_explainers_figures_and_plain_headlines_count_a_part_of_a_report() -> None:
    hard, plain = report("a", 0), replace(report("b", 0), headline=HeadlineWeight.PLAIN)
    routine = replace(report("c", 0), headline=HeadlineWeight.ROUTINE)
    explainer = replace(report("d", 0), kind=ArticleKind.ANALYSIS)
    assert worth(hard, plain, routine, explainer) == pytest.approx(1 + 0.75 + 0.3 + 0.3)
    assert reasons(score(hard, plain, routine, explainer))[Reason.SUBSTANCE][1] == 3


def test_a_story_is_of_its_subject_when_more_than_half_of_its_reports_are() -> None:
    news, match = report("a", 0), replace(report("b", 0), kind=ArticleKind.SPORT)
    other_match = replace(match, voice="c")
    assert worth(news, match) == pytest.approx(1.3)  # half of them: it is news, and the match is none
    assert worth(news, match, other_match) == pytest.approx(3)


def test_a_film_that_an_editor_shows_is_weighed_by_no_rule_for_news() -> None:
    film = replace(report("a", 0), kind=ArticleKind.VIDEO)
    assert worth(film) == pytest.approx(1)


def test_two_outlets_of_a_trade_count_less_than_one_paper() -> None:
    trade = RankingMoment(EVENING, DAY, specialists=frozenset("ab"))
    assert worth(report("a", 0), report("b", 0), moment=trade) == pytest.approx(0.4)


def test_an_outlet_is_for_a_subject_when_more_than_two_of_three_of_five_pieces_are_on_it() -> None:
    def outlet(soft: int, news: int) -> bool:
        kinds = [ArticleKind.SERVICE] * soft + [ArticleKind.NEWS] * news
        return bool(specialists(("x", kind) for kind in kinds))

    assert outlet(5, 0)
    assert not outlet(4, 0)
    assert not outlet(4, 2)
    assert outlet(5, 2)


def test_an_editors_weight_counts_as_many_times_up_to_ten_and_never_below_nothing() -> None:
    assert worth(report(hours=0, weight=0.5)) == pytest.approx(0.5)
    assert worth(report(hours=0, weight=10)) == pytest.approx(10)
    assert worth(report(hours=0, weight=99)) == pytest.approx(10)
    assert worth(report(hours=0, weight=-1)) == pytest.approx(0)


def test_the_standing_of_a_source_multiplies_its_reports() -> None:
    moment = RankingMoment(EVENING, DAY, {"a": 2.0})
    assert worth(report("a", 0), report("b", 0), moment=moment) == pytest.approx(3)


def test_a_few_reports_say_little_of_a_sources_standing() -> None:
    shared, alone = [{"a", "b"}] * 5, [{"c"}] * 10  # half of all reports are shared
    standing = source_standing([*shared, *alone])
    assert standing == {"a": 1.5, "b": 1.5, "c": pytest.approx(1 / 3)}
    assert source_standing([*shared, {"c"}])["c"] == pytest.approx(5 / 6)  # one report: near the average


def test_no_source_stands_below_a_fifth_or_above_three_times_the_average() -> None:
    often = source_standing([*([{"a", "b"}] * 100), *([{f"c{n}"} for n in range(1000)] * 2)])
    assert often["a"] == 3.0
    assert source_standing([*([{"a", "b"}] * 100), *([{"c"}] * 1000)])["c"] == 0.2


def test_the_first_report_of_a_voice_decides_not_the_first_in_the_list() -> None:
    early, late = report("a", 20), report("a", 1)
    assert worth(late, early) == worth(early, late) == pytest.approx(worth(early))
    at_once = [
        report("a", 1, seen=1),
        report("a", 20, seen=1),
    ]  # of two of one moment, the first that was read
    assert worth(*at_once) == pytest.approx(worth(at_once[0]))


@pytest.mark.parametrize(("place", "points"), [(1, 0.5), (2, 0.25), (10, 0.05)])
def test_a_place_in_a_sources_order_gives_half_a_point_at_the_top(place: int, points: float) -> None:
    scored = score(report("a", 0, position=place), report("b", 0, position=place + 7))
    assert reasons(scored)[Reason.POSITION] == (points, place)


def test_the_eleventh_place_gives_nothing_and_says_nothing() -> None:
    scored = score(report("a", 0, position=11))
    assert Reason.POSITION not in reasons(scored)
    assert scored.points == score(report("a", 0)).points


@pytest.mark.parametrize(("more", "points"), [(1, 0.25), (3, 0.5), (15, 1.0), (40, 1.0)])
def test_what_sources_return_to_gains_a_quarter_for_each_doubling(more: int, points: float) -> None:
    scored = score(*[report("a", 0)] * (more + 1))
    assert reasons(scored)[Reason.FOLLOW_UPS] == (points, min(more, 15))


def test_a_report_of_the_first_moment_of_the_window_was_seen_before_it() -> None:
    assert Reason.FOLLOW_UPS not in reasons(score(report("a", 0, seen=24), report("a", 0, seen=1)))


@pytest.mark.parametrize(("others", "points"), [(1, 0.15), (3, 0.3), (7, 0.45)])
def test_other_events_of_an_affair_lift_a_story_a_little(others: int, points: float) -> None:
    assert reasons(score(report("a", 0), affair=others))[Reason.AFFAIR] == (points, others)


def test_reasons_without_points_are_not_shown() -> None:
    assert {part.reason for part in score(report("a", 0)).why} == {Reason.SOURCES}
