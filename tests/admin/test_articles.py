"""The pages about articles, and correcting their countries."""

import json
import re
from dataclasses import replace

import pytest

from digest.articles import moderation
from digest.articles.ingest import article_upsert
from digest.articles.store import article_search
from digest.articles.store import articles as store
from digest.parts import Parts
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import BrowserSession


def countries(parts: Parts, article_id: int = 1) -> list[str]:
    with parts.db.read() as tx:
        return sorted(tag.country for tag in store.by_id(tx, article_id).tags)


def groups(parts: Parts, article_id: int = 1) -> list[str]:
    with parts.db.read() as tx:
        return sorted(tag.region for tag in store.by_id(tx, article_id).groups)


def test_an_article_shows_its_countries_by_name_and_the_words_that_speak_for_them(
    editor: BrowserSession, world: World
) -> None:
    world.article("Melon harvest begins early in the Fergana valley", ["UZ"])
    page = editor.get_page("/admin/articles")
    assert "Melon harvest begins early" in page
    assert "Uzbekistan" in page
    assert "<mark>UZ</mark>" in page


def test_the_filter_finds_by_words_country_and_lack_of_one(editor: BrowserSession, world: World) -> None:
    world.article("A bridge over the river was opened", ["GE"])
    world.article("A tunnel under the pass was closed", ["KZ"])
    world.article("Sleep is good for the memory", [])
    for query, title in (
        ("q=BRIDGE", "A bridge"),
        ("country=KZ", "A tunnel"),
        ("untagged=1", "Sleep is good"),
    ):
        page = editor.get_page(f"/admin/articles?{query}")
        assert title in page
        assert page.count("<article ") == 1


def test_a_hidden_story_is_in_no_preview_until_it_is_shown_again(
    editor: BrowserSession, world: World, clock: StoppedClock
) -> None:
    world.article("A caravan of a hundred camels reached the market")
    editor.post("/admin/articles/1/hide")
    assert "A caravan" not in editor.get_page("/admin/preview?regions=central-asia")
    assert "hidden" in editor.get_page("/admin/articles")
    editor.post("/admin/articles/1/unhide")
    clock.advance(seconds=1)
    assert "A caravan" in editor.get_page("/admin/preview?regions=central-asia")


def test_the_countries_an_editor_chose_hold_when_the_article_changes(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    draft = world.article("A wrestling match was watched by thousands", ["KZ"])
    editor.post("/admin/articles/1/tags", {"countries": ["KZ"], "more": "Georgia, Usbekistan"})
    assert countries(parts) == ["GE", "KZ", "UZ"]
    with parts.db.begin() as tx:
        changed = replace(draft, title="A wrestling match was watched by many", content_hash="new")
        article_upsert.upsert_articles(tx, world.source(), [changed], seen_at=world.clock(), language="en")
    assert countries(parts) == ["GE", "KZ", "UZ"]
    assert "watched by many" in editor.get_page("/admin/articles/1")


def test_the_automatic_tags_of_an_article_are_restored(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("Tbilisi plants two thousand trees along the river", ["KZ"])
    editor.post("/admin/articles/1/tags", {"countries": []})
    assert countries(parts) == []
    editor.post("/admin/articles/1/tags/automatic")
    assert countries(parts) == ["GE"]


def test_an_unknown_country_is_refused_with_its_name(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article()
    answer = editor.post("/admin/articles/1/tags", {"more": "Atlantis"}, form_page="/admin/articles/1")
    assert (answer.status_code, "Atlantis" in answer.text) == (404, True)
    assert countries(parts) == ["KZ"]


def test_an_editor_sees_adds_and_removes_the_groups_of_an_article(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("European Commission opens an inquiry into ships", [])
    editor.post("/admin/articles/1/tags/automatic")
    page = editor.get_page("/admin/articles/1")
    assert 'name="groups" value="eu" checked' in page
    assert "title · organisation or part of the world" in page
    assert "European Union" in editor.get_page("/admin/articles")
    editor.post("/admin/articles/1/tags", {"groups": ["eu"], "more": "Georgia, Central Asia"})
    assert groups(parts) == ["central-asia", "eu"]
    assert countries(parts) == ["GE"]
    editor.post("/admin/articles/1/tags", {"countries": ["GE"]})
    assert (countries(parts), groups(parts)) == (["GE"], [])
    (case,) = [json.loads(x) for x in editor.get("/admin/articles/corrections.jsonl").text.splitlines()]
    assert (case["countries"], case["groups"]) == (["GE"], [])


def test_a_country_is_refused_as_a_group(editor: BrowserSession, world: World, parts: Parts) -> None:
    world.article()
    answer = editor.post("/admin/articles/1/tags", {"groups": ["kz"]}, form_page="/admin/articles/1")
    assert "is no group" in editor.follow(answer)
    assert (countries(parts), groups(parts)) == (["KZ"], [])


def test_texts_of_sources_are_escaped(editor: BrowserSession, world: World) -> None:
    world.article('<script>alert("x")</script> & a headline of a stranger', source='<img src=x onerror="y">')
    for path in ("/admin/articles", "/admin/articles/1", "/admin/sources", "/admin/preview?regions=world"):
        page = editor.get_page(path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "&lt;script&gt;alert" in editor.get_page("/admin/articles/1")
    mail = editor.get("/admin/preview/mail.html?regions=world")
    assert "&lt;script&gt;alert" in mail.text
    assert "<script" not in mail.text


def test_the_pages_of_a_long_list_keep_the_filter(
    editor: BrowserSession, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article_search, "PAGE_SIZE", 3)
    for _ in range(7):
        world.article(countries=["GE"])
    world.article(countries=["KZ"])
    url, shown = "/admin/articles?country=GE", list[str]()
    while url:
        page = editor.get_page(url)
        shown += re.findall(r"<h3><a [^>]*>([^<]+)", page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        url = older[1].replace("&amp;", "&") if older else ""
    assert len(shown) == len(set(shown)) == 7
    newer = re.search(r'rel="prev" href="([^"]+)"', page)
    assert newer
    assert shown[3:6] == re.findall(r"<h3><a [^>]*>([^<]+)", editor.get_page(newer[1].replace("&amp;", "&")))


def test_the_list_is_filtered_by_words_of_the_text_days_and_groups(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("A bridge over the river", ["GE"], text="The engineer praised the arches.", age=1)
    world.article("A tunnel under the pass", ["KZ"], text="The engineers praised the drill.", age=60)
    moderation.retag(parts.db, parts.tree, 1, ["GE"], groups=["eu"], now=parts.clock())
    for query, titles in (
        ("q=engineer", {"A bridge over the river", "A tunnel under the pass"}),
        ("q=ARCHES+bridge", {"A bridge over the river"}),
        ("q=drill&country=GE", set()),
        ("country=eu", {"A bridge over the river"}),
        ("since=2026-03-09", {"A bridge over the river"}),
        ("until=2026-03-08", {"A tunnel under the pass"}),
        ("language=en&source=1&kind=news", {"A bridge over the river", "A tunnel under the pass"}),
        ("language=de", set()),
        ("since=soon", set()),
        ("country=atlantis", set()),
        ("q=%22%27*)(", {"A bridge over the river", "A tunnel under the pass"}),
    ):
        page = editor.get(f"/admin/articles?{query}").text
        assert set(re.findall(r"<h3><a [^>]*>([^<]+)", page)) == titles, query


def test_the_words_that_made_a_tag_are_marked_in_the_text(editor: BrowserSession, world: World) -> None:
    world.article("Tbilisi plants trees, Georgian ministers say", ["GE"])
    page = editor.get_page("/admin/articles/1")
    assert (
        '<mark title="Georgia">Tbilisi</mark> plants trees, <mark title="Georgia">Georgian</mark> ministers'
        in page
    )


def test_beside_an_editors_choice_the_automatic_result_is_shown(editor: BrowserSession, world: World) -> None:
    world.article("Tbilisi plants two thousand trees along the river", ["GE"])
    editor.post("/admin/articles/1/tags", {"countries": ["KZ"]})
    page = editor.get_page("/admin/articles/1")
    assert "Automatic result:" in page
    assert "title · capital" in page


def test_corrections_are_downloaded_with_one_line_for_each_article(
    editor: BrowserSession, world: World
) -> None:
    world.article("First of all")
    world.article("Second of all")
    editor.post("/admin/articles/2/tags", {"countries": []})
    answer = editor.get("/admin/articles/corrections.jsonl")
    assert "attachment" in answer.headers["Content-Disposition"]
    (case,) = [json.loads(line) for line in answer.text.splitlines()]
    assert (case["id"], case["title"], case["countries"], case["primary"]) == (
        "article-2",
        "Second of all",
        [],
        None,
    )
    editor.post("/admin/articles/2/tags/automatic")
    assert editor.get("/admin/articles/corrections.jsonl").text == ""
