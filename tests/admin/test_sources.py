"""Adding, watching and deleting sources in the newsroom."""

from io import BytesIO

import pytest

from digest.articles.store import article_search
from digest.parts import Parts
from digest.sources.store import sources as store
from digest.sources.store.sources import PollResult
from tests.admin.news_site import SITE
from tests.builders import World
from tests.web.browser_session import CSRF_FIELD, BrowserSession


def urls(parts: Parts) -> list[str]:
    with parts.db.read() as tx:
        return [source.url for source in store.all_sources(tx)]


@pytest.mark.parametrize("path", ["/north.xml", "/one"])
def test_a_feed_or_a_page_that_names_one_is_added_at_once(
    editor: BrowserSession, site: str, parts: Parts, path: str
) -> None:
    answer = editor.post("/admin/sources", {"url": site + path})
    assert "The North is added" in editor.follow(answer)
    assert urls(parts) == [f"{site}/north.xml"]


def test_a_page_that_names_several_feeds_gives_a_choice(
    editor: BrowserSession, site: str, parts: Parts
) -> None:
    answer = editor.post("/admin/sources", {"url": f"{site}/two"})
    assert f'value="{site}/south.xml"' in answer.text
    assert "<b>South</b>" not in answer.text
    assert urls(parts) == []


@pytest.mark.parametrize(
    ("path", "words"), [("/none", "There is no feed at"), ("/404", "nothing at this address"), ("x", "")]
)
def test_an_address_without_a_feed_is_refused_with_the_reason(
    editor: BrowserSession, site: str, parts: Parts, path: str, words: str
) -> None:
    answer = editor.post("/admin/sources", {"url": site + path}, form_page="/admin/sources")
    page = editor.page_after(answer)
    assert 'role="alert"' in page
    assert words in page
    assert urls(parts) == []


def test_a_source_is_added_once(editor: BrowserSession, site: str, parts: Parts) -> None:
    for address in ("north.xml", "north.xml", "north.xml#top"):
        answer = editor.post("/admin/sources", {"url": f"{site}/{address}"}, form_page="/admin/sources")
    assert "is a source already" in editor.page_after(answer)
    assert len(urls(parts)) == 1


def test_a_list_comes_in_and_goes_out_as_opml(editor: BrowserSession, world: World, parts: Parts) -> None:
    world.source("The Steppe Post")
    exported = editor.get("/admin/sources.opml").data
    more = exported.replace(b"the-steppe-post", b"the-other-post")
    for body, words in (
        (exported, "0 sources were added. 1 were already present."),
        (more, "1 source was added."),
    ):
        answer = editor.post("/admin/sources/import", {"file": (BytesIO(body), "list.opml")})
        assert words in editor.page_after(answer)
    assert len(urls(parts)) == 2


def test_skipped_addresses_of_a_list_are_reported(editor: BrowserSession, parts: Parts) -> None:
    body = b'<opml><body><outline xmlUrl="file:///etc/passwd"/><outline xmlUrl="https://a.example/"/></body></opml>'
    answer = editor.post("/admin/sources/import", {"file": (BytesIO(body), "list.opml")})
    assert "1 source was added. 1 was skipped" in editor.follow(answer)
    assert urls(parts) == ["https://a.example/"]


def test_a_file_that_is_not_opml_is_refused(editor: BrowserSession) -> None:
    form = {"file": (BytesIO(b"PK\x03\x04 not a list"), "list.opml")}
    answer = editor.post("/admin/sources/import", form, form_page="/admin/sources")
    assert "not an OPML file" in editor.page_after(answer)


def test_an_error_is_shown_and_forgotten_after_a_restart(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    source_id = world.source()
    with parts.db.begin() as tx:
        store.record_poll(
            tx, source_id, PollResult(world.clock(), error="the site refuses us"), world.clock()
        )
    assert "the site refuses us" in editor.get_page("/admin/sources")
    assert "1 source can&#39;t be fetched" in editor.get_page("/admin/")
    editor.post(f"/admin/sources/{source_id}/stop")
    assert "stopped" in editor.get_page("/admin/sources")
    editor.post(f"/admin/sources/{source_id}/start")
    assert "the site refuses us" not in editor.get_page("/admin/sources")


def test_title_and_home_country_are_saved(editor: BrowserSession, world: World, parts: Parts) -> None:
    source_id = world.source()
    form = {"title": "The Steppe Courier", "home": "KZ", "attribution": "CC BY 4.0", "excerpt_length": "0"}
    form |= {"weight": "1.5", "url": "https://the-steppe-post.example/feed.xml"}
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
    page = editor.get_page(f"/admin/sources/{source_id}")
    assert '<option selected value="KZ">' in page
    answer = editor.post(
        f"/admin/sources/{source_id}", form | {"excerpt_length": "281"}, form_page="/admin/sources"
    )
    assert "From 0 to 280 characters." in editor.page_after(answer)
    for weight, message in (("-1", "From 0 to 4."), ("nan", "From 0 to 4."), ("", "Enter a number.")):
        answer = editor.post(
            f"/admin/sources/{source_id}", form | {"weight": weight}, form_page="/admin/sources"
        )
        assert message in editor.page_after(answer)


def test_deleting_says_how_many_articles_are_deleted_too(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article()
    world.article()
    assert "Its 2 articles are deleted too" in editor.get_page("/admin/sources/1/delete")
    assert urls(parts)
    editor.post("/admin/sources/1/delete")
    assert urls(parts) == []
    with parts.db.read() as tx:
        assert article_search.count(tx, article_search.ArticleFilter()) == 0
    assert editor.get("/admin/sources/1").status_code == 404


LISTING = (
    "<!doctype html><html lang=en><head><title>Harbour news</title>{head}</head><body><h1>Harbour news</h1><ul>"
    "<li><a href=/n/1>Night ferry returns</a> <span>09.Jan.2026</span></li>"
    "<li><a href=/n/2>Storm <b>damages</b> breakwater</a> <span>08.Jan.2026</span></li></ul></body></html>"
)


def test_an_address_is_previewed_before_it_becomes_a_source(
    editor: BrowserSession, site: str, parts: Parts
) -> None:
    shown = editor.post("/admin/sources/try", {"url": f"{site}/north.xml"}).text
    assert "The North" in shown
    assert "News of the day" in shown
    assert "none; first-seen time is used" in shown
    assert urls(parts) == []
    assert f'name="url" value="{site}/north.xml"' in shown


def test_a_page_that_only_lists_headlines_is_tried_and_added_as_a_page(
    editor: BrowserSession, site: str, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SITE, "/list", LISTING.format(head=""))
    shown = editor.post("/admin/sources/try", {"url": f"{site}/list"}).text
    assert "Storm damages breakwater" in shown
    assert 'name="kind" value="page"' in shown
    editor.post("/admin/sources", {"url": f"{site}/list", "kind": "page"})
    with parts.db.read() as tx:
        assert [(one.url, one.kind) for one in store.all_sources(tx)] == [(f"{site}/list", "page")]


def test_the_page_itself_is_the_last_choice_after_feeds_and_sitemaps(
    editor: BrowserSession, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        SITE, "/list", LISTING.format(head="").replace("<ul>", "<a href=/rss>Subscribe</a><ul>")
    )
    monkeypatch.setitem(SITE, "/robots.txt", f"Sitemap: {site}/pages.xml\nSitemap: {site}/news.xml\n")
    shown = editor.post("/admin/sources", {"url": f"{site}/list"}).text
    places = [shown.index(f'value="{site}{path}"') for path in ("/rss", "/news.xml", "/pages.xml", "/list")]
    assert places == sorted(places)


def test_a_page_whose_site_closes_it_to_programs_is_refused(
    editor: BrowserSession, site: str, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SITE, "/list", LISTING.format(head=""))
    monkeypatch.setitem(SITE, "/robots.txt", "User-agent: *\nDisallow: /list\n")
    answer = editor.post(
        "/admin/sources", {"url": f"{site}/list", "kind": "page"}, form_page="/admin/sources"
    )
    assert "robots.txt" in editor.page_after(answer)
    assert urls(parts) == []


def test_an_error_after_a_source_preview_shows_the_address_again(editor: BrowserSession) -> None:
    """The response to "Preview" has a button of its own, but its URL does not accept GET."""
    token = CSRF_FIELD.search(editor.get_page("/admin/sources"))
    assert token
    form = {"url": "file:///etc/passwd", "csrf_token": token[1]}
    answer = editor.post_without_token("/admin/sources", form, referrer="/admin/sources/try")
    assert answer.status_code == 400
    assert "is not an address of a web page" in answer.text
    assert 'value="file:///etc/passwd"' in answer.text


def test_the_page_of_a_source_has_its_latest_articles(editor: BrowserSession, world: World) -> None:
    for age in range(12, 0, -1):
        world.article(f"Bulletin number {age}", age=age)
    world.article("A report of somebody else", source="Harbour Wire")
    page = editor.get_page("/admin/sources/1")
    assert [page.count(f">Bulletin number {age}</a>") for age in (1, 10, 11)] == [1, 1, 0]
    assert "somebody else" not in page
    assert "All articles of this source" in page
