"""Short texts such as a feed gives: with no room to say a thing twice, one word can be enough for a tag."""

import pytest

from digest.regions import gazetteer

TAGGER = gazetteer.tagger()
# Makes a text so long that the same words are only in passing.
PADDING = (
    " The river rose again on Monday, and the mayors of both banks asked for pumps, sand and more time." * 6
)


def countries(title: str, text: str) -> list[str]:
    return [tag.country for tag in TAGGER.tag(title, text)]


def test_a_second_country_in_the_title_is_a_tag_even_if_the_text_is_about_the_first() -> None:
    title = "Peru sells its trams to Chile"
    text = "LIMA, May 3 - Forty trams of the Peruvian railway are for sale."
    assert countries(title, text) == ["PE", "CL"]
    assert countries(title, text + PADDING) == ["PE"]


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
def test_a_country_after_a_preposition_of_place_in_the_first_paragraph_is_a_tag(
    end: str, expected: list[str]
) -> None:
    text = f"Myanmar freed workers of a farm in Mandalay {end}, a guard said."
    assert countries("Farm workers leave Myanmar", text) == expected


def test_a_preposition_counts_beside_a_dateline_but_not_beside_a_country_of_the_lead() -> None:
    assert countries("Farm workers return", "LONDON, May 3 - Workers were brought to Thailand.") == [
        "GB",
        "TH",
    ]
    text = "Myanmar, said a guard in Myanmar, freed workers and brought them to Thailand."
    assert countries("Farm workers return", text) == ["MM"]


def test_a_country_that_a_long_text_names_once_is_no_tag() -> None:
    text = "Myanmar freed workers of a farm in Mandalay and brought them to Thailand, a guard said."
    assert countries("Farm workers leave Myanmar", text + PADDING) == ["MM"]
