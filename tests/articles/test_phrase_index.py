"""Finding phrases among the words of a title."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.pure.phrase_index import PhraseIndex

INDEX = PhraseIndex(
    [("grand prix", "sport"), ("wicket*", "sport"), ("film festival*", "culture"), ("dead", "grave")]
)


def found(title: str) -> list[tuple[str, str]]:
    return [(match.meaning, match.words) for match in INDEX.find(title.split())]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("the grand prix begins", [("sport", "grand prix")]),
        ("a grand hotel prix", []),
        ("nine wickets fall", [("sport", "wickets")]),
        ("film festivals open", [("culture", "film festivals")]),
        ("a film", []),
        ("deadline", []),
        ("two dead at grand prix", [("grave", "dead"), ("sport", "grand prix")]),
    ],
)
def test_phrases_are_whole_words_and_stems_may_have_endings(
    title: str, expected: list[tuple[str, str]]
) -> None:
    assert found(title) == expected


@given(st.lists(st.sampled_from(["grand", "prix", "wicket", "film", "festival", "dead", "x"]), max_size=12))
def test_what_is_found_stands_in_the_title(words: list[str]) -> None:
    assert all(match.words in " ".join(words) for match in INDEX.find(words))
