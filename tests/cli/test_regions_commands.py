"""`dateline regions list` and `corrections`: the commands that read the database."""

import json

from flask import Flask

from digest.articles import moderation
from digest.articles.store import articles
from digest.cli.editions import editions_group
from digest.cli.regions import regions_group
from digest.parts import Parts
from digest.regions import custom_groups
from digest.regions.custom_groups import ChangeAuthor
from digest.regions.tree import region_tree
from digest.regions.tree.groups import CountryGroup
from tests.builders import World
from tests.cli.conftest import RunCommand


def add_silk_road(parts: Parts) -> None:
    group = CountryGroup("silk-road", "asia", frozenset({"KZ", "UZ"}), {"en": "Silk Road"}, ("Seidenweg",))
    custom_groups.add(parts.db, parts.tree, group, ChangeAuthor("ann@example.org", parts.clock()))


def test_the_list_is_a_tree_in_the_language_asked_for(run: RunCommand) -> None:
    lines = run(regions_group, "list", "--lang", "ru").out.splitlines()
    assert lines[0] == "Весь мир [world]"
    assert "      Казахстан [kz]" in lines
    assert "    Южный Кавказ [south-caucasus]: AM AZ GE" in lines


def test_the_list_for_programs_has_every_region_once(run: RunCommand) -> None:
    rows = json.loads(run(regions_group, "list", "--format", "json").out)
    assert len({row["slug"] for row in rows}) == len(rows) > 250
    assert {
        "slug": "kz",
        "kind": "country",
        "parent": "central-asia",
        "name": "Kazakhstan",
        "countries": ["KZ"],
    } in rows


def test_the_list_has_groups_that_editors_added(run: RunCommand, parts: Parts) -> None:
    add_silk_road(parts)
    assert "    Silk Road [silk-road]: KZ UZ" in run(regions_group, "list").out.splitlines()


def test_a_search_finds_names_demonyms_and_capitals(run: RunCommand, parts: Parts) -> None:
    add_silk_road(parts)
    for query, first_line in (
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
        assert run(regions_group, "list", "--search", query).out.splitlines()[0] == first_line, query
    assert run(regions_group, "list", "--search", "qqqqqq").out == ""


def test_corrections_are_lines_that_the_tag_command_reads(
    run: RunCommand, parts: Parts, world: World
) -> None:
    world.article("Melon harvest begins early", ["TR"])
    world.article("A caravan reached the market", ["KZ"])
    moderation.retag(parts.db, parts.tree, 1, ["UZ"], now=world.clock())
    lines = run(regions_group, "corrections").out.splitlines()
    with parts.db.read() as tx:
        text = articles.by_id(tx, 1).text
    assert [json.loads(line) for line in lines] == [
        {
            "id": "article-1",
            "url": "https://example.net/story/1",
            "title": "Melon harvest begins early",
            "text": text,
            "home": "",
            "countries": ["UZ"],
            "primary": "UZ",
            "groups": [],
        }
    ]
    tagged = json.loads(run(regions_group, "tag", stdin="\n".join(lines)).out)
    assert tagged["id"] == "article-1"


def test_other_commands_know_groups_that_editors_added_in_another_process(
    run: RunCommand, parts: Parts, world: World
) -> None:
    world.article("A caravan reached the market", ["KZ"])
    other_process_tree = region_tree.load()
    group = CountryGroup("silk-road", "asia", frozenset({"KZ", "UZ"}), {"en": "Silk Road"})
    custom_groups.add(parts.db, other_process_tree, group, ChangeAuthor("ann@example.org", parts.clock()))
    assert "A caravan" in run(editions_group, "preview", "--regions", "silk-road").out


def test_a_task_begins_with_groups_that_editors_added_in_another_process(app: Flask, parts: Parts) -> None:
    other_process_tree = region_tree.load()
    group = CountryGroup("silk-road", "asia", frozenset({"KZ", "UZ"}), {"en": "Silk Road"})
    custom_groups.add(parts.db, other_process_tree, group, ChangeAuthor("ann@example.org", parts.clock()))
    app.extensions["celery"].tasks["subscribers.forget"]()
    assert parts.tree.get("silk-road").countries == {"KZ", "UZ"}
