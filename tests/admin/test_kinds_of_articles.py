"""The kinds of articles in the newsroom: explained, filtered, corrected, undone, exported."""

import json

from digest.articles import moderation
from digest.articles.states import ArticleKind
from digest.articles.store import articles as store
from digest.parts import Parts
from tests.builders import World
from tests.web.browser_session import BrowserSession


def add_briefing(world: World) -> None:
    """An article with the kind that the rules give it, as ingest does."""
    world.article("Morning briefing: a truce and a trial")
    moderation.reset_kind(world.db, 1)


def kind(parts: Parts, article_id: int = 1) -> ArticleKind:
    with parts.db.read() as tx:
        return store.by_id(tx, article_id).kind


def test_the_page_of_an_article_says_its_kind_and_why(editor: BrowserSession, world: World) -> None:
    add_briefing(world)
    page = editor.get_page("/admin/articles/1")
    assert "Roundup of several events" in page
    assert "<mark>morning briefing</mark>" in page


def test_an_editor_corrects_the_kind_and_undoes_it(admin: BrowserSession, world: World, parts: Parts) -> None:
    add_briefing(world)
    admin.post("/admin/articles/1/kind", data={"kind": "news"})
    assert kind(parts) == ArticleKind.NEWS
    page = admin.get_page("/admin/articles/1")
    assert "An editor chose this kind" in page
    assert "Restore automatic kind" in page
    admin.post("/admin/articles/1/kind/automatic")
    assert kind(parts) == ArticleKind.ROUNDUP
    trail = admin.get_page("/admin/audit")
    assert "kind of article chosen" in trail
    assert "automatic kind restored" in trail


def test_an_unknown_kind_is_refused_and_nothing_changes(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    add_briefing(world)
    editor.post("/admin/articles/1/kind", data={"kind": "sprot"})
    assert kind(parts) == ArticleKind.ROUNDUP


def test_the_list_can_be_filtered_by_kind(editor: BrowserSession, world: World) -> None:
    add_briefing(world)
    world.article("A bridge over the river was opened")
    page = editor.get_page("/admin/articles?kind=roundup")
    assert page.count("<article ") == 1
    assert "Morning briefing" in page


def test_corrected_kinds_can_be_downloaded(editor: BrowserSession, world: World) -> None:
    add_briefing(world)
    editor.post("/admin/articles/1/kind", data={"kind": "news"})
    lines = editor.get_page("/admin/articles/kind-corrections.jsonl").splitlines()
    (case,) = map(json.loads, lines)
    assert (case["kind"], case["rules"]) == ("news", "roundup")


def test_a_kind_that_no_digest_has_is_in_no_preview_until_it_is_corrected(
    editor: BrowserSession, world: World
) -> None:
    add_briefing(world)
    assert "Morning briefing" not in editor.get_page("/admin/preview?regions=central-asia")
    editor.post("/admin/articles/1/kind", data={"kind": "news"})
    assert "Morning briefing" in editor.get_page("/admin/preview?regions=central-asia")
