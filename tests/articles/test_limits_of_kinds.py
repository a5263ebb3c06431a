"""What decides the kind of a piece at the edges: long titles, many categories, broken addresses, weak sections."""

import pytest

from digest.articles.pure.article_kinds import KindInput, classify, trim_categories
from digest.articles.states import ArticleKind

PLAIN = "Harbour crew paints the ferry"


def kind_of(title: str, url: str = "", *categories: str) -> ArticleKind:
    return classify(KindInput(title, url, categories, "en")).kind


def test_thirty_categories_of_eighty_characters_are_kept() -> None:
    assert trim_categories(["x" * 80, "x" * 81]) == ["x" * 80]
    assert len(trim_categories(map(str, range(1, 100)))) == 30
    assert kind_of(PLAIN, "", *["harbour"] * 29, "Sport") == ArticleKind.SPORT
    assert kind_of(PLAIN, "", *["harbour"] * 30, "Sport") == ArticleKind.NEWS


def test_a_word_counts_up_to_the_four_hundredth_character_of_a_title() -> None:
    assert kind_of("a" * 393 + " killed", "https://a.example/sport/1") == ArticleKind.NEWS
    assert kind_of("a" * 394 + " killed", "https://a.example/sport/1") == ArticleKind.SPORT


@pytest.mark.parametrize(
    ("url", "categories"), [("https://a.example/technology/ferry", ()), ("", ("Technology",))]
)
def test_technology_is_no_news_unless_the_title_says_so(url: str, categories: tuple[str, ...]) -> None:
    assert kind_of(PLAIN, url, *categories) == ArticleKind.LIFESTYLE
    assert kind_of("Minister resigns over ferry", url, *categories) == ArticleKind.NEWS
    assert kind_of(PLAIN, url, *categories, "Politics") == ArticleKind.NEWS


def test_an_address_that_cannot_be_read_says_nothing_and_the_categories_count() -> None:
    assert kind_of(PLAIN, "http://[x/crime/1", "Sport") == ArticleKind.SPORT


def test_a_host_for_sport_says_it_and_other_hosts_say_nothing() -> None:
    assert kind_of(PLAIN, "https://sport.a.example/x/ferry") == ArticleKind.SPORT
    assert kind_of(PLAIN, "https://life.a.example/x/ferry") == ArticleKind.NEWS


def test_a_label_has_five_words_at_most() -> None:
    five = classify(KindInput("Die wichtigsten Fragen und Antworten: Fähre fährt wieder", language="de"))
    assert five.reason.startswith("label: ")
