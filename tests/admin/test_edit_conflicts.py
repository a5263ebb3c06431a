"""Two people who save one form: different fields are merged, and of one field nothing is replaced without a word."""

import re
from dataclasses import replace

import pytest
from flask import Flask

from digest.articles.store import articles
from digest.parts import Parts
from digest.sources.store import sources
from tests.admin.test_undo import undo
from tests.builders import World
from tests.web.browser_session import BrowserSession, sign_in_as
from tests.web.form_values import form_values


@pytest.fixture
def other(app: Flask) -> BrowserSession:
    """Somebody else of the newsroom."""
    return sign_in_as(app, "manager")


def test_two_who_change_different_fields_of_a_source_both_get_their_way(
    editor: BrowserSession, other: BrowserSession, world: World, parts: Parts
) -> None:
    path = f"/admin/sources/{world.source()}"
    mine, theirs = (form_values(one.get_page(path), path) for one in (editor, other))
    other.follow(other.post(path, theirs | {"title": "The Steppe", "weight": "2"}))
    page = editor.follow(editor.post(path, mine | {"folder": "Asia"}))
    assert "Changed by somebody else meanwhile, and kept so: Title, Weight." in page
    with parts.db.read() as tx:
        row = sources.by_id(tx, 1)
    assert (row.title, row.weight, row.folder) == ("The Steppe", 2.0, "Asia")


def test_of_two_who_change_one_field_the_second_sees_what_the_first_saved(
    editor: BrowserSession, other: BrowserSession, world: World, parts: Parts
) -> None:
    path = f"/admin/sources/{world.source()}"
    mine, theirs = (form_values(one.get_page(path), path) for one in (editor, other))
    other.follow(other.post(path, theirs | {"title": "The <Steppe>", "home": "KZ", "weight": "2"}))
    answer = editor.post(path, mine | {"title": "Steppe Post", "home": "GE", "attribution": "CC BY"})
    assert answer.status_code == 409
    again = form_values(answer.text, path)
    assert (again["title"], again["home"], again["attribution"]) == (["Steppe Post"], ["GE"], ["CC BY"])
    assert again["weight"] == ["2.0"]  # which I have not touched
    shown = re.findall(r'Stored now:</span> <bdi>(.*?)</bdi> <span class="muted">(.*?)</p>', answer.text)
    assert [text for text, _author in shown] == ["The &lt;Steppe&gt;", "Kazakhstan"]
    assert all(author.startswith("manager@example.org, <time") for _text, author in shown)
    with parts.db.read() as tx:
        assert sources.by_id(tx, 1).title == "The <Steppe>"
    editor.follow(editor.post(path, again))
    with parts.db.read() as tx:
        row = sources.by_id(tx, 1)
    assert (row.title, row.home, row.attribution, row.weight) == ("Steppe Post", "GE", "CC BY", 2.0)


def test_a_third_save_in_between_is_a_conflict_again(
    editor: BrowserSession, other: BrowserSession, world: World
) -> None:
    path = f"/admin/sources/{world.source()}"
    mine, theirs = (form_values(one.get_page(path), path) for one in (editor, other))
    other.follow(other.post(path, theirs | {"title": "First"}))
    again = form_values(editor.post(path, mine | {"title": "Mine"}).text, path)
    other.follow(other.post(path, form_values(other.get_page(path), path) | {"title": "Second"}))
    answer = editor.post(path, again)
    assert (answer.status_code, "<bdi>Second</bdi>" in answer.text) == (409, True)


def test_an_error_or_a_preview_in_between_forgets_no_conflict(
    editor: BrowserSession, other: BrowserSession, world: World
) -> None:
    path = f"/admin/sources/{world.source()}"
    mine, theirs = (form_values(one.get_page(path), path) for one in (editor, other))
    other.follow(other.post(path, theirs | {"title": "The Steppe"}))
    answer = editor.post(path, mine | {"title": "Mine", "weight": "9"})
    assert answer.status_code == 422
    answer = editor.post(path, form_values(answer.text, path) | {"weight": "1"})
    assert (answer.status_code, "<bdi>The Steppe</bdi>" in answer.text) == (409, True)


def test_a_note_of_another_region_than_the_form_showed_is_not_replaced(
    editor: BrowserSession, other: BrowserSession
) -> None:
    opened = form_values(editor.get_page("/admin/notes"), "/admin/notes")
    theirs = form_values(other.get_page("/admin/notes?region=ge"), "/admin/notes")
    other.follow(other.post("/admin/notes", theirs | {"action": "save", "text": "It is hot."}))
    form = opened | {"action": "save", "region": "ge", "text": "It rains."}
    answer = editor.post("/admin/notes", form)
    assert (answer.status_code, "<bdi>It is hot.</bdi>" in answer.text) == (409, True)
    again = form_values(answer.text, "/admin/notes")
    assert again["text"] == ["It rains."]
    editor.follow(editor.post("/admin/notes", again | {"action": "save"}))


def test_a_note_that_was_changed_is_read_before_it_is_taken_back(
    editor: BrowserSession, other: BrowserSession
) -> None:
    opened = form_values(editor.get_page("/admin/notes"), "/admin/notes")
    editor.follow(editor.post("/admin/notes", opened | {"action": "save", "text": "It is hot."}))
    page = editor.get_page("/admin/notes")
    shown = re.findall(r'name="shown" value="([^"]+)"', page)[0]
    other.follow(
        other.post(
            "/admin/notes", form_values(page, "/admin/notes") | {"action": "save", "text": "It rains."}
        )
    )
    answer = editor.post("/admin/notes", {"action": "remove", "region": "world", "shown": shown})
    assert answer.status_code == 400
    assert "manager@example.org has changed this note meanwhile" in answer.text
    assert "It rains.</textarea>" in answer.text


def test_an_undo_button_replaces_nothing_that_came_after_it(
    editor: BrowserSession, other: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("Astana and Lima sign a treaty", ["KZ"])
    page = editor.follow(editor.post("/admin/articles/1/kind", {"kind": "sport"}))
    other.follow(other.post("/admin/articles/1/kind", {"kind": "opinion"}))
    assert "Somebody else has changed this" in undo(editor, page)
    with parts.db.read() as tx:
        assert articles.by_id(tx, 1).kind == "opinion"


def test_the_look_before_is_not_restored_over_a_later_one(admin: BrowserSession, parts: Parts) -> None:
    page = admin.follow(
        admin.post("/admin/look", {"name": "Silk Road", "masthead": "both"}, form_page="/admin/look")
    )
    parts.looks.save(
        parts.db, lambda look: replace(look, colour="#7a2048"), author="boss@example.org", now=parts.clock()
    )
    assert "boss@example.org has changed the look since" in undo(admin, page)
    assert parts.looks.current(parts.db).colour == "#7a2048"


def test_what_was_typed_about_something_that_is_gone_can_be_copied(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    path = f"/admin/sources/{world.source()}"
    opened = form_values(editor.get_page(path), path)
    with parts.db.begin() as tx:
        sources.delete_source(tx, 1)
    answer = editor.post(path, opened | {"attribution": "CC BY 4.0 of <us>"})
    assert answer.status_code == 404
    assert "CC BY 4.0 of &lt;us&gt;" in answer.text
    assert opened["shown"][0] not in answer.text


def test_a_button_of_a_page_that_does_not_exist_answers_with_a_message(editor: BrowserSession) -> None:
    assert "no article 999" in editor.follow(editor.post("/admin/articles/999/hide"))
