"""Names in capitals throughout: in headlines, datelines and texts that shout; elsewhere they are headings."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.regions import gazetteer
from digest.regions.pure.mentions import OTHER_LANGUAGES, Finder
from digest.regions.pure.uppercase import Capitals
from digest.regions.pure.vocabulary import Kind, Phrase

TAGGER = gazetteer.tagger()
FINDER = Finder(gazetteer.load())
CAPITALS = Capitals(["NATO", "La Paz", "Bank of LA"])
PHRASES = [
    phrase
    for phrase in gazetteer.load().phrases
    if phrase.kind not in OTHER_LANGUAGES | {Kind.ACRONYM, Kind.QUALIFIER, Kind.GUARD}
]


def countries(title: str, text: str = "") -> list[str]:
    return [tag.country for tag in TAGGER.tag(title, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NEW YORK, May 3", "New York, May 3"),
        ("MCALLEN - O'FALLON", "Mcallen - O'Fallon"),
        ("NATO's men in LA", "NATO's men in LA"),
        ("ŁÓDŹ and İZMİR", "Łódź and İzmir"),
        ("iPHONE, 3D, Y", "iPHONE, 3D, Y"),
        ("МОСКВА", "МОСКВА"),
    ],
)
def test_words_in_capitals_are_written_as_names_are_but_those_that_are_always_so(
    text: str, expected: str
) -> None:
    assert CAPITALS.lowered(text) == expected


@given(st.text(st.characters(codec=None), max_size=100))
@settings(deadline=None)
def test_what_is_lowered_keeps_every_character_in_its_place(text: str) -> None:
    assert len(CAPITALS.lowered(text)) == len(text)
    assert CAPITALS.lowered(text).lower().replace("i̇", "i") == text.lower().replace("i̇", "i")


@given(st.sampled_from(PHRASES))
@settings(max_examples=200, deadline=None)
def test_every_phrase_is_found_in_capitals(phrase: Phrase) -> None:
    found = FINDER.find(f"{phrase.text.upper()} WORD", "title", english=True)
    assert [mention.start for mention in found][:1] == [0]


def test_a_town_in_capitals_is_found_in_a_headline_a_dateline_and_a_text_that_shouts() -> None:
    assert countries("ROTTERDAM PORT OPENS") == ["NL"]
    assert countries("Port opens", "ROTTERDAM, May 3 - The port opened.") == ["NL"]
    shouting = "THE PORT OPENED WITH MUSIC. " * 20 + "SHIPS CAME TO ROTTERDAM. "
    assert countries("Port opens", shouting) == ["NL"]


def test_a_town_in_capitals_far_down_a_text_is_a_heading() -> None:
    assert countries("Port opens", "The port opened with music. " * 20 + "ROTTERDAM. Ships came.") == []
    assert countries("Port opens", "The port opened with music. " * 20 + "Rotterdam saw ships.") == ["NL"]
