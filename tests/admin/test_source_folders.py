"""Folders on the list of sources: filtering, grouping, moving, renaming, and taking it back."""

import re
from io import BytesIO

import pytest
from flask import Flask

from digest.parts import Parts
from digest.sources.pure.feeds.starter_packs import starter_packs
from digest.sources.store import sources
from tests.builders import World
from tests.web.browser_session import BrowserSession, sign_in_as


@pytest.fixture
def ids(world: World, parts: Parts) -> dict[str, int]:
    """The ids of three sources: two in folders, one in none."""
    made = {name: world.source(name) for name in ("Almaty Post", "Baku Post", "Cairo Post")}
    with parts.db.begin() as tx:
        for name, folder in (("Almaty Post", "Asia/Central"), ("Baku Post", "Asia")):
            sources.by_id(tx, made[name]).folder = folder
    return made


def folders(parts: Parts) -> list[str]:
    """The folder of each source, by title."""
    with parts.db.read() as tx:
        return [row.folder for row in sources.all_sources(tx)]


def titles(page: str) -> list[str]:
    return re.findall(r">(\w+ Post)</a>", page)


def undo_fields(page: str) -> dict[str, str]:
    """The address and the field of the button beside the message."""
    found = re.search(r'name="move" value="(\w+)"', page)
    assert found, page
    return {"move": found[1]}


@pytest.mark.usefixtures("ids")
def test_the_list_is_filtered_by_a_folder_with_those_in_it(editor: BrowserSession) -> None:
    page = editor.get_page("/admin/sources")
    assert '<option value="Asia">Asia (2)</option>' in page
    assert '<option value="Asia/Central">Asia/Central (1)</option>' in page
    assert '<option value="/">none (1)</option>' in page
    assert titles(editor.get_page("/admin/sources?folder=Asia&sort=title")) == ["Almaty Post", "Baku Post"]
    assert titles(editor.get_page("/admin/sources?folder=/")) == ["Cairo Post"]
    assert titles(editor.get_page("/admin/sources?folder=Asi")) == []


@pytest.mark.usefixtures("ids")
def test_the_list_is_grouped_by_folder(editor: BrowserSession) -> None:
    page = editor.get_page("/admin/sources?sort=folder")
    assert titles(page) == ["Baku Post", "Almaty Post", "Cairo Post"]
    groups = re.findall(r'<th scope="rowgroup"[^>]*>(?:<a[^>]*>)?([^<]+)', page)
    assert groups == ["Asia", "Asia/Central", "In no folder"]


def test_ticked_sources_are_moved_and_moved_back(
    editor: BrowserSession, ids: dict[str, int], parts: Parts
) -> None:
    form = {"ids": [str(ids["Almaty Post"]), str(ids["Cairo Post"])], "to": "Post/Daily", "step": "to"}
    answer = editor.post("/admin/sources/move?sort=folder&q=post", form)
    assert answer.location == "/admin/sources?q=post&sort=folder"
    page = editor.follow(answer)
    assert "2 sources are moved to Post/Daily." in page
    assert folders(parts) == ["Post/Daily", "Asia", "Post/Daily"]
    back = editor.follow(editor.post("/admin/sources/take-back-move", undo_fields(page)))
    assert "2 sources are moved back." in back
    assert folders(parts) == ["Asia/Central", "Asia", ""]
    again = editor.follow(editor.post("/admin/sources/take-back-move", undo_fields(page)))
    assert "taken back already; nothing is changed." in again
    assert "moved back." not in again


def test_all_that_match_are_taken_out_of_their_folders(
    editor: BrowserSession, ids: dict[str, int], parts: Parts
) -> None:
    form = {"scope": "all", "to": "not used", "step": "out", "ids": str(ids["Cairo Post"])}
    page = editor.follow(editor.post("/admin/sources/move?folder=Asia", form))
    assert "2 sources are taken out of their folders." in page
    assert folders(parts) == ["", "", ""]


def test_moving_needs_a_name_and_ticks_and_keeps_what_was_typed(
    editor: BrowserSession, ids: dict[str, int], parts: Parts
) -> None:
    ticked = str(ids["Baku Post"])
    answer = editor.post("/admin/sources/move?folder=Asia", {"ids": ticked, "to": " ", "step": "to"})
    assert answer.status_code == 400
    assert "Enter the name of a folder." in answer.text
    assert re.search(rf'value="{ticked}" form="move" aria-label="Baku Post" checked', answer.text)
    answer = editor.post("/admin/sources/move", {"to": "Africa", "step": "to"})
    assert "Tick sources first" in answer.text
    assert 'value="Africa"' in answer.text
    assert folders(parts) == ["Asia/Central", "Asia", ""]


@pytest.mark.usefixtures("ids")
def test_a_folder_is_renamed_and_called_as_before_again(editor: BrowserSession, parts: Parts) -> None:
    assert "Rename the folder" not in editor.get_page("/admin/sources?folder=/")
    assert "Rename the folder “Asia”" in editor.get_page("/admin/sources?folder=Asia")
    answer = editor.post("/admin/sources/rename-folder?folder=Asia", {"name": "The East"})
    assert answer.location == "/admin/sources?folder=The+East"
    page = editor.follow(answer)
    assert folders(parts) == ["The East/Central", "The East", ""]
    editor.post("/admin/sources/take-back-move", undo_fields(page))
    assert folders(parts) == ["Asia/Central", "Asia", ""]
    assert editor.post("/admin/sources/rename-folder?folder=Asi", {"name": "x"}).status_code == 404


@pytest.mark.usefixtures("ids")
def test_a_name_that_is_refused_is_shown_again_with_the_reason(editor: BrowserSession, parts: Parts) -> None:
    for name, reason in (("", "Enter the name of a folder."), ("x" * 61, "at most 60 characters")):
        answer = editor.post("/admin/sources/rename-folder?folder=Asia", {"name": name})
        assert answer.status_code == 400
        assert re.search(rf'name="name"[^>]*value="{name}"[^>]*aria-invalid="true"', answer.text)
        assert reason in answer.text
        assert '<details class="rename" open>' in answer.text
    assert folders(parts) == ["Asia/Central", "Asia", ""]


def test_viewers_see_folders_and_move_nothing(app: Flask, ids: dict[str, int]) -> None:
    viewer = sign_in_as(app, "viewer")
    page = viewer.get_page("/admin/sources?folder=Asia")
    assert 'form="move"' not in page
    assert "Rename the folder" not in page
    assert viewer.post("/admin/sources/move", {"ids": str(ids["Baku Post"]), "to": "x"}).status_code == 403


def test_an_import_says_what_is_in_two_folders(editor: BrowserSession, parts: Parts) -> None:
    feed = '<outline xmlUrl="https://a.example/" text="A"/>'
    body = (
        f'<opml><body><outline text="One">{feed}</outline><outline text="Two">{feed}</outline></body></opml>'
    )
    answer = editor.post("/admin/sources/import", {"file": (BytesIO(body.encode()), "list.opml")})
    message = "1 source was added. 1 is in several folders of the file; it is put in the first one."
    assert message in editor.follow(answer)
    assert folders(parts) == ["One"]


def test_starter_packs_are_put_in_folders_of_their_names_unless_unticked(editor: BrowserSession) -> None:
    assert 'name="folders" value="1" checked' in editor.get_page("/admin/sources/packs")
    url = starter_packs()["central-asia"][0].url  # cannot be fetched here
    page = editor.post("/admin/sources/packs", {"url": url}).text
    assert 'name="folders" value="1">' in page
