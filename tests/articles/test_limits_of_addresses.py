"""Addresses of articles at their limits: how long they may be, how they are refused, and what keeps entries apart."""

import re

import pytest

from digest.articles.pure.entry_identity import identify_entries
from digest.articles.pure.identity import canonical_url, swap_scheme
from digest.articles.pure.kind_rules import load_rules
from digest.articles.pure.search_words import fts5_query, search_words, tsquery
from digest.articles.states import ArticleKind
from digest.errors import InvalidInputError
from digest.sources.pure.entries import Entry

SITE = "https://q.example/"


def refusal(url: str) -> str:
    with pytest.raises(InvalidInputError) as caught:
        canonical_url(url)
    return str(caught.value)


def test_an_address_has_two_thousand_characters_at_most() -> None:
    assert canonical_url(SITE + "x" * (2_000 - len(SITE))) == SITE + "x" * (2_000 - len(SITE))
    assert refusal(SITE + "x" * (2_001 - len(SITE))) == (
        SITE + "x" * (80 - len(SITE)) + "… is longer than 2000 characters"
    )


def test_a_refusal_quotes_two_hundred_characters() -> None:
    assert refusal("ftp://" + "x" * 500).startswith(repr("ftp://" + "x" * 194) + " is not a web address")
    assert refusal("http://q.example:port/" + "x" * 500).startswith(
        repr("http://q.example:port/" + "x" * 178) + " "
    )


def test_the_other_scheme_of_an_address_keeps_the_rest() -> None:
    assert swap_scheme("http://q.example:8080/a:b") == "https://q.example:8080/a:b"
    assert swap_scheme("https://q.example/") == "http://q.example/"


def test_entries_of_one_page_get_addresses_with_twelve_digits_of_their_own() -> None:
    found = identify_entries([Entry(f"alert {n}", f"Flood {n}", SITE) for n in range(2)]).entries
    marks = [re.fullmatch(r"https://q\.example/#entry-([0-9a-f]{12})", item.url) for item in found]
    assert all(marks)
    assert len({item.url for item in found}) == 2


def test_a_guid_has_six_hundred_characters_at_most() -> None:
    def stored(length: int) -> str:
        return identify_entries([Entry("g" * length, "News", SITE)]).entries[0].guid

    assert stored(600) == "g" * 600
    assert len(stored(601)) == 600
    assert stored(601).startswith("g" * 536)
    assert stored(601) != stored(602)


def test_a_guid_that_is_the_link_with_a_number_of_its_revision_is_no_address_of_its_own() -> None:
    def own_address(guid: str) -> str:
        return identify_entries([Entry(guid, "News", f"{SITE}1")]).entries[0].own_url

    assert own_address(f"{SITE}1") == ""
    assert own_address(f"{SITE}1#2") == ""
    assert own_address("tag:q,2026:1") != ""
    assert own_address("post-1") != ""
    assert own_address(f"{SITE}2") != ""


def test_a_section_of_three_words_counts_by_its_last() -> None:
    rules = load_rules()
    assert rules.section_kind("hong kong opinion") == ArticleKind.OPINION
    assert rules.section_kind("the hong kong harbour opinion") is None
    assert rules.section_kind("live news") is None


def test_eight_words_of_forty_letters_are_searched_for() -> None:
    assert search_words("a " * 9) == ("a",) * 8
    assert search_words("x" * 41) == ("x" * 40,)
    assert fts5_query(("a", "b")) == '"a"* "b"*'
    assert tsquery(("a", "b")) == "'a':* & 'b':*"
