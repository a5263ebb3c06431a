"""The corrections of stories: removing an article, merging two stories."""

from digest.articles.store import articles as store
from digest.articles.store import stories as placement
from digest.parts import Parts
from tests.builders import World
from tests.web.browser_session import BrowserSession

BRIDGE = "A new bridge over the river Chu was opened on Friday"


def story_of(parts: Parts, article_id: int) -> int | None:
    with parts.db.read() as tx:
        return store.by_id(tx, article_id).story_id


def test_two_stories_are_merged_and_the_merge_is_undone(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article(BRIDGE, ["KG"])
    world.article("Kyrgyz minister cuts ribbon", ["KG"], source="Harbour Wire")
    first, second = story_of(parts, 1), story_of(parts, 2)
    page = editor.get_page(f"/admin/stories/{second}?q=river Chu")
    assert BRIDGE in page
    editor.post(f"/admin/stories/{second}/merge", {"other": first})
    assert story_of(parts, 1) == story_of(parts, 2) == first
    assert "merged into another" in editor.get_page(f"/admin/stories/{second}")
    with parts.db.read() as tx:
        shown = store.current_stories(tx, [first or 0, second or 0])
    # A web edition that had the second shows the joined one.
    assert {story.id for story in shown.values()} == {first}
    editor.post(f"/admin/stories/{first}/split/2", {})
    assert story_of(parts, 1) == first
    assert story_of(parts, 2) not in {None, first}


def test_an_article_removed_from_a_hidden_story_stays_hidden(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article(BRIDGE, ["KG"])
    world.article(BRIDGE, ["KG"], source="Harbour Wire")
    together = story_of(parts, 1)
    assert story_of(parts, 2) == together
    editor.post("/admin/articles/1/hide")
    editor.post(f"/admin/stories/{together}/split/2", {})
    with parts.db.read() as tx:
        assert placement.story_by_id(tx, story_of(parts, 2) or 0).hidden


def test_impossible_merges_and_splits_are_refused(editor: BrowserSession, world: World, parts: Parts) -> None:
    world.article(BRIDGE, ["KG"])
    mine = story_of(parts, 1)
    for path, form, words in (
        (f"/admin/stories/{mine}/merge", {"other": mine}, "itself"),
        (f"/admin/stories/{mine}/merge", {"other": 999}, "no story 999"),
        (f"/admin/stories/{mine}/split/1", {}, "no other article"),
    ):
        assert words in editor.follow(editor.post(path, form))
    assert story_of(parts, 1) == mine


def test_a_search_without_matches_suggests_what_to_do(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article(BRIDGE, ["KG"])
    assert "Try fewer or other words" in editor.get_page(f"/admin/stories/{story_of(parts, 1)}?q=unheard")
