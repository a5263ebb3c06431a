"""The newsroom's pages about words that never mean a country: from an article, and the list of all."""

import re

import pytest
from flask import Flask

from digest import tasks
from digest.articles import exclusion_changes as exclusions
from digest.articles import moderation
from digest.articles.store import articles as store
from digest.parts import Parts
from digest.regions.pure.exclusions import Exclusion
from digest.regions.store import exclusions as rules
from digest.task_names import TaskName
from tests.admin.test_undo import undo
from tests.builders import World
from tests.web.browser_session import BrowserSession, sign_in_as

AGRI = {"words": "Agri", "country": "TR", "scope": "all"}


@pytest.fixture
def news(world: World, parts: Parts) -> World:
    """Three articles of two sources, tagged with Turkey because of "Agri"."""
    for title, source in (
        ("Agri wins a prize for tractors", "The Steppe Post"),
        ("Big Agri grows once more", "The Steppe Post"),
        ("Here the harvest of Agri ends", "The Quay"),
    ):
        world.article(title, source=source)
    for number in (1, 2, 3):
        moderation.reset_tags(parts.db, parts.ingest.tagger, number, parts.clock())
    assert countries(parts) == ["TR", "TR", "TR"]
    return world


def countries(parts: Parts) -> list[str]:
    with parts.db.read() as tx:
        return [" ".join(tag.country for tag in store.by_id(tx, number).tags) for number in (1, 2, 3)]


def test_the_words_of_a_tag_lead_to_the_form_with_these_words(editor: BrowserSession, news: World) -> None:
    page = editor.get_page("/admin/articles/1")
    assert '<details class="exclude" id="exclude">' in page
    link = re.search(
        r'href="(/admin/articles/1\?words=Agri&amp;country=TR)#exclude">Never means Türkiye…', page
    )
    assert link
    page = editor.get_page(link[1].replace("&amp;", "&"))
    assert '<details class="exclude" id="exclude" open>' in page
    assert 'value="Agri" aria-describedby="words-hint"' in page
    assert '<option value="TR" selected>' in page


def test_excluding_words_retags_says_so_and_is_undone(
    editor: BrowserSession, news: World, parts: Parts
) -> None:
    page = editor.follow(editor.post("/admin/articles/1/exclusions", AGRI))
    assert "&#34;Agri&#34; never means Türkiye now. 3 articles were tagged again." in page
    assert "“Agri” never means Türkiye" in page
    assert countries(parts) == ["", "", ""]
    page = undo(editor, page)
    assert "&#34;Agri&#34; can mean Türkiye again. 3 articles were tagged again." in page
    assert countries(parts) == ["TR", "TR", "TR"]
    page = undo(editor, page)
    assert countries(parts) == ["", "", ""]
    assert "<title>Agri wins a prize" in page


def test_words_can_be_excluded_in_the_source_of_the_article_only(
    editor: BrowserSession, news: World, parts: Parts
) -> None:
    page = editor.follow(editor.post("/admin/articles/1/exclusions", AGRI | {"scope": "source"}))
    assert "only in this source" in page
    assert countries(parts) == ["", "", "TR"]
    page = editor.get_page("/admin/exclusions")
    assert "The Steppe Post</a>" in page
    undo(editor, editor.follow(editor.post("/admin/exclusions/1/remove")))
    assert countries(parts) == ["", "", "TR"]


def test_an_article_whose_countries_an_editor_chose_keeps_them(
    editor: BrowserSession, news: World, parts: Parts
) -> None:
    editor.post("/admin/articles/1/tags", {"countries": ["TR"]})
    page = editor.follow(editor.post("/admin/articles/1/exclusions", AGRI))
    assert "so they stay" in page
    assert countries(parts) == ["TR", "", ""]


def test_the_list_shows_uses_finds_words_and_the_rest_is_left_to_a_worker(
    editor: BrowserSession, app: Flask, news: World, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exclusions, "BATCH_SIZE", 1)
    page = editor.follow(editor.post("/admin/exclusions", {"words": "Agri", "country": "TR", "source": ""}))
    assert "1 article was tagged again. 2 older articles are looked at in the next minutes." in page
    assert '<td data-label="Articles"><span>1 <span class="muted">the last one' in page
    assert "2 older articles are still to be looked at" in page
    assert "in all its forms" in page
    page = undo(editor, page)
    assert "1 article was tagged again." in page
    assert "older" not in page
    undo(editor, page)
    tasks.TASKS[TaskName.TAG_WAITING].run(parts, app.extensions["celery"])
    assert countries(parts) == ["", "", ""]
    assert "still to be looked at" not in editor.get_page("/admin/exclusions")
    assert "Agri" in editor.get_page("/admin/exclusions?q=AGRI")
    assert "No such words are excluded" in editor.get_page("/admin/exclusions?q=Motors")


def test_the_list_has_pages(editor: BrowserSession, parts: Parts) -> None:
    with parts.db.begin() as tx:
        for number in range(51):
            wanted = Exclusion(0, f"Word {number} here", "TR")
            rules.add(tx, wanted, by="a@example.org", now=parts.clock())
    assert "Word 0 here" not in editor.get_page("/admin/exclusions")
    assert "Word 0 here" in editor.get_page("/admin/exclusions?page=2")


def test_readers_of_the_newsroom_see_the_words_and_change_nothing(app: Flask, news: World) -> None:
    viewer = sign_in_as(app, "viewer")
    page = viewer.get_page("/admin/articles/1")
    assert "Never means" not in page
    assert 'id="exclude"' not in page
    assert '<form method="post" action="/admin/exclusions"' not in viewer.get_page("/admin/exclusions")


def test_the_audit_trail_has_each_change(editor: BrowserSession, app: Flask, news: World) -> None:
    editor.post("/admin/articles/1/exclusions", AGRI)
    editor.post("/admin/exclusions/1/remove")
    page = sign_in_as(app, "admin").get_page("/admin/audit")
    assert "words excluded" in page
    assert "excluded words removed" in page


def test_a_country_must_be_chosen(editor: BrowserSession, news: World) -> None:
    answer = editor.post("/admin/articles/1/exclusions", AGRI | {"country": "XX"})
    assert answer.status_code == 400
    assert "Choose the country" in answer.text
