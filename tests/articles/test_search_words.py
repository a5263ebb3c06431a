"""What is typed into the search for articles never breaks the search."""

from hypothesis import given
from hypothesis import strategies as st

from digest.articles.pure.search_words import MAX_WORDS, fts5_query, search_words, tsquery


def test_words_are_beginnings() -> None:
    words = search_words("Engineer's BRIDGE, Тбилиси")
    assert words == ("Engineer", "s", "BRIDGE", "Тбилиси")
    assert fts5_query(words[2:]) == '"BRIDGE"* "Тбилиси"*'
    assert tsquery(words[2:]) == "'BRIDGE':* & 'Тбилиси':*"


@given(st.text())
def test_no_sign_of_the_databases_own_languages_is_left(text: str) -> None:
    words = search_words(text)
    assert len(words) <= MAX_WORDS
    assert all(word and not set(word) & set("\"'\\:&|!()*<> ") for word in words)
