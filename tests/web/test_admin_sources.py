"""Adding, watching and deleting sources on the editors' page."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import update

from digest.articles.models import Article
from digest.articles.store import articles
from digest.parts import KEY, Parts
from digest.sources.http.fetch import Fetcher
from digest.sources.store import hosts
from digest.sources.store import sources as store
from digest.sources.store.sources import PollResult
from tests.builders import World
from tests.web.browser_session import TOKEN, Desk

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title><link>https://a.example/</link>
<item><title>News of the day</title><link>https://a.example/1</link></item></channel></rss>"""
LINK = '<link rel="alternate" type="application/rss+xml" title="{title}" href="/{path}.xml">'
SITE = {
    "/north.xml": FEED.format(title="The North"),
    "/south.xml": FEED.format(title="The South"),
    "/one": "<!doctype html><html><head>"
    + LINK.format(title="North", path="north")
    + "</head><body>x</body></html>",
    "/two": "<!doctype html><html><head>"
    + LINK.format(title="North", path="north")
    + LINK.format(title="<b>South</b>", path="south")
    + "</head><body>x</body></html>",
    "/none": "<!doctype html><html><head><title>x</title></head><body>No feed here</body></html>",
}


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = SITE.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """A news site on this machine, which the application may fetch from."""
    server = HTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_port}"
    found = app.extensions[KEY]
    fetcher = Fetcher(allow=frozenset((host,)), user_agent="Dateline/test")
    app.extensions[KEY] = replace(found, reader=replace(found.reader, fetcher=fetcher))
    yield f"http://{host}"
    server.shutdown()
    server.server_close()


def urls(parts: Parts) -> list[str]:
    with parts.db.read() as tx:
        return [source.url for source in store.listing(tx)]


@pytest.mark.parametrize("path", ["/north.xml", "/one"])
def test_a_feed_or_a_page_that_names_one_is_added_at_once(
    editor: Desk, site: str, parts: Parts, path: str
) -> None:
    answer = editor.post("/admin/sources", {"url": site + path})
    assert "The North is a source now" in editor.follow(answer)
    assert urls(parts) == [f"{site}/north.xml"]


def test_a_page_that_names_several_feeds_gives_a_choice(editor: Desk, site: str, parts: Parts) -> None:
    answer = editor.post("/admin/sources", {"url": f"{site}/two"})
    assert f'value="{site}/south.xml"' in answer.text
    assert "<b>South</b>" not in answer.text
    assert urls(parts) == []


@pytest.mark.parametrize(
    ("path", "words"), [("/none", "There is no feed at"), ("/404", "nothing at this address"), ("x", "")]
)
def test_what_is_no_feed_is_refused_with_the_reason(
    editor: Desk, site: str, parts: Parts, path: str, words: str
) -> None:
    answer = editor.post("/admin/sources", {"url": site + path}, on="/admin/sources")
    page = editor.follow(answer)
    assert 'role="alert"' in page
    assert words in page
    assert urls(parts) == []


def test_a_source_is_added_once(editor: Desk, site: str, parts: Parts) -> None:
    for address in ("north.xml", "north.xml", "north.xml#top"):
        answer = editor.post("/admin/sources", {"url": f"{site}/{address}"}, on="/admin/sources")
    assert "is a source already" in editor.follow(answer)
    assert len(urls(parts)) == 1


def test_a_list_comes_in_and_goes_out_as_opml(editor: Desk, world: World, parts: Parts) -> None:
    world.source("The Steppe Post")
    exported = editor.get("/admin/sources.opml").data
    more = exported.replace(b"the-steppe-post", b"the-other-post")
    for body, words in (
        (exported, "0 sources were added. 1 were here already."),
        (more, "1 source was added."),
    ):
        answer = editor.post("/admin/sources/import", {"file": (BytesIO(body), "list.opml")})
        assert words in editor.follow(answer)
    assert len(urls(parts)) == 2


def test_what_is_never_asked_of_a_list_is_told(editor: Desk, parts: Parts) -> None:
    body = b'<opml><body><outline xmlUrl="file:///etc/passwd"/><outline xmlUrl="https://a.example/"/></body></opml>'
    answer = editor.post("/admin/sources/import", {"file": (BytesIO(body), "list.opml")})
    assert "1 source was added. 1 was left out" in editor.follow(answer)
    assert urls(parts) == ["https://a.example/"]


def test_a_file_that_is_no_list_is_refused(editor: Desk) -> None:
    form = {"file": (BytesIO(b"PK\x03\x04 not a list"), "list.opml")}
    answer = editor.post("/admin/sources/import", form, on="/admin/sources")
    assert "not an OPML file" in editor.follow(answer)


def test_trouble_is_shown_in_words_and_a_start_forgets_it(editor: Desk, world: World, parts: Parts) -> None:
    source_id = world.source()
    with parts.db.begin() as tx:
        store.record(tx, source_id, PollResult(world.clock(), error="the site refuses us"), world.clock())
    assert "the site refuses us" in editor.page("/admin/sources")
    assert "1 source can&#39;t be read" in editor.page("/admin/")
    editor.post(f"/admin/sources/{source_id}/stop")
    assert "stopped" in editor.page("/admin/sources")
    editor.post(f"/admin/sources/{source_id}/start")
    assert "the site refuses us" not in editor.page("/admin/sources")


def test_title_and_home_country_are_saved(editor: Desk, world: World, parts: Parts) -> None:
    source_id = world.source()
    form = {"title": "The Steppe Courier", "home": "KZ", "attribution": "CC BY 4.0", "excerpt_length": "0"}
    form |= {"weight": "1.5"}
    editor.post(f"/admin/sources/{source_id}", form)
    with parts.db.read() as tx:
        assert (store.by_id(tx, source_id).title, store.by_id(tx, source_id).home) == (
            "The Steppe Courier",
            "KZ",
        )
        assert (store.by_id(tx, source_id).attribution, store.by_id(tx, source_id).excerpt_length) == (
            "CC BY 4.0",
            0,
        )
        assert store.by_id(tx, source_id).weight == 1.5
    page = editor.page(f"/admin/sources/{source_id}")
    assert '<option selected value="KZ">' in page
    answer = editor.post(f"/admin/sources/{source_id}", form | {"excerpt_length": "281"}, on="/admin/sources")
    assert "From 0 to 280 characters." in editor.follow(answer)
    for weight, told in (("-1", "From 0 to 4."), ("nan", "From 0 to 4."), ("", "Give a number.")):
        answer = editor.post(f"/admin/sources/{source_id}", form | {"weight": weight}, on="/admin/sources")
        assert told in editor.follow(answer)


def test_deleting_says_how_many_articles_go_and_then_does_it(
    editor: Desk, world: World, parts: Parts
) -> None:
    world.article()
    world.article()
    assert "2 articles go with it" in editor.page("/admin/sources/1/delete")
    assert urls(parts)
    editor.post("/admin/sources/1/delete")
    assert urls(parts) == []
    with parts.db.read() as tx:
        assert articles.latest(tx, articles.Filter())[1] == 0
    assert editor.get("/admin/sources/1").status_code == 404


LISTING = (
    "<!doctype html><html lang=en><head><title>Harbour news</title>{head}</head><body><h1>Harbour news</h1><ul>"
    "<li><a href=/n/1>Night ferry returns</a> <span>09.Jan.2026</span></li>"
    "<li><a href=/n/2>Storm <b>damages</b> breakwater</a> <span>08.Jan.2026</span></li></ul></body></html>"
)


def test_an_address_is_tried_before_it_becomes_a_source(editor: Desk, site: str, parts: Parts) -> None:
    shown = editor.post("/admin/sources/try", {"url": f"{site}/north.xml"}).text
    assert "The North" in shown
    assert "News of the day" in shown
    assert "not said: the time it is first seen counts" in shown
    assert urls(parts) == []
    assert f'name="url" value="{site}/north.xml"' in shown


def test_a_page_that_only_lists_headlines_is_tried_and_added_as_a_page(
    editor: Desk, site: str, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SITE, "/list", LISTING.format(head=""))
    shown = editor.post("/admin/sources/try", {"url": f"{site}/list"}).text
    assert "Storm damages breakwater" in shown
    assert 'name="kind" value="page"' in shown
    editor.post("/admin/sources", {"url": f"{site}/list", "kind": "page"})
    with parts.db.read() as tx:
        assert [(one.url, one.kind) for one in store.listing(tx)] == [(f"{site}/list", "page")]


def test_the_page_itself_is_the_last_choice_after_feeds_and_sitemaps(
    editor: Desk, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        SITE, "/list", LISTING.format(head="").replace("<ul>", "<a href=/rss>Subscribe</a><ul>")
    )
    monkeypatch.setitem(SITE, "/robots.txt", f"Sitemap: {site}/pages.xml\nSitemap: {site}/news.xml\n")
    shown = editor.post("/admin/sources", {"url": f"{site}/list"}).text
    places = [shown.index(f'value="{site}{path}"') for path in ("/rss", "/news.xml", "/pages.xml", "/list")]
    assert places == sorted(places)


def test_a_page_whose_site_closes_it_to_programs_is_refused(
    editor: Desk, site: str, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SITE, "/list", LISTING.format(head=""))
    monkeypatch.setitem(SITE, "/robots.txt", "User-agent: *\nDisallow: /list\n")
    answer = editor.post("/admin/sources", {"url": f"{site}/list", "kind": "page"}, on="/admin/sources")
    assert "robots.txt" in editor.follow(answer)
    assert urls(parts) == []


def test_a_thousand_sources_are_shown_a_page_at_a_time_those_in_trouble_first(
    editor: Desk, world: World, parts: Parts
) -> None:
    with parts.db.begin() as tx:
        for n in range(120):
            store.add(tx, f"https://a{n}.example/feed", f"Paper {n:03}", world.clock())
        store.record(tx, 77, PollResult(world.clock(), error="the site refuses us"), world.clock())
    page = editor.page("/admin/sources")
    assert page.index("Paper 076") < page.index("Paper 000")
    assert "Paper 060" not in page
    assert "1 to 50 of 120" in page
    assert "Paper 060" in editor.page("/admin/sources?page=2")
    assert "Paper 076" not in editor.page("/admin/sources?page=2")
    troubled = editor.page("/admin/sources?condition=trouble")
    assert "Paper 076" in troubled
    assert "Paper 001" not in troubled
    assert "Paper 033" in editor.page("/admin/sources?q=a33.example")
    assert "No source fits" in editor.page("/admin/sources?q=nothing+like+it")
    for sort in ("title", "most", "quiet", "next"):
        assert "Paper 000" in editor.page(f"/admin/sources?sort={sort}")


def test_held_articles_are_shown_and_released_or_dropped_and_taken_back(
    editor: Desk, world: World, parts: Parts
) -> None:
    for n in range(2):
        world.article(title=f"Kazakhstan counts all its cranes again, part {n}")
    with parts.db.begin() as tx:
        tx.execute(update(Article).values(held="flood", story_id=None))
    page = editor.page("/admin/sources/1")
    assert "2 articles are held" in page
    assert "Kazakhstan counts all its cranes again" in page
    assert "Articles of 1 source wait" in editor.page("/admin/")
    assert "articles are held" in editor.page("/admin/sources?condition=held")
    answer = editor.post("/admin/sources/1/held/drop")
    assert "2 articles are in no digest." in editor.follow(answer)
    answer = editor.post("/admin/sources/1/held/back")
    assert "2 articles are held again." in editor.follow(answer)
    answer = editor.post("/admin/sources/1/held/release")
    assert "2 articles are released." in editor.follow(answer)
    with parts.db.read() as tx:
        found, _ = articles.latest(tx, articles.Filter())
        assert all(article.story_id and not article.held for article in found)


def test_a_host_that_wants_a_pause_is_not_asked_by_hand_either(
    editor: Desk, world: World, parts: Parts
) -> None:
    world.source()
    until = world.clock() + timedelta(hours=3)
    with parts.db.begin() as tx:
        hosts.pause(tx, "the-steppe-post.example", until, "the site says that we ask too often")
    assert "waits for its host" in editor.page("/admin/sources")
    answer = editor.post("/admin/sources/1/poll", on="/admin/sources")
    assert "Not now: the site says that we ask too often." in editor.follow(answer)


def test_programs_read_how_sources_do_as_json_once_signed_in(
    editor: Desk, app: Flask, world: World, parts: Parts
) -> None:
    source_id = world.source()
    with parts.db.begin() as tx:
        store.record(tx, source_id, PollResult(world.clock(), error="the site refuses us"), world.clock())
    refused = app.test_client().get("/api/sources", base_url="https://news.example.org")
    assert refused.status_code == 401
    assert "Steppe" not in refused.text
    (told,) = json.loads(editor.page("/api/sources?condition=trouble"))["sources"]
    assert (told["condition"], told["error"], told["failures"]) == ("failing", "the site refuses us", 1)
    assert told["advice"]
    assert json.loads(editor.page("/api/sources?condition=well")) == {"total": 0, "sources": []}


def test_an_error_after_trying_an_address_is_told_on_a_page_that_there_is(editor: Desk) -> None:
    """The answer to "Try first" has a button of its own, and no page can be asked for at its address."""
    token = TOKEN.search(editor.page("/admin/sources"))
    assert token
    form = {"url": "file:///etc/passwd", "csrf_token": token[1]}
    answer = editor.post_bare("/admin/sources", form, came_from="/admin/sources/try")
    assert answer.location == "/admin/sources"
    assert "is not an address of a web page" in editor.follow(answer)
