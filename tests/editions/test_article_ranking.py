"""Places of articles that are in no database: what decides them beside the points of a single story."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from digest.editions.pure.article_ranking import RankedArticles, rank_articles
from digest.editions.pure.article_stories import RankingRequest, RawArticle
from digest.editions.pure.ranking import AFFAIR_POINTS, Reason
from digest.regions import gazetteer

AT = datetime(2026, 3, 10, 18, tzinfo=UTC)
KAZAKHSTAN = {"kz": frozenset({"KZ"})}
BRIDGE = "Kazakhstan opens a bridge over the Ural river in Atyrau"
STRIKE = "Kazakhstan: miners strike over pay at the Karaganda mine"
STRIKE_ENDS = "Kazakhstan: miners at the Karaganda mine end strike, talk of pay goes on"
WALNUTS = "Kazakhstan plants walnut trees along the Syr Darya"
ANTELOPES = "Kazakhstan counts saiga antelopes from the air"


def article(
    key: int, title: str, source: str, *, hours: float = 2, position: int | None = None
) -> RawArticle:
    return RawArticle(
        key, source, title, "", AT - timedelta(hours=hours), home="", position=position, language="en"
    )


def ranked(*articles: RawArticle, days: int = 1) -> Sequence[RankedArticles]:
    request = RankingRequest(AT, 15, window=timedelta(days=days))
    return rank_articles(articles, KAZAKHSTAN, request, gazetteer.tagger())["kz"]


def leads(*articles: RawArticle) -> list[int]:
    return [story.lead for story in ranked(*articles)]


def reasons(story: RankedArticles) -> dict[Reason, float]:
    return {part.reason: part.points for part in story.why}


def test_what_was_seen_at_the_very_moment_is_there_and_what_comes_later_is_not() -> None:
    assert leads(article(1, BRIDGE, "a", hours=0)) == [1]
    assert leads(article(1, BRIDGE, "a", hours=-0.01)) == []


def test_of_a_page_by_one_publisher_the_first_of_one_moment_stands_above() -> None:
    titles = (BRIDGE, WALNUTS, ANTELOPES)
    assert leads(*(article(n, title, "a") for n, title in enumerate(titles, start=1))) == [1, 2, 3]


def test_the_points_of_a_place_are_the_sum_of_its_reasons_and_stand_in_order() -> None:
    found = ranked(
        *(article(n, BRIDGE, source) for n, source in enumerate("abc", start=1)), article(4, WALNUTS, "d")
    )
    assert [story.articles for story in found] == [(1, 2, 3), (4,)]
    assert found[0].points > found[1].points
    for story in found:
        assert sum(reasons(story).values()) == pytest.approx(story.points, abs=1e-4)


def test_sources_on_other_events_of_an_affair_lift_a_story() -> None:
    begins = [article(n, STRIKE, source, hours=30) for n, source in ((1, "a"), (2, "b"))]
    ends = [article(n, STRIKE_ENDS, source) for n, source in ((3, "b"), (4, "c"), (5, "d"))]
    elsewhere = [article(6, WALNUTS, "e"), article(7, ANTELOPES, "f")]
    found = {story.lead: reasons(story) for story in ranked(*begins, *ends, *elsewhere, days=4)}
    assert found[2][Reason.AFFAIR] == pytest.approx(AFFAIR_POINTS * math.log2(3))  # c and d, and b is its own
    assert found[5][Reason.AFFAIR] == pytest.approx(AFFAIR_POINTS)
    assert Reason.AFFAIR not in found[6]
