"""What becomes of a source's entry before it is stored: its texts, whether it is news, and which article it is."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.articles.pure.drafts import ArticleDraft, draft_articles, is_same_article
from digest.articles.pure.feed_order import editorial_positions
from digest.articles.pure.headline_weight import HeadlineWeight, headline_weight
from digest.articles.states import DateSource
from digest.sources.pure.entries import Entry
from tests.regions.test_small_gazetteer import tagger

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def entry(
    title: str = "Ferry runs again in Almaty", link: str = "https://quay.example/1", **fields: object
) -> Entry:
    return Entry(id=link, link=link, title=title, **fields)  # type: ignore[arg-type]


def draft(given: Entry | None = None) -> ArticleDraft:
    (made,) = draft_articles([given or entry()], tagger(), home=None, seen_at=NOW, language="en").drafts
    return made


@pytest.mark.parametrize(("age", "is_news"), [(48 * HOUR - SECOND, True), (48 * HOUR, False)])
def test_an_article_is_news_for_two_days(age: timedelta, is_news: bool) -> None:
    made = draft(entry(published=NOW - age))
    assert made.is_news(NOW) is is_news
    assert made.is_news(NOW, first=True) is is_news


def test_an_entry_without_a_date_is_no_news_in_a_sources_first_document_alone() -> None:
    assert draft().date_source == DateSource.SEEN
    assert draft().is_news(NOW)
    assert not draft().is_news(NOW, first=True)


def test_the_same_title_or_the_same_date_makes_the_same_article() -> None:
    dated = draft(entry(published=NOW - HOUR))
    assert is_same_article(dated, title=dated.title, published_at=NOW)
    assert is_same_article(dated, title="Another", published_at=NOW - HOUR)
    assert not is_same_article(dated, title="Another", published_at=NOW)
    assert not is_same_article(draft(), title="Another", published_at=NOW)  # when it was seen says nothing


def test_the_content_of_an_entry_is_its_text_and_else_its_summary() -> None:
    assert draft(entry(summary="Short.", content="<p>The whole story.</p>")).text == "The whole story."
    assert draft(entry(summary="<p>Short.</p>")).text == "Short."
    assert len(draft(entry(content="x" * 30_000)).text) == 20_000
    assert draft(entry(title="")).title == "https://quay.example/1"


def test_what_no_database_can_store_is_left_out() -> None:
    made = draft(entry("Ferry\0 runs", summary="A\ud800 of the port.", categories=("Wor\0ld",)))
    assert (made.title, made.text, made.categories) == ("Ferry runs", "A of the port.", ("World",))
    assert draft(entry(categories=("World",))).categories == ("World",)


def test_the_countries_of_title_and_text_are_tagged() -> None:
    assert [tag.country for tag in draft().tags] == ["KZ"]
    assert [tag.country for tag in draft(entry("Ferry runs", content="The port of Peru.")).tags] == ["PE"]


def test_entries_that_repeat_one_and_those_without_an_address_are_counted() -> None:
    given = [entry(), entry(), entry(link="nowhere")]
    made = draft_articles(given, tagger(), home=None, seen_at=NOW)
    assert (len(made.drafts), made.repeated, len(made.problems)) == (1, 1, 1)


def test_a_headline_of_two_words_names_a_subject_and_one_of_three_says_something() -> None:
    assert headline_weight("Ferry news", "en") == HeadlineWeight.ROUTINE
    assert headline_weight("Ferry runs again", "en") == HeadlineWeight.PLAIN
    assert headline_weight("Паром вернулся", "ru") == HeadlineWeight.PLAIN
    assert headline_weight("a" * 393 + " killed", "en") == HeadlineWeight.HARD
    assert headline_weight("a b " + "a" * 390 + " killed", "en") == HeadlineWeight.PLAIN


def by_time(*hours: float | None) -> bool:
    """Whether a document lists the newest first."""
    dates = [None if hour is None else NOW - hour * HOUR for hour in hours]
    return editorial_positions(dates) == [None] * len(dates)


def test_half_of_the_entries_need_dates_and_nine_of_ten_neighbours_the_newer_first() -> None:
    assert by_time(1, 2, None, None)
    assert not by_time(1, 2, None, None, None)
    assert by_time(*range(1, 6), 4.5, *range(7, 12))  # one of ten pairs the other way round
    assert not by_time(*range(1, 6), 4.5, *range(7, 11))
    assert editorial_positions([None] * 1001)[999:] == [1000, None]
