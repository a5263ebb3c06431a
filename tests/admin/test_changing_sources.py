"""A change of a source is tried before it is saved."""

import pytest
from sqlalchemy import update

from digest.parts import Parts
from digest.sources.models import Source
from digest.sources.states import SourceKind
from digest.sources.store import sources as store
from tests.admin.news_site import FEED, SITE
from tests.builders import World
from tests.web.browser_session import BrowserSession

LONG = "The ferry returned at night. Its captain said that the storm had been the worst of the year."
NEW_FEED = FEED.format(title="The East").replace("</title><link>https://a.example/1", (
    f"</title><description>{LONG}</description><link>https://a.example/1"
))  # fmt: skip
CLEARED = {
    "etag": None,
    "last_modified": None,
    "body_hash": "",
    "failures": 0,
    "last_error": "",
    "moved_to": "",
}


@pytest.fixture
def source_id(world: World, parts: Parts, site: str) -> int:
    """A source whose last fetches failed, and that was fetched before with the headers of its old document."""
    found = world.source()
    with parts.db.begin() as tx:
        values = {
            "etag": '"old"',
            "body_hash": "old",
            "failures": 3,
            "last_error": "not found",
            "moved_to": "x",
        }
        tx.execute(update(Source).values(last_success_at=world.clock(), **values))
    return found


def form(url: str, **changes: str) -> dict[str, str]:
    values = {"title": "The Courier", "home": "KZ", "attribution": "", "excerpt_length": "30", "weight": "2"}
    return values | {"url": url} | changes


def row(parts: Parts, source_id: int) -> Source:
    with parts.db.read() as tx:
        return store.by_id(tx, source_id)


def test_a_try_shows_what_would_be_read_keeps_the_form_and_saves_nothing(
    editor: BrowserSession, parts: Parts, source_id: int, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SITE, "/east.xml", NEW_FEED)
    answer = editor.post(f"/admin/sources/{source_id}/try", form(f"{site}/east.xml"))
    assert answer.status_code == 200
    assert "News of the day" in answer.text
    assert "The ferry returned at night.</span>" in answer.text  # 30 characters, as typed
    for kept in (
        f'value="{site}/east.xml"',
        'value="The Courier"',
        '<option selected value="KZ">',
        'value="30"',
    ):
        assert kept in answer.text
    assert f'<form method="post" action="/admin/sources/{source_id}"' in answer.text
    saved = row(parts, source_id)
    assert (saved.url, saved.title, saved.etag) == (
        "https://the-steppe-post.example/feed.xml", "The Steppe Post", '"old"',
    )  # fmt: skip


def test_a_saved_address_is_read_afresh_and_keeps_the_articles(
    editor: BrowserSession, world: World, parts: Parts, source_id: int, site: str
) -> None:
    world.article()
    answer = editor.post(f"/admin/sources/{source_id}", form(f"{site}/north.xml"))
    page = editor.follow(answer)
    assert "from its new address" in page
    saved = row(parts, source_id)
    assert (saved.url, saved.title, saved.home) == (f"{site}/north.xml", "The Courier", "KZ")
    assert saved.host == "127.0.0.1"
    assert {name: getattr(saved, name) for name in CLEARED} == CLEARED
    assert saved.next_poll_at == parts.clock()
    assert f'href="/admin/articles?source={source_id}">1</a>' in page


def test_an_address_that_cannot_be_this_source_is_refused_beside_its_field(
    editor: BrowserSession, parts: Parts, source_id: int, site: str
) -> None:
    editor.post("/admin/sources", {"url": f"{site}/south.xml"})
    for step, url, words in (
        ("/try", f"{site}/404", "nothing at this address"),
        ("", f"{site}/two", "Enter the address of one of them"),
        ("/try", f"{site}/south.xml", "is a source already"),
        ("", f"{site}/south.xml", "is a source already"),
        ("", "", "Enter an address."),
    ):
        answer = editor.post(f"/admin/sources/{source_id}{step}", form(url))
        assert answer.status_code == 422
        assert words in answer.text.partition('id="url-error"')[2].partition("</p>")[0]
        assert 'value="The Courier"' in answer.text
    assert row(parts, source_id).title == "The Steppe Post"


def test_other_settings_are_saved_while_the_site_does_not_answer(
    editor: BrowserSession, parts: Parts, source_id: int
) -> None:
    same = form("https://the-steppe-post.example/feed.xml")
    assert editor.post(f"/admin/sources/{source_id}", same).status_code == 302
    saved = row(parts, source_id)
    assert (saved.title, saved.etag, saved.failures) == ("The Courier", '"old"', 3)


def test_a_page_stays_a_page_although_it_names_a_feed(
    editor: BrowserSession, parts: Parts, source_id: int, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = '<link rel="alternate" type="application/rss+xml" href="/north.xml">'
    items = "<li><a href=/n/1>Night ferry returns</a> <span>09.Jan.2026</span></li>"
    items += "<li><a href=/n/2>Storm damages breakwater</a> <span>08.Jan.2026</span></li>"
    listing = (
        f"<!doctype html><html><head><title>Harbour</title>{feed}</head><body><ul>{items}</ul></body></html>"
    )
    monkeypatch.setitem(SITE, "/list", listing)
    with parts.db.begin() as tx:
        tx.execute(update(Source).values(kind=SourceKind.PAGE))
    editor.post(f"/admin/sources/{source_id}", form(f"{site}/list"))
    saved = row(parts, source_id)
    assert (saved.url, saved.kind) == (f"{site}/list", SourceKind.PAGE)
