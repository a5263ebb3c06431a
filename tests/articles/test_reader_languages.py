"""Reports in the languages that a reader reads come first."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from digest.articles.pure.reader_languages import prefer_languages
from digest.articles.pure.shown_story import ShownArticle, ShownStory
from digest.articles.states import ArticleKind

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LANGUAGES = st.sampled_from(["", "en", "en-GB", "ru", "fa", "zh_Hant"])


def make_story(*languages: str) -> ShownStory:
    lead, *also_in = (
        ShownArticle(n, n, f"Source {n}", f"Title {n}", f"https://s{n}.example/", "", NOW, language)
        for n, language in enumerate(languages)
    )
    return ShownStory(1, 1, NOW, hidden=False, lead=lead, also_in=tuple(also_in), countries=())


def order(story: ShownStory) -> list[int]:
    return [report.article_id for report in (story.lead, *story.also_in)]


def test_the_first_report_in_a_language_of_the_reader_leads() -> None:
    assert order(prefer_languages(make_story("en", "fa", "ru", "fa"), {"fa"})) == [1, 3, 0, 2]


def test_a_lead_that_the_reader_can_read_stays_and_the_others_follow() -> None:
    assert order(prefer_languages(make_story("en-GB", "ru", "en"), {"en"})) == [0, 2, 1]


def test_with_no_report_in_the_readers_languages_nothing_changes() -> None:
    story = make_story("en", "ru")
    assert prefer_languages(story, {"fa"}) is story
    assert prefer_languages(make_story("en"), {"fa"}) == make_story("en")


def test_a_lead_in_an_unknown_language_is_not_moved() -> None:
    assert order(prefer_languages(make_story("", "ru", "fa"), {"fa"})) == [0, 2, 1]


def test_a_live_blog_in_the_readers_language_leads_only_where_nothing_else_can() -> None:
    story = make_story("en", "ru", "ru")
    live = replace(story.also_in[0], kind=ArticleKind.LIVE)
    shown = prefer_languages(replace(story, also_in=(live, story.also_in[1])), {"ru"})
    assert order(shown) == [2, 1, 0]
    assert order(prefer_languages(replace(story, also_in=(live,)), {"ru"})) == [0, 1]
    lead = replace(story.lead, kind=ArticleKind.LIVE)
    assert order(prefer_languages(replace(story, lead=lead, also_in=(live,)), {"ru"})) == [1, 0]


def test_stories_in_another_order_are_told_apart() -> None:
    story = make_story("en", "ru", "fa")
    orders = {prefer_languages(story, {code}).report_order for code in ("en", "ru", "fa", "de")}
    assert orders == {(), (0, 1, 2), (1, 0, 2), (2, 0, 1)}


@given(st.lists(LANGUAGES, min_size=1, max_size=6), st.sets(st.sampled_from(["en", "ru", "fa", "zh"])))
def test_no_report_is_lost_or_repeated(languages: list[str], read: set[str]) -> None:
    story = make_story(*languages)
    shown = prefer_languages(story, read)
    assert sorted(order(shown)) == order(story)
    assert prefer_languages(shown, read) in (shown, story)
