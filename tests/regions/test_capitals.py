"""Names in capitals: they count in headlines, datelines and texts in capitals; elsewhere they are headings."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.regions import gazetteer
from digest.regions.pure.mentions import NON_ENGLISH_KINDS, SHORTEST_UPPERCASE_LEADER, PhraseFinder
from digest.regions.pure.uppercase import UppercaseNormalizer
from digest.regions.pure.vocabulary import Phrase, PhraseKind

TAGGER = gazetteer.tagger()
FINDER = PhraseFinder(gazetteer.load())
NORMALIZER = UppercaseNormalizer(["NATO", "La Paz", "Bank of LA"])
PHRASES = [
    phrase
    for phrase in gazetteer.load().phrases
    if phrase.kind not in NON_ENGLISH_KINDS | {PhraseKind.ACRONYM, PhraseKind.QUALIFIER, PhraseKind.GUARD}
    and not (phrase.kind is PhraseKind.LEADER and len(phrase.text) < SHORTEST_UPPERCASE_LEADER)
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
def test_words_in_capitals_become_names_except_words_that_are_always_in_capitals(
    text: str, expected: str
) -> None:
    assert NORMALIZER.normalize(text) == expected


@given(st.text(st.characters(codec=None), max_size=100))
@settings(deadline=None)
def test_normalizing_keeps_every_character_in_its_place(text: str) -> None:
    assert len(NORMALIZER.normalize(text)) == len(text)
    assert NORMALIZER.normalize(text).lower().replace("i̇", "i") == text.lower().replace("i̇", "i")


@given(st.sampled_from(PHRASES))
@settings(max_examples=200, deadline=None)
def test_every_phrase_is_found_in_capitals(phrase: Phrase) -> None:
    mentions = FINDER.find(f"{phrase.text.upper()} WORD", "title", english=True)
    assert [mention.start for mention in mentions][:1] == [0]


def test_a_town_in_capitals_is_found_in_a_headline_a_dateline_and_a_text_in_capitals() -> None:
    assert countries("ROTTERDAM PORT OPENS") == ["NL"]
    assert countries("Port opens", "ROTTERDAM, May 3 - The port opened.") == ["NL"]
    uppercase_text = "THE PORT OPENED WITH MUSIC. " * 20 + "SHIPS CAME TO ROTTERDAM. "
    assert countries("Port opens", uppercase_text) == ["NL"]


def test_a_town_in_capitals_far_down_a_text_is_a_heading() -> None:
    assert countries("Port opens", "The port opened with music. " * 20 + "ROTTERDAM. Ships came.") == []
    assert countries("Port opens", "The port opened with music. " * 20 + "Rotterdam saw ships.") == ["NL"]
