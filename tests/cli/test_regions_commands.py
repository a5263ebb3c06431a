"""`dateline regions list` and `corrections`: what is in the database, for people and programs."""

import json

from flask import Flask

from digest.articles import moderation as articles
from digest.cli.editions import editions_group
from digest.cli.regions import regions_group
from digest.parts import Parts
from digest.regions import custom_groups
from digest.regions.custom_groups import Editor
from digest.regions.tree import region_tree
from digest.regions.tree.groups import Group
from tests.builders import World
from tests.cli.conftest import Run


def make_silk_road(parts: Parts) -> None:
    group = Group("silk-road", "asia", frozenset({"KZ", "UZ"}), {"en": "Silk Road"}, ("Seidenweg",))
    custom_groups.add(parts.db, parts.tree, group, Editor("ann@example.org", parts.reader.clock()))


def test_the_list_is_a_tree_in_the_language_asked_for(run: Run) -> None:
    lines = run(regions_group, "list", "--lang", "ru").out.splitlines()
    assert lines[0] == "Весь мир [world]"
    assert "      Казахстан [kz]" in lines
    assert "    Южный Кавказ [south-caucasus]: AM AZ GE" in lines


def test_the_list_for_programs_has_every_region_once(run: Run) -> None:
    rows = json.loads(run(regions_group, "list", "--format", "json").out)
    assert len({row["slug"] for row in rows}) == len(rows) > 250
    assert {
        "slug": "kz",
        "kind": "country",
        "parent": "central-asia",
        "name": "Kazakhstan",
        "countries": ["KZ"],
    } in rows


def test_the_list_has_what_editors_made(run: Run, parts: Parts) -> None:
    make_silk_road(parts)
    assert "    Silk Road [silk-road]: KZ UZ" in run(regions_group, "list").out.splitlines()


def test_a_search_finds_what_readers_would(run: Run, parts: Parts) -> None:
    make_silk_road(parts)
    for query, first in (
        ("Ivory Coast", "Côte d’Ivoire [ci]"),
        ("Côte d'Ivoire", "Côte d’Ivoire [ci]"),
        ("Burma", "Myanmar [mm]"),
        ("Türkiye", "Türkiye [tr]"),
        ("Holland", "Netherlands [nl]"),
        ("Kazakh", "Kazakhstan [kz]"),
        ("Tashkent", "Uzbekistan [uz]"),
        ("Германия", "Germany [de]"),
        ("Kazahstan", "Kazakhstan [kz]"),
        ("seidenweg", "Silk Road [silk-road]: KZ UZ"),
    ):
        assert run(regions_group, "list", "--search", query).out.splitlines()[0] == first, query
    assert run(regions_group, "list", "--search", "qqqqqq").out == ""


def test_corrections_are_cases_that_the_tagger_reads(run: Run, parts: Parts, world: World) -> None:
    world.article("Melon harvest begins early", ["TR"])
    world.article("A caravan reached the market", ["KZ"])
    articles.retag(parts.db, parts.tree, 1, ["UZ"], now=world.clock())
    lines = run(regions_group, "corrections").out.splitlines()
    assert [json.loads(line) for line in lines] == [
        {
            "id": "article-1",
            "url": "https://example.net/story/1",
            "title": "Melon harvest begins early",
            "text": "It happened yesterday. More is not known.",
            "home": "",
            "countries": ["UZ"],
            "primary": "UZ",
        }
    ]
    tagged = json.loads(run(regions_group, "tag", stdin="\n".join(lines)).out)
    assert tagged["id"] == "article-1"


def test_other_commands_know_what_editors_made_in_another_process(
    run: Run, parts: Parts, world: World
) -> None:
    world.article("A caravan reached the market", ["KZ"])
    elsewhere = region_tree.load()
    group = Group("silk-road", "asia", frozenset({"KZ", "UZ"}), {"en": "Silk Road"})
    custom_groups.add(parts.db, elsewhere, group, Editor("ann@example.org", parts.reader.clock()))
    assert "A caravan" in run(editions_group, "preview", "--regions", "silk-road").out


def test_a_task_begins_with_what_editors_made_in_another_process(app: Flask, parts: Parts) -> None:
    elsewhere = region_tree.load()
    group = Group("silk-road", "asia", frozenset({"KZ", "UZ"}), {"en": "Silk Road"})
    custom_groups.add(parts.db, elsewhere, group, Editor("ann@example.org", parts.reader.clock()))
    app.extensions["celery"].tasks["subscribers.forget"]()
    assert parts.tree.get("silk-road").countries == {"KZ", "UZ"}
