"""The search for a region: by names in any language, demonyms, capitals, and similar spellings of these."""

from dataclasses import replace

import pytest

from digest.regions.tree import region_tree
from digest.regions.tree.groups import CountryGroup, InvalidGroupError, validate_group
from digest.regions.tree.outline import build_outline

TREE = region_tree.load()


def first_slug(query: str) -> str:
    regions = TREE.search(query)
    return regions[0].slug if regions else ""


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("Ivory Coast", "ci"),
        ("Côte d'Ivoire", "ci"),
        ("cote d’ivoire", "ci"),
        ("Burma", "mm"),
        ("Türkiye", "tr"),
        ("turkey", "tr"),
        ("Holland", "nl"),
        ("Kazakh", "kz"),
        ("Dutch", "nl"),
        ("Tashkent", "uz"),
        ("tbili", "ge"),
        ("kz", "kz"),
        ("Swaziland", "sz"),
        ("Scandinavia", "nordics"),
        ("Shanghai Cooperation", "sco"),
    ],
)
def test_other_names_demonyms_and_capitals_are_found(query: str, slug: str) -> None:
    assert first_slug(query) == slug


@pytest.mark.parametrize(
    ("query", "slug"),
    [("Германия", "de"), ("Alemania", "de"), ("საქარ", "ge"), ("Қазақ", "kz"), ("日本", "jp")],
)
def test_names_in_other_languages_than_the_pages_are_found(query: str, slug: str) -> None:
    assert first_slug(query) == slug


@pytest.mark.parametrize(
    ("query", "slug"),
    [("Kazahstan", "kz"), ("Uzbekhistan", "uz"), ("Moldovia", "md"), ("Azerbaidjan", "az")],
)
def test_a_misspelt_name_is_found_if_nothing_else_matches(query: str, slug: str) -> None:
    assert first_slug(query) == slug


def test_text_unlike_any_region_finds_nothing() -> None:
    for query in ("", "   ", "qzx", "qqqqqqqqqq", "§§§", "x" * 10_000):
        assert TREE.search(query) == ()


def test_a_retired_group_is_not_offered_but_resolves() -> None:
    tree = region_tree.load()
    names = {"en": "Silk Road", "fr": "Route de la soie"}
    tree.apply_changes([CountryGroup("silk-road", "asia", frozenset({"KZ"}), names, retired=True)], 1)
    assert tree.search("silk") == ()
    assert "silk-road" not in {region.slug for region in tree.children("asia")}
    assert tree.resolve("Silk Road").slug == "silk-road"
    assert tree.name("silk-road", "fr") == "Route de la soie"
    assert tree.countries_of(["silk-road"]) == {"KZ"}


def test_only_a_changed_tree_gets_a_new_outline() -> None:
    tree = region_tree.load()
    before = build_outline(tree, "en")
    assert build_outline(region_tree.load(), "en") is before
    tree.apply_changes([CountryGroup("silk-road", "world", frozenset({"KZ"}), {"en": "Silk Road"})], 1)
    assert "silk-road" in {node.slug for node in build_outline(tree, "en")}
    assert build_outline(region_tree.load(), "en") is before


def test_names_of_groups_may_have_the_joiners_of_their_language() -> None:
    names = {"en": "Lake countries", "fa": "کشورهای دریاچه‌ای"}
    group = CountryGroup("lake-countries", "asia", frozenset({"KZ"}), names)
    validate_group(group, parents=["asia"], other_slugs=[], countries=["KZ"])
    for character in ("\n", "\x00", "\u2028", "\u202e"):
        with pytest.raises(InvalidGroupError):
            validate_group(
                replace(group, names=names | {"de": f"See{character}länder"}),
                parents=["asia"], other_slugs=[], countries=["KZ"],
            )  # fmt: skip
