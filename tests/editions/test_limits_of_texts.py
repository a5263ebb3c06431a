"""Where texts are cut and links refused, on both sides of each limit."""

import pytest

from digest.editions.pure.display_text import (
    MAX_TITLE_LENGTH,
    choose_headline,
    lang_attribute,
    safe_url,
    sanitize_line,
    shorten,
)
from digest.editions.pure.group_rules import COUNTRYLESS_WEIGHT, has_group


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ten letter", "ten letter"),
        ("ten letters", "ten lette…"),  # the space is no later than the half: the word is cut
        ("twelve words here", "twelve…"),
        ("abcdefghijklm", "abcdefghi…"),
        ("abcde fghijkl", "abcde fgh…"),
        ("abcdef ghijkl", "abcdef…"),
        ("abcd fghijklm", "abcd fghi…"),
    ],
)
def test_a_text_is_cut_after_a_word_in_its_second_half(text: str, shown: str) -> None:
    assert shorten(text, 10) == shown


def test_a_title_has_at_most_300_characters_after_what_is_invisible_in_it() -> None:
    assert sanitize_line("x" * 300) == "x" * 300
    assert sanitize_line("x" * 301) == "x" * (MAX_TITLE_LENGTH - 1) + "…"
    assert sanitize_line("\x07" * 1199 + "x") == "x"
    assert sanitize_line("\x07" * 1200 + "x") == ""  # no more than four times the limit is looked at


def test_a_headline_of_an_excerpt_has_at_most_80_characters() -> None:
    assert choose_headline("", "x" * 80, "") == "x" * 80
    assert choose_headline("", "x" * 81, "") == "x" * 79 + "…"
    assert choose_headline("", "", "The Post") == "The Post"
    assert choose_headline("", "", "") == "…"


def test_a_link_has_at_most_2000_characters() -> None:
    longest = "https://news.example/".ljust(2000, "a")
    assert safe_url(longest) == longest
    assert safe_url(longest + "a") == ""
    assert safe_url("https://news.example/a b") == safe_url("ftp://news.example/") == ""


@pytest.mark.parametrize(
    ("tag", "page", "shown"),
    [("ru_RU", "en", "ru-RU"), ("en-GB", "en", ""), ("EN", "en-US", ""), ("x", "en", ""), ('ru"', "en", "")],
)
def test_a_story_has_a_language_if_it_is_not_the_pages(tag: str, page: str, shown: str) -> None:
    assert lang_attribute(tag, page) == shown


def test_half_of_the_reports_are_enough_for_a_group_and_no_country_counts_half() -> None:
    assert has_group(1, 2)
    assert not has_group(1, 3)
    assert COUNTRYLESS_WEIGHT < 1
