"""What can be undone offers it beside its message, once, instead of asking before."""

import re

from digest.articles.store import articles as store
from digest.parts import Parts
from digest.sources.store import sources
from tests.builders import World
from tests.web.browser_session import BrowserSession

UNDO_FORM = re.compile(r'<form class="undo" method="post" action="([^"]+)">(.*?)</form>', re.DOTALL)
FIELD = re.compile(r'name="(\w+)" value="([^"]*)"')


def undo(browser: BrowserSession, page: str) -> str:
    """Press the button to undo on a page; returns the page after it."""
    form = UNDO_FORM.search(page)
    assert form, "there is nothing to undo"
    fields: dict[str, list[str]] = {}
    for name, value in FIELD.findall(form[2]):
        fields.setdefault(name, []).append(value)
    fields.pop("csrf_token")
    return browser.follow(browser.post(form[1], fields))


def test_hiding_is_undone(editor: BrowserSession, world: World, parts: Parts) -> None:
    world.article()
    page = editor.follow(editor.post("/admin/articles/1/hide"))
    assert "not hidden any more" in undo(editor, page)
    assert not UNDO_FORM.search(editor.get_page("/admin/articles"))
    with parts.db.read() as tx:
        story = store.by_id(tx, 1).story
        assert story
        assert not story.hidden


def test_countries_and_kinds_of_an_editor_are_restored(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article(countries=["KZ"])
    for form in ({"countries": ["GE"], "groups": ["eu"]}, {"more": "Peru"}):
        page = editor.follow(editor.post("/admin/articles/1/tags", form))
    undo(editor, page)
    for kind in ("sport", "opinion"):
        page = editor.follow(editor.post("/admin/articles/1/kind", {"kind": kind}))
    undo(editor, page)
    with parts.db.read() as tx:
        article = store.by_id(tx, 1)
        assert ([tag.country for tag in article.tags], [tag.region for tag in article.groups]) == (
            ["GE"],
            ["eu"],
        )
        assert (article.kind, article.kind_chosen) == ("sport", True)


def test_the_first_correction_is_undone_to_what_the_rules_say(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("Kyrgyzstan opens a bridge", ["KG"])
    undo(editor, editor.follow(editor.post("/admin/articles/1/tags", {"more": "Peru"})))
    undo(editor, editor.follow(editor.post("/admin/articles/1/kind", {"kind": "sport"})))
    with parts.db.read() as tx:
        article = store.by_id(tx, 1)
        assert ([tag.country for tag in article.tags], article.retagged) == (["KG"], False)
        assert (article.kind, article.kind_chosen) == ("news", False)


def test_stopping_a_source_and_retiring_a_group_are_undone(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    source_id = world.source()
    page = editor.follow(editor.post(f"/admin/sources/{source_id}/stop"))
    assert "is not fetched any more" in page
    undo(editor, page)
    with parts.db.read() as tx:
        assert sources.by_id(tx, source_id).state == "active"
    undo(editor, editor.follow(editor.post("/admin/regions/nato/retire")))
    assert not parts.tree.group("nato").retired
