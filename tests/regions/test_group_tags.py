"""Organisations and parts of the world: a text about them is about a group of countries."""

import pytest

from digest.regions import data_files, gazetteer
from digest.regions.pure.vocabulary import PhraseKind
from digest.regions.tree import region_tree


def groups(title: str, text: str = "") -> list[str]:
    return [tag.group for tag in gazetteer.tagger().tag_regions(title, text).groups]


def countries(title: str, text: str = "") -> set[str]:
    return {tag.country for tag in gazetteer.tagger().tag(title, text)}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("European Commission fines a maker of phones", ["eu"]),
        ("Parliament of the EU and ASEAN envoys meet", ["asean", "eu"]),
        ("Совет Безопасности ООН собрался на заседание", ["world"]),
        ("Avrupa Birliği'nin yeni bütçesi açıklandı", ["eu"]),
        ("Les pays du Golfe signent un accord", ["gulf"]),
    ],
)
def test_an_organisation_stands_for_its_group(title: str, expected: list[str]) -> None:
    assert groups(title) == expected
    assert countries(title) == set()


@pytest.mark.parametrize(
    "title",
    [
        "MAN WHO LOST HIS KEYS FINDS THEM IN THE GARDEN",
        "The man who saw it all",
        "Ее сын есть в списке, если верить газете",  # the letters of ЕС, not in capitals
        "Un million de visiteurs au musée",
    ],
)
def test_an_acronym_counts_only_in_capitals_and_not_in_a_text_of_capitals(title: str) -> None:
    assert groups(title) == []


def test_world_and_continents_count_only_without_a_country() -> None:
    assert groups("UN agency warns of hunger") == ["world"]
    assert groups("UN agency warns of hunger in Haiti") == []
    assert groups("African farmers plant trees") == ["africa"]
    assert groups("Kenyan farmers plant the largest forest of Africa") == []


def test_an_organisation_in_passing_is_no_group() -> None:
    text = (
        "Peru closed a mine. The mine in Peru is old. " * 3 + "An official of the European Union visited it."
    )
    assert groups("Peru closes its oldest mine", text) == []


def test_a_group_tag_says_which_words_speak_for_it() -> None:
    (tag,) = gazetteer.tagger().tag_regions("NATO allies meet", "NATO ministers met on Monday.").groups
    assert [(item.where, item.words, item.kind) for item in tag.evidence] == [
        ("title", "NATO", "group"),
        ("lead", "NATO", "group"),
    ]
    assert tag.weight == 1.0


def test_every_organisation_means_a_region_of_the_tree_and_has_words_in_english() -> None:
    slugs = {region.slug for region in region_tree.load().all()}
    organizations = data_files.organizations()
    assert {region for words in organizations.values() for region in words} <= slugs
    assert all(region in organizations["en"] for words in organizations.values() for region in words)
    assert set(organizations) == {
        "ar", "az", "de", "en", "es", "fa", "fr", "hy", "ka", "kk", "ru", "tr", "uk",
    }  # fmt: skip


def test_the_bundled_gazetteer_has_every_english_word_of_the_files() -> None:
    kinds = {phrase.text.lower(): phrase.kind for phrase in gazetteer.load().phrases}
    for texts in data_files.organizations()["en"].values():
        assert all(kinds[text.lower()] is PhraseKind.GROUP for text in texts), texts
    for people in data_files.leaders().values():
        for texts in (row["en"] for row in people.values()):
            assert all(kinds[text.lower()] is PhraseKind.LEADER for text in texts), texts
