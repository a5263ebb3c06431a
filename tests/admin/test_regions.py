"""Named groups in the newsroom: editors add, change, retire and restore them, and all processes see it."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask

from digest.errors import ConflictError, NotFoundError
from digest.parts import Parts
from digest.regions import custom_groups
from digest.regions.custom_groups import ChangeAuthor
from digest.regions.store import groups as store
from digest.regions.tree import region_tree
from digest.regions.tree.groups import CountryGroup, InvalidGroupError
from tests.builders import World
from tests.web.browser_session import BrowserSession
from tests.web.form_values import form_values

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
def silk_road(editor: BrowserSession) -> BrowserSession:
    answer = editor.post("/admin/regions/new", SILK_ROAD, form_page="/admin/regions/new")
    assert "Subscribers can choose it" in editor.follow(answer)
    return editor


def test_a_new_group_is_on_the_public_form_and_found_by_its_aliases(
    silk_road: BrowserSession, parts: Parts
) -> None:
    form = silk_road.get_page("/")
    assert 'value="silk-road"' in form
    assert parts.tree.name("silk-road", "ru") == "Шёлковый путь"
    assert parts.tree.name("silk-road", "ka") == "Silk Road"
    assert parts.tree.countries_of(["silk-road"]) == {"KZ", "UZ", "IR"}
    assert 'value="silk-road"' in silk_road.get_page("/admin/preview?find=1&query=seidenweg")


def test_another_process_sees_a_change_at_its_next_look(silk_road: BrowserSession, parts: Parts) -> None:
    other = region_tree.load()
    with pytest.raises(NotFoundError):
        other.get("silk-road")
    custom_groups.refresh(parts.db, other)
    assert other.get("silk-road").countries == {"KZ", "UZ", "IR"}
    values = SILK_ROAD | {"regions": ["kz", "south-caucasus"]}
    silk_road.post("/admin/regions/silk-road", values, form_page="/admin/regions/silk-road")
    custom_groups.refresh(parts.db, other)
    assert other.get("silk-road").countries == {"KZ", "AM", "AZ", "GE"}


def test_a_digest_follows_a_changed_group(silk_road: BrowserSession, world: World, parts: Parts) -> None:
    world.article("A bridge over the river was opened", ["GE"])
    assert "A bridge" not in silk_road.get_page("/admin/preview?regions=silk-road")
    values = SILK_ROAD | {"regions": ["ge"], "name": "Golden Road"}
    silk_road.post("/admin/regions/silk-road", values, form_page="/admin/regions/silk-road")
    page = silk_road.get_page("/admin/preview?regions=silk-road")
    assert "A bridge" in page
    assert "Golden Road" in silk_road.get("/admin/preview/mail.html?regions=silk-road").text


def test_retiring_says_how_many_subscribers_have_the_group_and_they_keep_it(
    silk_road: BrowserSession, world: World, parts: Parts
) -> None:
    world.subscriber(regions=["silk-road"])
    world.subscriber(regions=["silk-road", "ge"])
    world.article("Melon harvest begins early", ["UZ"])
    assert "2 subscribers have chosen it" in silk_road.get_page("/admin/regions/silk-road/retire")
    page = silk_road.follow(
        silk_road.post("/admin/regions/silk-road/retire", form_page="/admin/regions/silk-road/retire")
    )
    assert "Retired" in page
    assert 'value="silk-road"' not in silk_road.get_page("/")
    assert parts.tree.search("silk road") == ()
    assert "Melon harvest" in silk_road.get_page("/admin/preview?regions=silk-road")
    silk_road.post("/admin/regions/silk-road/restore", form_page="/admin/regions/silk-road")
    assert 'value="silk-road"' in silk_road.get_page("/")


def test_a_subscriber_of_a_retired_group_still_sees_it_ticked_and_can_remove_it(
    silk_road: BrowserSession, world: World, parts: Parts
) -> None:
    subscriber = world.subscriber(regions=["silk-road", "ge"])
    silk_road.post("/admin/regions/silk-road/retire", form_page="/admin/regions/silk-road/retire")
    token = parts.links.token("preferences", subscriber.public_id, world.clock())
    page = silk_road.get_page(f"/preferences/{token}")
    assert '<input type="checkbox" name="regions" value="silk-road" checked' in page


def test_a_bundled_group_is_changed_and_reset(editor: BrowserSession, parts: Parts) -> None:
    values = {"name": "The Baltics", "parent": "europe", "source": "x", "regions": ["ee", "lv", "lt", "fi"]}
    editor.post("/admin/regions/baltics", values, form_page="/admin/regions/baltics")
    assert parts.tree.get("baltics").countries == {"EE", "LV", "LT", "FI"}
    assert "changed" in editor.get_page("/admin/regions")
    editor.post("/admin/regions/baltics/reset", form_page="/admin/regions/baltics")
    assert parts.tree.get("baltics").countries == {"EE", "LV", "LT"}
    assert parts.tree.name("baltics", "ru") == "Страны Балтии"


def test_the_last_change_is_undone_and_redone(silk_road: BrowserSession, parts: Parts) -> None:
    values = SILK_ROAD | {"regions": ["cn"]}
    silk_road.post("/admin/regions/silk-road", values, form_page="/admin/regions/silk-road")
    silk_road.post("/admin/regions/silk-road/undo", form_page="/admin/regions/silk-road")
    assert parts.tree.get("silk-road").countries == {"KZ", "UZ", "IR"}
    silk_road.post("/admin/regions/silk-road/undo", form_page="/admin/regions/silk-road")
    assert parts.tree.get("silk-road").countries == {"CN"}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"slug": "asia"}, "another region already has &#34;asia&#34;"),
        ({"slug": "Silk Road!"}, "is not valid; use 3 to 40 small letters"),
        ({"slug": "kz"}, "is not valid; use 3 to 40 small letters"),
        ({"name": ""}, "the English name is required"),
        ({"names": "nonsense"}, "is not a language code"),
        ({"names": "ru:"}, "must have 1 to 80 characters"),
        ({"regions": []}, "choose at least one"),
        ({"parent": "kz"}, "a group cannot belong to"),
        ({"source": "x" * 501}, "at most 500 characters"),
        ({"aliases": ",".join(f"n{i}" for i in range(30))}, "Other names: at most 20"),
    ],
)
def test_errors_are_shown_beside_the_field_and_nothing_is_lost(
    editor: BrowserSession, parts: Parts, wrong: dict[str, str], message: str
) -> None:
    answer = editor.post("/admin/regions/new", SILK_ROAD | wrong, form_page="/admin/regions/new")
    assert answer.status_code == 422
    assert message in answer.text
    assert "Our readers&#39; wish, 2026" in answer.text or "source" in wrong
    assert parts.tree.snapshot.version == 0


def test_find_narrows_the_list_and_keeps_what_was_typed(editor: BrowserSession) -> None:
    answer = editor.post(
        "/admin/regions/new", SILK_ROAD | {"find": "1", "query": "tbilisi"}, form_page="/admin/regions/new"
    )
    assert 'value="ge"' in answer.text
    assert 'type="hidden" name="regions" value="kz"' in answer.text
    assert "Silk Road" in answer.text


def test_a_failed_change_leaves_this_process_with_what_is_kept(
    silk_road: BrowserSession, parts: Parts
) -> None:
    someone = ChangeAuthor("ann@example.org", parts.clock())
    version = parts.tree.snapshot.version
    group = CountryGroup("silk-road", "asia", frozenset())
    with pytest.raises(InvalidGroupError):
        custom_groups.update(parts.db, parts.tree, "silk-road", lambda _before: group, someone)
    with pytest.raises(ConflictError):
        custom_groups.undo(parts.db, parts.tree, "sahel", someone)
    with pytest.raises(NotFoundError):
        custom_groups.reset_to_bundled(parts.db, parts.tree, "silk-road")
    with pytest.raises(NotFoundError):
        custom_groups.set_retired(parts.db, parts.tree, "kz", someone)
    assert parts.tree.snapshot.version == version


def test_names_of_strangers_are_only_text(editor: BrowserSession) -> None:
    values = SILK_ROAD | {"name": "<script>alert(1)</script>", "source": '"><img src=x>'}
    editor.post("/admin/regions/new", values, form_page="/admin/regions/new")
    for path in ("/admin/regions", "/admin/regions/silk-road", "/", "/admin/regions/silk-road/retire"):
        page = editor.get_page(path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_groups_are_for_those_who_are_signed_in(app: Flask) -> None:
    stranger = BrowserSession(app.test_client())
    assert stranger.get("/admin/regions").status_code == 302
    assert stranger.get("/admin/regions/new").status_code == 302


@pytest.mark.parametrize("slug", ["central-asia", "kz", "world"])
def test_a_region_that_is_no_group_is_not_called_unknown(editor: BrowserSession, slug: str) -> None:
    answer = editor.get(f"/admin/regions/{slug}")
    assert answer.status_code == 404
    assert f"{slug} is no group of countries that editors can change" in answer.text
    assert "did you mean" not in answer.text


def test_the_last_change_is_undone_only_if_the_page_has_shown_it(
    app: Flask, editor: BrowserSession, parts: Parts
) -> None:
    path = "/admin/regions/eu"
    editor.follow(editor.post(path, form_values(editor.get_page(path), "") | {"source": "First"}))
    undo = re.search(r'action="([^"]+/undo[^"]*)"', editor.get_page(path))
    assert undo
    with parts.db.begin() as tx:
        row = store.group_row(tx, "eu")
        assert row
        row.changed_at, row.changed_by = row.changed_at + timedelta(seconds=1), "anna@example.org"
    page = editor.follow(editor.post(unescape(undo[1])))
    assert "anna@example.org has changed the group since you opened the page" in page
    assert parts.tree.group("eu").source == "First"
