"""The desk: the day's stories in the order of a region, and changing them without JavaScript and with htmx."""

import re
from collections.abc import Mapping

import pytest
from flask import Flask
from sqlalchemy import update

from digest.articles.models import Story
from digest.articles.states import ArticleKind
from digest.articles.store import articles as store
from digest.articles.store import stories as story_store
from digest.parts import Parts
from tests.builders import World
from tests.web.browser_session import CSRF_FIELD, BrowserSession, sign_in_as

BRIDGE = "A new bridge over the river Chu was opened on Friday"
FORM_PAGE = "/admin/today"
UNDO_FORM = re.compile(r"<form [^>]*data-undo>(.*?)</form>", re.DOTALL)
HIDDEN_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def story_of(parts: Parts, article_id: int) -> int:
    with parts.db.read() as tx:
        return store.by_id(tx, article_id).story_id or 0


def headlines(page: str) -> list[str]:
    return re.findall(r'class="headline">.*?<a [^>]*>([^<]+)</a>', page)


def undo_fields(page: str) -> dict[str, list[str]]:
    """The fields of the button to undo."""
    form = UNDO_FORM.search(page)
    assert form, "there is nothing to undo"
    fields: dict[str, list[str]] = {}
    for name, value in HIDDEN_FIELD.findall(form[1]):
        fields.setdefault(name, []).append(value)
    return {name: values for name, values in fields.items() if name != "csrf_token"}


def change(editor: BrowserSession, form: Mapping[str, object], query: str = "") -> str:
    """The page after a change without JavaScript."""
    return editor.follow(editor.post(f"/admin/today{query}", dict(form), form_page=FORM_PAGE))


def test_a_region_has_its_own_stories(editor: BrowserSession, world: World) -> None:
    world.article("Astana plants trees", ["KZ"])
    world.article("Lima repairs its port", ["PE"])
    assert set(headlines(editor.get_page("/admin/today"))) == {"Astana plants trees", "Lima repairs its port"}
    assert headlines(editor.get_page("/admin/today?region=central-asia")) == ["Astana plants trees"]
    assert headlines(editor.get_page("/admin/today?q=PORT")) == ["Lima repairs its port"]
    assert headlines(editor.get_page("/admin/today?kind=sport")) == []
    assert "no list of the desk" in editor.get("/admin/today?show=x").text
    assert editor.get("/admin/today?region=atlantis").status_code == 404


def test_a_page_has_as_many_stories_as_a_usual_mail(editor: BrowserSession, world: World) -> None:
    world.articles(35)
    pages = [headlines(editor.get_page(f"/admin/today?page={page}")) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [15, 15, 5]
    assert len({title for page in pages for title in page}) == 35
    assert "No such page" not in editor.get_page("/admin/today?page=3")


def test_the_pinned_story_is_first_and_undo_restores_the_order(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    for title in ("First of all", "Second to none", "Third time lucky"):
        world.article(title, ["KZ"])
    before = headlines(editor.get_page("/admin/today"))
    last = next(n for n in (1, 2, 3) if store_title(parts, n) == before[-1])
    page = change(editor, {"action": "pin", "stories": story_of(parts, last)})
    assert headlines(page)[0] == before[-1]
    assert "1 story is pinned." in page
    page = change(editor, undo_fields(page))
    assert headlines(page) == before
    assert not UNDO_FORM.search(page)


def test_an_unknown_story_among_the_chosen_changes_no_pin(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("First of all", ["KZ"])
    form = {"action": "pin", "stories": [story_of(parts, 1), 999]}
    answer = editor.post("/admin/today", form, form_page=FORM_PAGE)
    assert answer.status_code == 404
    assert "There is no story 999" in answer.text
    assert headlines(editor.get_page("/admin/today?show=pinned")) == []


def store_title(parts: Parts, article_id: int) -> str:
    with parts.db.read() as tx:
        return store.by_id(tx, article_id).title


def test_several_stories_are_hidden_at_once_and_shown_again(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    for n in range(4):
        world.article(f"Number {n} happened in town{n}", ["KZ"])
    chosen = [story_of(parts, 1), story_of(parts, 3)]
    page = change(editor, {"action": "hide", "stories": chosen})
    assert len(headlines(page)) == 2
    assert "2 stories are hidden." in page
    assert len(headlines(editor.get_page("/admin/today?show=hidden&region=kz"))) == 2
    assert headlines(editor.get_page("/admin/today?show=hidden&region=pe")) == []
    page = change(editor, undo_fields(page))
    assert len(headlines(page)) == 4
    assert "2 stories are shown again." in page
    assert headlines(editor.get_page("/admin/today?show=unreviewed")) == headlines(page)


def test_a_changed_story_is_reviewed(editor: BrowserSession, world: World, parts: Parts) -> None:
    world.article("Astana plants trees", ["KZ"])
    world.article("Lima repairs its port", ["PE"])
    page = change(editor, {"action": "reviewed", "stories": story_of(parts, 1)}, "?show=unreviewed")
    assert headlines(page) == ["Lima repairs its port"]
    assert "1 unreviewed" in page
    page = change(editor, {"action": "pin", "stories": story_of(parts, 2)}, "?show=unreviewed")
    assert "Everything is reviewed" in page
    assert headlines(change(editor, undo_fields(page), "?show=unreviewed")) == ["Lima repairs its port"]
    assert (
        headlines(change(editor, {"action": "unreviewed", "stories": story_of(parts, 1)}, "?show=pinned"))
        == []
    )
    assert len(headlines(editor.get_page("/admin/today?show=unreviewed"))) == 2


def test_the_kind_of_a_story_is_changed_and_restored(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article(BRIDGE, ["KG"])
    world.article(BRIDGE, ["KG"], source="Harbour Wire")
    page = change(editor, {"action": "kind", "kind": "sport", "stories": story_of(parts, 1)})
    assert headlines(page) == []
    assert headlines(editor.get_page("/admin/today?kind=sport")) == [BRIDGE]
    page = change(editor, undo_fields(page))
    assert headlines(page) == [BRIDGE]
    with parts.db.read() as tx:
        assert {(a.kind, a.kind_chosen) for a in story_store.articles_of(tx, story_of(parts, 1))} == {
            (ArticleKind.NEWS, False)
        }


def test_countries_are_typed_as_names_and_restored(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("Kyrgyzstan opens a bridge", ["KG"])
    story = story_of(parts, 1)
    page = change(editor, {"action": "retag", "places": "Kasachstan, European Union", "stories": story})
    assert "Kazakhstan, European Union" in page
    second = change(editor, {"action": "retag", "places": "Peru", "stories": story}, "?region=pe")
    assert headlines(second) == ["Kyrgyzstan opens a bridge"]
    change(editor, undo_fields(second))
    assert "Kazakhstan, European Union" in editor.get_page("/admin/today")
    change(editor, undo_fields(page))
    with parts.db.read() as tx:
        article = store.by_id(tx, 1)
        assert ([tag.country for tag in article.tags], article.retagged) == (["KG"], False)


def test_a_wrong_country_is_shown_beside_its_field_with_what_was_typed(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("Kyrgyzstan opens a bridge", ["KG"])
    story = story_of(parts, 1)
    answer = editor.post(
        "/admin/today",
        {"action": "retag", "places": "Georgia, Atlantys", "stories": story, "next": story},
        form_page=FORM_PAGE,
    )
    assert answer.status_code == 404
    assert 'value="Georgia, Atlantys"' in answer.text
    assert f'id="places-{story}-error"' in answer.text
    assert re.search(rf'<details id="change-{story}" open>', answer.text)
    with parts.db.read() as tx:
        assert [tag.country for tag in store.by_id(tx, 1).tags] == ["KG"]


def test_stories_are_merged_separated_and_a_report_removed(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article(BRIDGE, ["KG"])
    world.article("Kyrgyz minister cuts ribbon", ["KG"], source="Harbour Wire")
    first, second = story_of(parts, 1), story_of(parts, 2)
    page = change(editor, {"action": "merge", "stories": [second, first]})
    assert story_of(parts, 2) == first
    change(editor, undo_fields(page))
    assert (story_of(parts, 1), story_of(parts, 2)) == (first, second)
    change(editor, {"action": "merge", "stories": [first, second]})
    assert re.search(rf'value="split:\d" form=do-{first}>', editor.get_page("/admin/today"))
    page = change(editor, {"action": "split:2", "stories": first})
    assert story_of(parts, 2) not in {first, second}
    change(editor, undo_fields(page))
    assert story_of(parts, 1) == story_of(parts, 2)


def test_stories_of_one_affair_are_offered_for_merging(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article(BRIDGE, ["KG"])
    world.article("Kyrgyz minister cuts ribbon", ["KG"], source="Harbour Wire")
    assert "same affair" not in editor.get_page("/admin/today")
    with parts.db.begin() as tx:
        tx.execute(update(Story).values(thread_id=story_of(parts, 1)))
    page = editor.get_page("/admin/today?q=ribbon")
    assert "1 story of the same affair" in page
    assert BRIDGE in page
    merge = re.search(r'value="(merge:\d+)" form=do-(\d+)', page)
    assert merge
    change(editor, {"action": merge[1], "stories": merge[2]})
    assert story_of(parts, 1) == story_of(parts, 2)
    assert "same affair" not in editor.get_page("/admin/today")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"action": "merge", "stories": 1}, "two stories or more"),
        ({"action": "hide"}, "Choose at least one story"),
        ({"action": "hide", "stories": 999}, "no story 999"),
        ({"action": "hide", "stories": "one"}, "is not a whole number"),
        ({"action": "explode", "stories": 1}, "no action of the desk"),
        ({"action": "kind", "kind": "gossip", "stories": 1}, "not a kind of article"),
        ({"action": "unmerge", "before": "1:1:"}, "no action of the desk"),
        ({"action": "undo", "step": 999}, "undone already"),
        ({"action": "hide", "stories": list(range(1, 300))}, "At most 200"),
    ],
)
def test_what_is_impossible_changes_nothing(
    editor: BrowserSession, world: World, form: dict[str, object], words: str
) -> None:
    world.article(BRIDGE, ["KG"])
    answer = editor.post("/admin/today", form, form_page=FORM_PAGE)
    assert answer.status_code in {400, 404, 409}
    assert words in answer.text
    assert headlines(answer.text) == [BRIDGE]


def test_htmx_gets_the_list_alone(editor: BrowserSession, world: World, parts: Parts) -> None:
    world.article(BRIDGE, ["KG"])
    token = CSRF_FIELD.search(editor.get_page(FORM_PAGE))
    assert token
    answer = editor.client.post(
        "/admin/today",
        data={"action": "hide", "stories": story_of(parts, 1), "csrf_token": token[1]},
        base_url="https://news.example.org",
        headers={"HX-Request": "true", "Referer": "https://news.example.org/admin/today"},
    )
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<section id="desk"')
    assert undo_fields(answer.text)["action"] == ["undo"]
    assert "toast" not in editor.get_page(FORM_PAGE)


def test_a_viewer_sees_no_buttons(app: Flask, world: World) -> None:
    world.article(BRIDGE, ["KG"])
    page = sign_in_as(app, "viewer").get_page("/admin/today")
    assert headlines(page) == [BRIDGE]
    assert 'name="action"' not in page


def test_changes_are_in_the_audit_trail(
    editor: BrowserSession, admin: BrowserSession, world: World, parts: Parts
) -> None:
    world.article(BRIDGE, ["KG"])
    change(editor, {"action": "hide", "stories": story_of(parts, 1)})
    trail = admin.get_page("/admin/audit")
    assert "story hidden" in trail
    assert f"story {story_of(parts, 1)}" in trail


def test_the_keys_have_a_page(editor: BrowserSession) -> None:
    page = editor.get_page("/admin/keys")
    assert all(f"<kbd>{key}</kbd>" in page for key in "jkxphmu?")
