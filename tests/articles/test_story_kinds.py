"""Which kinds of articles join and lead stories, and which digests show them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.pure.story_kinds import mailed_kinds, may_join, may_lead, shown_kinds, story_kind
from digest.articles.states import HARD_NEWS, NEVER_MAILED, READER_CHOICE, ArticleKind

KINDS = st.sampled_from(ArticleKind)


@pytest.mark.parametrize(
    "kind", ["roundup", "live", "gallery", "podcast", "opinion", "commerce", "sponsored", "service"]
)
def test_what_tells_of_several_events_or_of_none_neither_joins_nor_leads(kind: str) -> None:
    assert not may_join(ArticleKind(kind))
    assert not may_lead(ArticleKind(kind))


@pytest.mark.parametrize("kind", ["video", "analysis"])
def test_films_and_analyses_join_reports_and_do_not_lead_them(kind: str) -> None:
    assert may_join(ArticleKind(kind))
    assert not may_lead(ArticleKind(kind))


def test_reports_join_and_lead() -> None:
    assert all(
        may_join(kind) and may_lead(kind)
        for kind in (ArticleKind.NEWS, ArticleKind.SPORT, ArticleKind.CULTURE)
    )


def test_a_story_that_most_reports_call_sport_is_sport() -> None:
    assert story_kind([ArticleKind.NEWS, ArticleKind.SPORT, ArticleKind.SPORT]) == ArticleKind.SPORT


def test_a_product_that_culture_and_lifestyle_pages_report_is_no_news() -> None:
    kinds = [ArticleKind.ANALYSIS, ArticleKind.CULTURE, ArticleKind.LIFESTYLE, ArticleKind.LIFESTYLE]
    assert story_kind(kinds) == ArticleKind.LIFESTYLE


def test_a_story_that_half_of_the_reports_call_news_is_news() -> None:
    kinds = [ArticleKind.SPORT, ArticleKind.SPORT, ArticleKind.NEWS, ArticleKind.NEWS]
    assert story_kind(kinds) == ArticleKind.NEWS


def test_two_films_and_a_report_are_news() -> None:
    assert story_kind([ArticleKind.VIDEO, ArticleKind.VIDEO, ArticleKind.NEWS]) == ArticleKind.NEWS


def test_without_news_and_majority_the_lead_decides() -> None:
    assert story_kind([ArticleKind.CULTURE, ArticleKind.SPORT]) == ArticleKind.CULTURE
    assert story_kind([ArticleKind.ANALYSIS, ArticleKind.SPORT]) == ArticleKind.ANALYSIS


@given(st.lists(KINDS, min_size=1))
def test_a_story_has_a_kind_of_one_of_its_reports(kinds: list[ArticleKind]) -> None:
    assert story_kind(kinds) in kinds


@given(st.frozensets(KINDS))
def test_every_digest_has_hard_news_and_none_has_what_is_never_mailed(chosen: frozenset[ArticleKind]) -> None:
    kinds = mailed_kinds(chosen)
    assert kinds >= HARD_NEWS
    assert not kinds & NEVER_MAILED
    assert kinds >= chosen - NEVER_MAILED


def test_without_a_choice_a_digest_has_none_of_the_kinds_that_readers_choose() -> None:
    assert not mailed_kinds(()) & set(READER_CHOICE)


def test_a_reader_who_chose_nothing_gets_the_operators_kinds_and_one_who_chose_gets_these() -> None:
    default = HARD_NEWS | {ArticleKind.SPORT, ArticleKind.LIVE}
    assert shown_kinds(default, None) == default
    assert shown_kinds(default, ()) == HARD_NEWS | {ArticleKind.LIVE}
    assert shown_kinds(default, ("culture",)) == HARD_NEWS | {ArticleKind.LIVE, ArticleKind.CULTURE}
