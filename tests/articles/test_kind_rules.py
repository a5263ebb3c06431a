"""The rules as data: every language of the product, and no name with two meanings."""

import pytest

from digest.articles.pure.kind_rules import _Names, fold_name, fold_words, load_rules
from digest.articles.states import ArticleKind


def test_there_are_title_rules_for_thirteen_languages() -> None:
    expected = {"ar", "az", "de", "en", "es", "fa", "fr", "hy", "ka", "kk", "ru", "tr", "uk"}
    assert set(load_rules().titles) == expected


def test_a_name_that_stands_for_two_kinds_is_refused() -> None:
    names = _Names()
    names.add({"sport": ["Football"]})
    with pytest.raises(ValueError, match=r'"football" stands for sport and culture'):
        names.add({"culture": ["football"]})


def test_names_lose_their_accents_and_phrases_keep_them() -> None:
    assert fold_name("Fútbol-Noticias") == "futbol noticias"
    assert fold_words("Öldü mü?") == "öldü mü"
    assert fold_words("İstanbul") == fold_words("istanbul")


def test_the_rules_of_a_language_come_with_english_and_an_unknown_language_gets_all() -> None:
    rules = load_rules()
    title = ["чемпионат", "wicket"]
    assert [match.words for match in rules.matcher("ru-RU").phrases.find(["wicket"])] == ["wicket"]
    assert list(rules.matcher("en").phrases.find(["гороскоп"])) == []
    assert [match.words for match in rules.matcher("").phrases.find(["гороскоп", *title])] == [
        "гороскоп",
        "wicket",
    ]
    assert list(rules.matcher("xx").phrases.find(["гороскоп"])) == []


@pytest.mark.parametrize(
    ("section", "kind"),
    [
        ("sport", ArticleKind.SPORT),
        ("sports news", ArticleKind.SPORT),
        ("hong kong opinion", ArticleKind.OPINION),
        ("live news", None),  # some call their wire reports so
        ("world", None),
        ("credit default swaps", None),
        ("trade deals", None),
    ],
)
def test_sections_by_name(section: str, kind: ArticleKind | None) -> None:
    assert load_rules().section_kind(section) == kind
