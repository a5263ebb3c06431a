"""Which kind of piece an article is, in thirteen languages: 459 titles of our own with addresses and categories.

A line of `kind_cases/` has the kind, the title, the address and the categories, separated by ";;".
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.pure.article_kinds import (
    MAX_CATEGORIES,
    MAX_CATEGORY_LENGTH,
    WRITTEN_REPORT,
    KindInput,
    classify,
    trim_categories,
)
from digest.articles.states import NEVER_MAILED, ArticleKind

CASES = Path(__file__).parent / "kind_cases"
LANGUAGES = ("ar", "az", "de", "en", "es", "fa", "fr", "hy", "ka", "kk", "ru", "tr", "uk")


class Case(NamedTuple):
    kind: ArticleKind
    article: KindInput


def cases(language: str) -> Iterator[Case]:
    for line in (CASES / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        kind, title, url, categories = (field.strip() for field in line.split(";;"))
        names = tuple(name.strip() for name in categories.split(",") if name.strip())
        yield Case(ArticleKind(kind), KindInput(title, url, names, language))


def kind_of(title: str, url: str = "", *categories: str, text: str = "") -> ArticleKind:
    return classify(KindInput(title, url, categories, "en", text)).kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_addresses_and_categories_of_a_language_get_their_kinds(language: str) -> None:
    wrong = [
        (case.article.title, case.kind, verdict)
        for case in cases(language)
        if (verdict := classify(case.article)).kind != case.kind
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_cases_of_every_kind(language: str) -> None:
    assert {case.kind for case in cases(language)} == set(ArticleKind)


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_alone_never_make_hard_news_an_offer(language: str) -> None:
    # The language of a source is often not known: then the rules of all languages apply.
    for case in cases(language):
        if case.kind == ArticleKind.NEWS:
            assert classify(KindInput(case.article.title)).kind not in NEVER_MAILED


@pytest.mark.parametrize(
    "title",
    [
        "Trump signs deals on minerals and energy",
        "Oil falls to lowest price ever in Asia",
        "Rupee hits all-time low against the dollar",
        "Moscow offers India a 30% discount on crude",
        "Shares trade 20% off their peak",
        "Navy escorts tankers for free shipping through the strait",
        "Fund pays a coupon of 4% on its bonds",
        "Government to save $500 million on fuel",
    ],
)
def test_economic_news_is_no_offer(title: str) -> None:
    assert kind_of(title) == ArticleKind.NEWS


def test_a_deal_of_companies_is_news_and_a_deal_of_a_shop_is_not() -> None:
    assert kind_of("Miner buys rival", "https://a.example/markets/deals/miner") == ArticleKind.NEWS
    assert kind_of("Ten shoes we like", "https://a.example/deals/shoes") == ArticleKind.COMMERCE


def test_a_written_report_below_video_is_news_and_a_film_is_a_video() -> None:
    url = "https://a.example/video/2026/3/3/dam"
    assert kind_of("Dam bursts", url, text="x" * WRITTEN_REPORT) == ArticleKind.NEWS
    assert kind_of("Dam bursts", url, text="Watch the pictures.") == ArticleKind.VIDEO


def test_a_section_of_hard_news_outweighs_a_soft_category_beside_it() -> None:
    assert kind_of("Club owner loses licence", "", "Football", "Crime") == ArticleKind.NEWS
    assert kind_of("Club owner loses licence", "", "Football") == ArticleKind.SPORT


def test_words_of_the_last_part_of_an_address_are_no_section() -> None:
    assert kind_of("Ministry answers", "https://a.example/news/sport-ministry-answers") == ArticleKind.NEWS
    assert kind_of("Ministry answers", "https://a.example/sport") == ArticleKind.NEWS


def test_compound_sections_count_by_their_last_word() -> None:
    assert kind_of("A quiet year", "https://a.example/asia-opinion/quiet") == ArticleKind.OPINION
    assert kind_of("A quiet year", "https://a.example/more-sports/quiet") == ArticleKind.SPORT


def test_the_reason_names_the_place_and_the_words() -> None:
    verdict = classify(KindInput("A quiet year", "https://a.example/opinion/quiet"))
    assert verdict.reason == "address: opinion"
    verdict = classify(KindInput("Goalkeeper killed in raid", "https://a.example/sport/raid", language="en"))
    assert (verdict.kind, verdict.reason) == (ArticleKind.NEWS, "title: killed")


def test_a_turkish_word_is_not_taken_for_one_that_differs_by_dots() -> None:
    title = "Kulübün yeni hocası belli oldu"  # "oldu" is "became", "öldü" is "died"
    assert classify(KindInput(title, "https://a.example/spor/hoca", language="tr")).kind == ArticleKind.SPORT


def test_categories_are_kept_in_bounds() -> None:
    given_names = ["", "x" * (MAX_CATEGORY_LENGTH + 1), *map(str, range(100))]
    assert trim_categories(given_names) == [str(number) for number in range(MAX_CATEGORIES)]


@given(st.text(), st.text(), st.lists(st.text(), max_size=5), st.text(max_size=10), st.text())
def test_whatever_strangers_write_has_a_kind(
    title: str, url: str, categories: list[str], language: str, text: str
) -> None:
    verdict = classify(KindInput(title, url, categories, language, text))
    assert verdict.kind in ArticleKind
    assert (verdict.reason != "") or verdict.kind == ArticleKind.NEWS


@pytest.mark.parametrize("piece", ["|", ": ", "(", "[a", " - ", "a ", "best "])
def test_long_hostile_titles_take_no_longer_than_their_bound(piece: str) -> None:
    long, bounded = piece * 100_000, (piece * 100_000)[:400]
    assert classify(KindInput(long, long)).kind == classify(KindInput(bounded, long)).kind
