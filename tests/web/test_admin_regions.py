"""Named groups in the newsroom: made, changed, taken off the forms and back, by editors, for all processes."""

import pytest
from flask import Flask

from digest.errors import ConflictError, NotFoundError
from digest.parts import Parts
from digest.regions import custom_groups
from digest.regions.custom_groups import Editor
from digest.regions.tree import region_tree
from digest.regions.tree.groups import Group, InvalidGroupError
from tests.builders import World
from tests.web.browser_session import Desk

SILK_ROAD = {
    "name": "Silk Road",
    "slug": "silk-road",
    "names": "ru: Шёлковый путь\nde: Seidenstraße",
    "aliases": "Great Silk Road, Seidenweg",
    "parent": "asia",
    "source": "Our readers' wish, 2026",
    "regions": ["kz", "uz", "ir"],
}


@pytest.fixture
def silk_road(editor: Desk) -> Desk:
    answer = editor.post("/admin/regions/new", SILK_ROAD, on="/admin/regions/new")
    assert "readers can choose it" in editor.follow(answer)
    return editor


def test_a_new_group_is_on_the_readers_form_and_found_by_its_other_names(
    silk_road: Desk, parts: Parts
) -> None:
    form = silk_road.page("/")
    assert 'value="silk-road"' in form
    assert parts.tree.name("silk-road", "ru") == "Шёлковый путь"
    assert parts.tree.name("silk-road", "ka") == "Silk Road"
    assert parts.tree.expand(["silk-road"]) == {"KZ", "UZ", "IR"}
    assert 'value="silk-road"' in silk_road.page("/admin/preview?find=1&query=seidenweg")


def test_another_process_sees_a_change_at_its_next_look(silk_road: Desk, parts: Parts) -> None:
    other = region_tree.load()
    with pytest.raises(NotFoundError):
        other.get("silk-road")
    custom_groups.refresh(parts.db, other)
    assert other.get("silk-road").countries == {"KZ", "UZ", "IR"}
    values = SILK_ROAD | {"regions": ["kz", "south-caucasus"]}
    silk_road.post("/admin/regions/silk-road", values, on="/admin/regions/silk-road")
    custom_groups.refresh(parts.db, other)
    assert other.get("silk-road").countries == {"KZ", "AM", "AZ", "GE"}


def test_a_digest_follows_a_changed_group(silk_road: Desk, world: World, parts: Parts) -> None:
    world.article("A bridge over the river was opened", ["GE"])
    assert "A bridge" not in silk_road.page("/admin/preview?regions=silk-road")
    values = SILK_ROAD | {"regions": ["ge"], "name": "Golden Road"}
    silk_road.post("/admin/regions/silk-road", values, on="/admin/regions/silk-road")
    page = silk_road.page("/admin/preview?regions=silk-road")
    assert "A bridge" in page
    assert "Golden Road" in silk_road.get("/admin/preview/mail.html?regions=silk-road").text


def test_deleting_says_how_many_readers_have_it_and_they_keep_it(
    silk_road: Desk, world: World, parts: Parts
) -> None:
    world.reader(regions=["silk-road"])
    world.reader(regions=["silk-road", "ge"])
    world.article("Melon harvest begins early", ["UZ"])
    assert "2 readers have chosen it" in silk_road.page("/admin/regions/silk-road/retire")
    page = silk_road.follow(
        silk_road.post("/admin/regions/silk-road/retire", on="/admin/regions/silk-road/retire")
    )
    assert "Not offered any more" in page
    assert 'value="silk-road"' not in silk_road.page("/")
    assert parts.tree.search("silk road") == ()
    assert "Melon harvest" in silk_road.page("/admin/preview?regions=silk-road")
    silk_road.post("/admin/regions/silk-road/restore", on="/admin/regions/silk-road")
    assert 'value="silk-road"' in silk_road.page("/")


def test_a_reader_of_a_retired_group_still_sees_it_ticked_and_can_drop_it(
    silk_road: Desk, world: World, parts: Parts
) -> None:
    reader = world.reader(regions=["silk-road", "ge"])
    silk_road.post("/admin/regions/silk-road/retire", on="/admin/regions/silk-road/retire")
    token = parts.links.token("preferences", reader.public_id, world.clock())
    page = silk_road.page(f"/preferences/{token}")
    assert '<input type="checkbox" name="regions" value="silk-road" checked' in page


def test_a_group_of_the_program_is_changed_and_set_back(editor: Desk, parts: Parts) -> None:
    values = {"name": "The Baltics", "parent": "europe", "source": "x", "regions": ["ee", "lv", "lt", "fi"]}
    editor.post("/admin/regions/baltics", values, on="/admin/regions/baltics")
    assert parts.tree.get("baltics").countries == {"EE", "LV", "LT", "FI"}
    assert "changed" in editor.page("/admin/regions")
    editor.post("/admin/regions/baltics/reset", on="/admin/regions/baltics")
    assert parts.tree.get("baltics").countries == {"EE", "LV", "LT"}
    assert parts.tree.name("baltics", "ru") == "Страны Балтии"


def test_the_last_change_is_taken_back_and_done_again(silk_road: Desk, parts: Parts) -> None:
    values = SILK_ROAD | {"regions": ["cn"]}
    silk_road.post("/admin/regions/silk-road", values, on="/admin/regions/silk-road")
    silk_road.post("/admin/regions/silk-road/undo", on="/admin/regions/silk-road")
    assert parts.tree.get("silk-road").countries == {"KZ", "UZ", "IR"}
    silk_road.post("/admin/regions/silk-road/undo", on="/admin/regions/silk-road")
    assert parts.tree.get("silk-road").countries == {"CN"}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"slug": "asia"}, "there is a region &#34;asia&#34; already"),
        ({"slug": "Silk Road!"}, "is none: small letters"),
        ({"slug": "kz"}, "is none: small letters"),
        ({"name": ""}, "the English one is needed"),
        ({"names": "nonsense"}, "is no language code"),
        ({"names": "ru:"}, "must have 1 to 80 characters"),
        ({"regions": []}, "choose at least one"),
        ({"parent": "kz"}, "is no region that groups can hang under"),
        ({"source": "x" * 501}, "at most 500 characters"),
        ({"aliases": ",".join(f"n{i}" for i in range(30))}, "Other names: at most 20"),
    ],
)
def test_what_is_wrong_is_told_beside_the_field_and_nothing_is_lost(
    editor: Desk, parts: Parts, wrong: dict[str, str], told: str
) -> None:
    answer = editor.post("/admin/regions/new", SILK_ROAD | wrong, on="/admin/regions/new")
    assert answer.status_code == 422
    assert told in answer.text
    assert "Our readers&#39; wish, 2026" in answer.text or "source" in wrong
    assert parts.tree.shape.version == 0


def test_find_narrows_the_list_and_keeps_what_was_typed(editor: Desk) -> None:
    answer = editor.post(
        "/admin/regions/new", SILK_ROAD | {"find": "1", "query": "tbilisi"}, on="/admin/regions/new"
    )
    assert 'value="ge"' in answer.text
    assert 'type="hidden" name="regions" value="kz"' in answer.text
    assert "Silk Road" in answer.text


def test_a_failed_change_leaves_this_process_with_what_is_kept(silk_road: Desk, parts: Parts) -> None:
    someone = Editor("ann@example.org", parts.reader.clock())
    version = parts.tree.shape.version
    with pytest.raises(InvalidGroupError):
        custom_groups.define(parts.db, parts.tree, Group("silk-road", "asia", frozenset()), someone)
    with pytest.raises(ConflictError):
        custom_groups.undo(parts.db, parts.tree, "sahel", someone)
    with pytest.raises(NotFoundError):
        custom_groups.set_back(parts.db, parts.tree, "silk-road")
    with pytest.raises(NotFoundError):
        custom_groups.retire(parts.db, parts.tree, "kz", someone)
    assert parts.tree.shape.version == version


def test_names_of_strangers_are_only_text(editor: Desk) -> None:
    values = SILK_ROAD | {"name": "<script>alert(1)</script>", "source": '"><img src=x>'}
    editor.post("/admin/regions/new", values, on="/admin/regions/new")
    for path in ("/admin/regions", "/admin/regions/silk-road", "/", "/admin/regions/silk-road/retire"):
        page = editor.page(path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_groups_are_for_those_who_are_signed_in(app: Flask) -> None:
    stranger = Desk(app.test_client())
    assert stranger.get("/admin/regions").status_code == 302
    assert stranger.get("/admin/regions/new").status_code == 302
