"""The gallery of starter packs: what is chosen is tested, then added with the name and country of the pack."""

import html

import pytest

from digest.admin import source_packs
from digest.parts import Parts
from digest.sources import pack_adding
from digest.sources.pure.feeds.starter_packs import PackSource
from digest.sources.store import sources as store
from tests.web.browser_session import BrowserSession


def pack_source(url: str, title: str) -> PackSource:
    return PackSource(url, title, "https://a.example/", "en", "KZ", "agency", "2026-11-30", "a list")


@pytest.fixture
def packs(site: str, monkeypatch: pytest.MonkeyPatch) -> list[PackSource]:
    found = [pack_source(f"{site}/{name}.xml", name.title()) for name in ("north", "south", "gone")]
    monkeypatch.setattr(source_packs, "starter_packs", lambda: {"central-asia": found})
    return found


def test_what_can_be_read_is_added_and_the_rest_stays_ticked_with_the_reason(
    editor: BrowserSession, parts: Parts, packs: list[PackSource]
) -> None:
    ticked = [packs[0].url, packs[2].url]
    page = editor.post("/admin/sources/packs", {"url": ticked}, form_page="/admin/sources/packs").text
    with parts.db.read() as tx:
        (row,) = store.all_sources(tx)
    assert (row.url, row.title, row.home) == (packs[0].url, "North", "KZ")
    assert "Added, and being fetched: North." in page
    assert "1 entry was read." in page
    assert "can&#39;t be read" in page
    assert f'value="{packs[2].url}" aria-label="Gone" checked' in page
    assert f'value="{packs[1].url}" aria-label="South">' in page


def test_a_source_is_added_once(editor: BrowserSession, parts: Parts, packs: list[PackSource]) -> None:
    for _ in range(2):
        editor.post("/admin/sources/packs", {"url": [packs[0].url]}, form_page="/admin/sources/packs")
    with parts.db.read() as tx:
        assert len(store.all_sources(tx)) == 1
    assert '<span class="badge good">added</span>' in editor.get_page("/admin/sources/packs")


def test_too_many_at_once_are_refused_and_stay_ticked(
    editor: BrowserSession, parts: Parts, packs: list[PackSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack_adding, "MAX_AT_ONCE", 1)
    ticked = [packs[0].url, packs[1].url]
    answer = editor.post("/admin/sources/packs", {"url": ticked}, form_page="/admin/sources/packs")
    assert answer.status_code == 400
    assert answer.text.count(" checked") == 2
    with parts.db.read() as tx:
        assert not store.all_sources(tx)


def test_an_address_of_no_pack_is_not_added(
    editor: BrowserSession, parts: Parts, packs: list[PackSource]
) -> None:
    del packs
    editor.post("/admin/sources/packs", {"url": ["https://evil.example/"]}, form_page="/admin/sources/packs")
    with parts.db.read() as tx:
        assert not store.all_sources(tx)


def test_a_country_narrows_the_packs(editor: BrowserSession) -> None:
    page = html.unescape(editor.get_page("/admin/sources/packs?country=UZ"))
    assert "https://uza.uz/en/rss" in page
    assert "tagesschau" not in page
    assert "No publisher in the packs" in editor.get_page("/admin/sources/packs?country=TV")
