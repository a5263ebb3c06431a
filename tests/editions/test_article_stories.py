"""Articles that are in no database, as stories: their dates, their leads, their kinds and what they are about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.articles.states import HARD_NEWS, ArticleKind
from digest.editions.pure.article_stories import (
    ArticleStory,
    RankingRequest,
    RawArticle,
    TaggedReport,
    group_articles,
    tag_article,
)
from digest.editions.pure.group_rules import COUNTRYLESS_WEIGHT, WORLD
from digest.regions import gazetteer

AT = datetime(2026, 3, 10, 18, tzinfo=UTC)
REQUEST = RankingRequest(AT, 15)
BRIDGE = "Governor opens a bridge over the Ural river in Atyrau"
EXCERPT = "The bridge was opened by the governor in the morning, after three years of work."


def report(
    key: int,
    title: str = BRIDGE,
    *,
    hours: float = 2,
    seen: float | None = None,
    source: str = "",
    text: str = EXCERPT,
    kind: ArticleKind = ArticleKind.NEWS,
    about: str = "KZ",
    groups: dict[str, float] | None = None,
) -> TaggedReport:
    """A report published so many hours ago, and seen then if nothing else is said; of a source of its own."""
    published_at = AT - timedelta(hours=hours)
    seen_at = published_at if seen is None else AT - timedelta(hours=seen)
    article = RawArticle(key, source or f"source {key}", title, text, seen_at, published_at, language="en")
    return TaggedReport(article, kind, dict.fromkeys(about.split(), 1.0), groups or {})


def stories(*reports: TaggedReport, request: RankingRequest = REQUEST) -> list[ArticleStory]:
    return list(group_articles(reports, request))


def keys(reports: ArticleStory) -> list[int]:
    return [each.article.key for each in reports.new]


def test_a_date_after_the_moment_when_an_article_was_seen_is_not_believed() -> None:
    seen_at = AT - timedelta(hours=3)
    article = RawArticle(1, "Harbour Wire", BRIDGE, "", seen_at, published_at=AT)
    assert article.at == seen_at
    assert replace(article, published_at=None).at == seen_at
    earlier = AT - timedelta(hours=9)
    assert replace(article, published_at=earlier).at == earlier


def test_a_national_papers_country_decides_which_place_of_two_is_meant() -> None:
    article = RawArticle(1, "Local", "Police in Georgia close the road to Rome", "", AT, home="US")
    about = tag_article(article, gazetteer.tagger()).countries
    assert "GE" not in about
    assert "GE" in tag_article(replace(article, home=""), gazetteer.tagger()).countries


def test_of_short_and_long_reports_one_with_an_excerpt_leads() -> None:
    short, just_enough = report(2, text="x" * 39), report(1, text="x" * 40)
    (story,) = stories(short, just_enough)
    assert keys(story) == [1, 2]


def test_of_reports_of_one_day_part_the_last_that_came_leads_and_of_two_the_newer() -> None:
    (story,) = stories(report(1, hours=2), report(2, hours=4))
    assert keys(story) == [2, 1]
    (story,) = stories(report(1, hours=2), report(2, hours=12))
    assert keys(story) == [1, 2]


def test_what_most_headlines_say_leads() -> None:
    odd = report(3, "Governor opens a bridge over the Ural in Atyrau city")
    elsewhere = [report(n, f"Team{n} wins Cup{n} in Town{n}", text="") for n in range(10, 20)]
    story = stories(report(1), report(2), odd, *elsewhere)[0]
    assert keys(story) == [2, 1, 3]


def test_a_report_leads_before_an_explainer_and_a_film_even_if_they_are_newer() -> None:
    explainer = report(3, kind=ArticleKind.ANALYSIS, hours=1)
    film = report(2, kind=ArticleKind.VIDEO, hours=1)
    (story,) = stories(report(1, hours=9), film, explainer)
    assert keys(story)[0] == 1


def test_news_leads_before_sport_on_the_same_event() -> None:
    (story,) = stories(report(1), report(2, kind=ArticleKind.SPORT))
    assert keys(story) == [1, 2]


def test_only_stories_with_a_report_seen_in_the_window_are_there() -> None:
    assert stories(report(1, seen=24)) == []  # the first moment is of the window before
    (story,) = stories(report(1, hours=30, seen=30), report(2, hours=3))
    assert keys(story) == [2]
    assert [each.article.key for each in story.reports] == [1, 2]


def test_a_story_of_matches_is_sport_though_one_paper_calls_it_news() -> None:
    match = [report(n, kind=ArticleKind.SPORT) for n in (2, 3)]
    only_news = RankingRequest(AT, 15, HARD_NEWS)
    assert stories(report(1), *match, request=only_news) == []
    assert len(stories(report(1), match[0], request=only_news)) == 1


def test_a_column_is_a_story_by_itself_and_an_offer_is_none() -> None:
    column, offer = report(2, kind=ArticleKind.OPINION), report(3, kind=ArticleKind.COMMERCE)
    assert [keys(story) for story in stories(report(1), column, offer)] == [[1], [2]]


@pytest.mark.parametrize(("sources", "about"), [("a", {}), ("ab", {WORLD: COUNTRYLESS_WEIGHT})])
def test_what_is_about_no_country_is_the_worlds_if_two_sources_report_it(
    sources: str, about: dict[str, float]
) -> None:
    reports = [report(n, source=source, about="") for n, source in enumerate(sources, start=1)]
    reports.append(replace(reports[-1], article=replace(reports[-1].article, key=9)))
    (story,) = stories(*reports)
    assert story.countries == about


def test_a_group_is_a_storys_if_half_of_its_placed_reports_are_about_it() -> None:
    of_union = [report(n, about="", groups={"eu": weight}) for n, weight in ((1, 0.4), (2, 0.9))]
    of_country = [report(n) for n in (3, 4)]
    placeless = report(6, about="")
    (story,) = stories(*of_union, *of_country, placeless)
    assert story.countries["eu"] == 0.9
    (story,) = stories(*of_union, *of_country, report(5))
    assert "eu" not in story.countries
    assert "KZ" in story.countries
