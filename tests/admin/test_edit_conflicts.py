"""Two people who save one form: different fields are merged, and of one field nothing is replaced without a word."""

import re

import pytest
from flask import Flask

from digest.parts import Parts
from digest.sources.store import sources
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
