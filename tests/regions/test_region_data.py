"""The bundled data of regions agrees with itself and with the hand-made part it was built from."""

import tomllib
from importlib import resources

from digest.regions import data_files, gazetteer
from digest.regions.pure.mentions import PLACES
from digest.regions.pure.text_folding import words
from digest.regions.pure.vocabulary import Care
from digest.regions.tree import region_tree
from tools.gazetteer.towns import is_numbered

WORLD = region_tree.load().get("world").countries
HANDMADE = tomllib.loads(
    (resources.files("digest.regions") / "data" / "handmade.toml").read_text(encoding="utf-8")
)


def test_every_phrase_stands_once_and_means_known_countries() -> None:
    phrases = gazetteer.load().phrases
    assert len({phrase.text for phrase in phrases}) == len(phrases)
    assert {code for phrase in phrases for code in phrase.countries} <= WORLD


def test_the_gazetteer_has_been_built_since_its_handmade_part_was_changed() -> None:
    known = {words(phrase.text) for phrase in gazetteer.load().phrases}
    tables = ("aliases", "acronyms", "demonyms", "governments", "capitals", "cities", "qualifiers")
    written = [text for table in tables for texts in HANDMADE[table].values() for text in texts]
    written += [*HANDMADE["either"], *HANDMADE["guards"]["words"]]
    assert {words(text) for text in written} - known == set()
    namesakes = {phrase.text.lower() for phrase in gazetteer.load().phrases if phrase.care & Care.NAMESAKE}
    assert namesakes <= {words(text) for text in HANDMADE["people"]["words"]}


def test_no_place_is_a_number_or_has_a_footnote() -> None:
    phrases = {phrase.text: phrase.kind for phrase in gazetteer.load().phrases}
    by_hand = {text for texts in HANDMADE["cities"].values() for text in texts}
    numbered = {text for text, kind in phrases.items() if kind in PLACES and is_numbered(words(text))}
    assert numbered - by_hand == set()
    assert not [text for text in phrases if set("¹²³") & set(text)]
    assert {"Tartu", "6th of October City"} <= phrases.keys()


def test_a_guard_hides_no_name_of_a_country() -> None:
    guards = {words(text) for text in HANDMADE["guards"]["words"]}
    tables = ("aliases", "demonyms", "governments", "capitals", "cities")
    names = {words(text) for table in tables for texts in HANDMADE[table].values() for text in texts}
    names |= {words(region_tree.load().name(code.lower())) for code in WORLD}
    assert guards & names == set()


def test_every_group_says_whose_definition_it_is() -> None:
    for slug, group in data_files.groups().items():
        assert group["source"], slug
        assert ("m49" in group) != ("countries" in group), slug
        assert group.get("countries", []) == sorted(group.get("countries", [])), slug


def test_every_country_has_a_name_in_english_and_in_the_gazetteer() -> None:
    named = {
        phrase.countries[0]
        for phrase in gazetteer.load().phrases
        if phrase.countries and phrase.kind == "name"
    }
    regions = region_tree.load()
    for code in WORLD:
        assert regions.name(code.lower()) != code
    assert WORLD - named == set()
