"""Properties of the tags of any text, including hostile ones."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.regions import gazetteer
from digest.regions.pure.mentions import NON_ENGLISH_KINDS
from digest.regions.pure.text_folding import fold, lookup_key, normalize_punctuation
from digest.regions.pure.vocabulary import Phrase
from digest.regions.tree import region_tree

TAGGER = gazetteer.tagger()
COUNTRIES = region_tree.load().get("world").countries
PHRASES = [phrase.text for phrase in gazetteer.load().phrases]
ANY_TEXT = st.text(st.characters(codec=None), max_size=200)
PLACES = st.lists(
    st.one_of(
        st.sampled_from(PHRASES).map(str.title),
        st.sampled_from([", ", ". ", " ", "\n", " - ", "ская", "$", "\ud800", " Smith "]),
    ),
    max_size=20,
).map("".join)
TEXTS = st.one_of(ANY_TEXT, PLACES)


@given(title=TEXTS, text=TEXTS, home=st.sampled_from([None, "KZ", "US", "??"]))
@settings(max_examples=80, deadline=None)
def test_tags_of_any_text_are_ordered_bounded_and_have_evidence_in_the_text(
    title: str, text: str, home: str | None
) -> None:
    tags = TAGGER.tag(title, text, home=home)
    weights = [tag.weight for tag in tags]
    assert len(tags) <= 5
    assert weights == sorted(weights, reverse=True)
    assert weights[:1] in ([], [1.0])
    assert all(0 < weight <= 1 for weight in weights)
    assert len({tag.country for tag in tags}) == len(tags)
    for tag in tags:
        assert tag.country in COUNTRIES
        assert tag.evidence
        for evidence in tag.evidence:
            assert evidence.words in (title if evidence.where == "title" else text)


@given(ANY_TEXT)
@settings(max_examples=80, deadline=None)
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert lookup_key(lookup_key(text)) == lookup_key(text)


@given(ANY_TEXT)
@settings(max_examples=80, deadline=None)
def test_normalizing_punctuation_keeps_every_character_in_its_place(text: str) -> None:
    assert len(normalize_punctuation(text)) == len(text)
    assert normalize_punctuation(normalize_punctuation(text)) == normalize_punctuation(text)


@given(st.sampled_from(gazetteer.load().phrases))
@settings(max_examples=50, deadline=None)
def test_gazetteer_phrases_are_in_the_spelling_that_texts_are_compared_in(phrase: Phrase) -> None:
    if phrase.kind in NON_ENGLISH_KINDS:
        assert lookup_key(phrase.text) == phrase.text
    else:
        assert unicodedata.normalize("NFC", phrase.text) == phrase.text
        assert normalize_punctuation(phrase.text)
