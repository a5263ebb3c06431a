"""The bundled data files of regions are consistent, with each other and with handmade.toml."""

import tomllib
from importlib import resources

from digest.i18n.catalogs import PAGE_LANGUAGES
from digest.regions import data_files, gazetteer
from digest.regions.pure.mentions import PLACE_KINDS
from digest.regions.pure.text_folding import lookup_key
from digest.regions.pure.vocabulary import PhraseCheck, PhraseKind
from digest.regions.tree import region_tree
from tools.gazetteer import people
from tools.gazetteer.towns import is_numbered

WORLD = region_tree.load().get("world").countries
HANDMADE = tomllib.loads(
    (resources.files("digest.regions") / "data" / "handmade.toml").read_text(encoding="utf-8")
)


def test_every_phrase_is_unique_and_means_existing_countries() -> None:
    phrases = gazetteer.load().phrases
    assert len({phrase.text for phrase in phrases}) == len(phrases)
    assert {code for p in phrases if p.kind is not PhraseKind.GROUP for code in p.countries} <= WORLD


def test_every_phrase_of_a_group_means_one_region() -> None:
    groups = [phrase for phrase in gazetteer.load().phrases if phrase.kind is PhraseKind.GROUP]
    slugs = {region.slug for region in region_tree.load().all() if region.kind != "country"}
    assert groups
    assert {phrase.countries for phrase in groups} <= {(slug,) for slug in slugs}


def test_every_named_group_has_a_name_in_each_language_of_the_pages() -> None:
    groups = {slug: row["names"] for slug, row in data_files.groups().items() if "m49" not in row}
    assert groups
    assert {
        slug: missing for slug, names in groups.items() if (missing := set(PAGE_LANGUAGES) - names.keys())
    } == {}


def test_the_gazetteer_was_built_after_the_last_change_of_the_handmade_data() -> None:
    gazetteer_keys = {lookup_key(phrase.text) for phrase in gazetteer.load().phrases}
    tables = ("aliases", "acronyms", "demonyms", "governments", "capitals", "cities", "qualifiers")
    handmade_texts = [text for table in tables for texts in HANDMADE[table].values() for text in texts]
    handmade_texts += [*HANDMADE["either"], *HANDMADE["guards"]["words"], *HANDMADE["nature"]["words"]]
    handmade_texts += [
        f"{name} {word}" for name, row in HANDMADE["divisions"].items() for word in row["words"]
    ]
    assert {lookup_key(text) for text in handmade_texts} - gazetteer_keys == set()
    given_names = {
        phrase.text.lower() for phrase in gazetteer.load().phrases if phrase.checks & PhraseCheck.GIVEN_NAME
    }
    names = {*HANDMADE["people"]["words"], *people.given_names()}
    assert given_names <= {lookup_key(text) for text in names}


def test_no_place_is_a_number_or_has_a_footnote() -> None:
    kind_by_text = {phrase.text: phrase.kind for phrase in gazetteer.load().phrases}
    handmade_cities = {text for texts in HANDMADE["cities"].values() for text in texts}
    numbered = {
        text for text, kind in kind_by_text.items() if kind in PLACE_KINDS and is_numbered(lookup_key(text))
    }
    assert numbered - handmade_cities == set()
    assert not [text for text in kind_by_text if set("¹²³") & set(text)]
    assert {"Tartu", "6th of October City"} <= kind_by_text.keys()


def test_a_guard_hides_no_name_of_a_country() -> None:
    guards = {lookup_key(text) for text in HANDMADE["guards"]["words"]}
    tables = ("aliases", "demonyms", "governments", "capitals", "cities")
    names = {lookup_key(text) for table in tables for texts in HANDMADE[table].values() for text in texts}
    names |= {lookup_key(region_tree.load().name(code.lower())) for code in WORLD}
    assert guards & names == set()


def test_every_group_names_the_source_of_its_definition() -> None:
    for slug, group in data_files.groups().items():
        assert group["source"], slug
        assert ("m49" in group) != ("countries" in group), slug
        assert group.get("countries", []) == sorted(group.get("countries", [])), slug


def test_every_country_has_a_name_in_english_and_in_the_gazetteer() -> None:
    named_countries = {
        phrase.countries[0]
        for phrase in gazetteer.load().phrases
        if phrase.countries and phrase.kind == "name"
    }
    tree = region_tree.load()
    for code in WORLD:
        assert tree.name(code.lower()) != code
    assert WORLD - named_countries == set()
