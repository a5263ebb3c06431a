"""Title and first sentences, what a feed gives: with no room to say a thing twice, one word can be enough."""

import pytest

from digest.regions import gazetteer

TAGGER = gazetteer.tagger()
# Long enough that the same words are in passing.
REST = (
    " The river rose again on Monday, and the mayors of both banks asked for pumps, sand and more time." * 6
)


def countries(title: str, text: str) -> list[str]:
    return [tag.country for tag in TAGGER.tag(title, text)]


def test_the_titles_second_country_is_a_tag_though_the_text_speaks_of_the_first() -> None:
    title = "Peru sells its trams to Chile"
    text = "LIMA, May 3 - Forty trams of the Peruvian railway are for sale."
    assert countries(title, text) == ["PE", "CL"]
    assert countries(title, text + REST) == ["PE"]


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("and were brought to Thailand", ["MM", "TH"]),
        ("and live in the Philippines", ["MM", "PH"]),
        ("helped by northern Thailand", ["MM", "TH"]),
        ("helped by a Thai firm", ["MM"]),
        ("helped by the Bank of Thailand", ["MM"]),
    ],
)
def test_the_first_paragraph_tells_by_a_word_of_place_where_it_happened(
    end: str, expected: list[str]
) -> None:
    text = f"Myanmar freed workers of a farm in Mandalay {end}, a guard said."
    assert countries("Farm workers leave Myanmar", text) == expected


def test_it_tells_so_beside_the_country_of_a_dateline_but_not_beside_another_of_its_own() -> None:
    assert countries("Farm workers return", "LONDON, May 3 - Workers were brought to Thailand.") == [
        "GB",
        "TH",
    ]
    text = "Myanmar, said a guard in Myanmar, freed workers and brought them to Thailand."
    assert countries("Farm workers return", text) == ["MM"]


def test_what_is_far_behind_in_a_long_text_stays_in_passing() -> None:
    text = "Myanmar freed workers of a farm in Mandalay and brought them to Thailand, a guard said."
    assert countries("Farm workers leave Myanmar", text + REST) == ["MM"]
