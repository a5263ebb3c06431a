"""The starter packs: what is in their files can be offered, and nothing is in them twice."""

from datetime import date

from babel import Locale

from digest.regions.tree.region_tree import RegionTree
from digest.sources.http.fetch import refusal_reason
from digest.sources.pure.feeds.opml import read_opml
from digest.sources.pure.feeds.starter_packs import FOLDER, pack_sources_of, starter_packs
from tests.database_fixtures import tree  # noqa: F401  -- a fixture

EVERY = [source for pack in starter_packs().values() for source in pack]


def test_each_pack_is_a_list_for_a_region_that_other_programs_can_read(tree: RegionTree) -> None:  # noqa: F811
    assert len(starter_packs()) == len(list(FOLDER.glob("*.opml")))
    for slug, pack in starter_packs().items():
        assert tree.get(slug).countries
        listed = read_opml((FOLDER / f"{slug}.opml").read_bytes())
        assert [(source.url, source.language) for source in listed] == [
            (source.url, source.language) for source in pack
        ]


def test_every_source_says_whose_it_is_and_where_its_address_was_found(tree: RegionTree) -> None:  # noqa: F811
    countries = tree.get("world").countries
    for source in EVERY:
        assert not refusal_reason(source.url), source.url
        assert source.link.startswith("https://"), source.url
        assert source.home == "" or source.home in countries, source.url
        assert source.publisher in ("broadcaster", "agency"), source.url
        assert Locale.parse(source.language), source.url
        assert date.fromisoformat(source.confirmed) <= date(2026, 11, 30), source.url
        assert source.confirmed_in, source.url


def test_no_address_is_offered_twice() -> None:
    assert len({source.url for source in EVERY}) == len(EVERY)


def test_the_publishers_of_a_country_are_found() -> None:
    assert [source.title for source in pack_sources_of(frozenset({"KG"}))] == ["Kabar"]
