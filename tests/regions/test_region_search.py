"""Looking for a region: what people type is a name in some language, a people, a capital, or nearly one of these."""

import pytest

from digest.regions.tree import region_tree
from digest.regions.tree.groups import Group
from digest.regions.tree.outline import outline

REGIONS = region_tree.load()


def first(query: str, lang: str = "en") -> str:
    found = REGIONS.search(query, lang)
    return found[0].slug if found else ""


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
def test_other_names_peoples_and_capitals_are_found(query: str, slug: str) -> None:
    assert first(query) == slug


@pytest.mark.parametrize(
    ("query", "slug"),
    [("Германия", "de"), ("Alemania", "de"), ("საქარ", "ge"), ("Қазақ", "kz"), ("日本", "jp")],
)
def test_names_of_other_languages_than_the_pages_are_found(query: str, slug: str) -> None:
    assert first(query) == slug


@pytest.mark.parametrize(
    ("query", "slug"),
    [("Kazahstan", "kz"), ("Uzbekhistan", "uz"), ("Moldovia", "md"), ("Azerbaidjan", "az")],
)
def test_a_misspelt_name_is_found_where_nothing_fits(query: str, slug: str) -> None:
    assert first(query) == slug


def test_what_is_nothing_like_a_region_is_not_found() -> None:
    for query in ("", "   ", "qzx", "qqqqqqqqqq", "§§§", "x" * 10_000):
        assert REGIONS.search(query) == ()


def test_a_retired_group_is_not_found_and_not_on_offer_but_resolves() -> None:
    changed = region_tree.load()
    names = {"en": "Silk Road", "fr": "Route de la soie"}
    changed.replace([Group("silk-road", "asia", frozenset({"KZ"}), names, retired=True)], 1)
    assert changed.search("silk") == ()
    assert "silk-road" not in {region.slug for region in changed.children("asia")}
    assert changed.resolve("Silk Road").slug == "silk-road"
    assert changed.name("silk-road", "fr") == "Route de la soie"
    assert changed.expand(["silk-road"]) == {"KZ"}


def test_an_outline_is_made_again_for_a_changed_tree_alone() -> None:
    changed = region_tree.load()
    before = outline(changed, "en")
    assert outline(region_tree.load(), "en") is before
    changed.replace([Group("silk-road", "world", frozenset({"KZ"}), {"en": "Silk Road"})], 1)
    assert "silk-road" in {node.slug for node in outline(changed, "en")}
    assert outline(region_tree.load(), "en") is before
