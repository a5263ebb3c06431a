"""The list of sources: problems first, held articles, pauses, and the status as JSON."""

import json
from datetime import timedelta

from flask import Flask
from sqlalchemy import update

from digest.articles.models import Article
from digest.articles.store import article_search
from digest.parts import Parts
from digest.sources.store import hosts
from digest.sources.store import sources as store
from digest.sources.store.sources import DocumentMetadata, PollResult
from tests.builders import World
from tests.web.browser_session import BrowserSession


def test_many_sources_are_shown_in_pages_with_problems_first(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    with parts.db.begin() as tx:
        for n in range(120):
            store.add(tx, f"https://a{n}.example/feed", f"Paper {n:03}", world.clock())
        store.record_poll(tx, 77, PollResult(world.clock(), error="the site refuses us"), world.clock())
    page = editor.get_page("/admin/sources")
    assert page.index("Paper 076") < page.index("Paper 000")
    assert "Paper 060" not in page
    assert "1 to 50 of 120" in page
    assert "Paper 060" in editor.get_page("/admin/sources?page=2")
    assert "Paper 076" not in editor.get_page("/admin/sources?page=2")
    troubled = editor.get_page("/admin/sources?condition=trouble")
    assert "Paper 076" in troubled
    assert "Paper 001" not in troubled
    assert "Paper 033" in editor.get_page("/admin/sources?q=a33.example")
    assert "No matching sources" in editor.get_page("/admin/sources?q=nothing+like+it")
    for sort in ("title", "most", "quiet", "next"):
        assert "Paper 000" in editor.get_page(f"/admin/sources?sort={sort}")


def test_held_articles_are_shown_and_released_or_dropped_and_held_again(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    for n in range(2):
        world.article(title=f"Kazakhstan counts all its cranes again, part {n}")
    with parts.db.begin() as tx:
        tx.execute(update(Article).values(state="flood", story_id=None))
    page = editor.get_page("/admin/sources/1")
    assert "2 articles are held" in page
    assert "Kazakhstan counts all its cranes again" in page
    assert "1 source has held articles" in editor.get_page("/admin/")
    assert "articles are held" in editor.get_page("/admin/sources?condition=held")
    answer = editor.post("/admin/sources/1/held/drop")
    assert "2 articles are dropped." in editor.follow(answer)
    answer = editor.post("/admin/sources/1/held/back")
    assert "2 articles are held again." in editor.follow(answer)
    answer = editor.post("/admin/sources/1/held/release")
    assert "2 articles are released." in editor.follow(answer)
    with parts.db.read() as tx:
        found = article_search.page(tx, article_search.ArticleFilter()).rows
        assert all(article.story_id and not article.state for article in found)


def test_a_host_that_wants_a_pause_is_not_asked_by_hand_either(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.source()
    until = world.clock() + timedelta(hours=3)
    with parts.db.begin() as tx:
        hosts.pause(tx, "the-steppe-post.example", until, "the site says that we ask too often")
    assert "waiting for host" in editor.get_page("/admin/sources")
    answer = editor.post("/admin/sources/1/poll", form_page="/admin/sources")
    assert "Not possible now: the site says that we ask too often." in editor.follow(answer)


def test_programs_read_the_status_of_sources_as_json_once_signed_in(
    editor: BrowserSession, app: Flask, world: World, parts: Parts
) -> None:
    source_id = world.source()
    with parts.db.begin() as tx:
        store.record_poll(
            tx, source_id, PollResult(world.clock(), error="the site refuses us"), world.clock()
        )
    refused = app.test_client().get("/api/sources", base_url="https://news.example.org")
    assert refused.status_code == 401
    assert "Steppe" not in refused.text
    (source,) = json.loads(editor.get_page("/api/sources?condition=trouble"))["sources"]
    assert (source["condition"], source["error"], source["failures"]) == (
        "failing",
        "the site refuses us",
        1,
    )
    assert source["advice"]
    assert json.loads(editor.get_page("/api/sources?condition=well")) == {"total": 0, "sources": []}


def test_the_page_of_a_source_says_what_its_last_document_lost(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    source_id = world.source("The Steppe Post")
    assert "Notes on the last document" not in editor.get_page(f"/admin/sources/{source_id}")
    notes = ("12 entries repeat an article already taken", '"<b>Lost</b>" was left out')
    result = PollResult(world.clock(), document=DocumentMetadata(notes=notes))
    with parts.db.begin() as tx:
        store.record_poll(tx, source_id, result, world.clock())
    page = editor.get_page(f"/admin/sources/{source_id}")
    assert "Notes on the last document" in page
    assert "<li>12 entries repeat an article already taken</li>" in page
    assert "<b>Lost</b>" not in page
