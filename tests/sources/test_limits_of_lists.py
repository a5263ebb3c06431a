"""Lists of entries at their limits: JSON Feeds, sitemaps, feeds with too many entries, and ends of texts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from digest.sources.pure.entries import DocumentError, ParsedSource
from digest.sources.pure.feeds import json_feed as json_feed_module
from digest.sources.pure.feeds import sitemaps
from digest.sources.pure.feeds.feed_limits import SanitizedFeed, sanitize_feed
from digest.sources.pure.feeds.feed_text import drop_link_footers, show_emoji
from digest.sources.pure.feeds.json_feed import read_json_feed
from digest.sources.pure.feeds.newest_entries import keep_newest, newest_indexes, remove_empty_items
from digest.sources.pure.feeds.sitemaps import read_sitemap
from digest.sources.pure.feeds.xml_parser import create_xml_parser
from digest.sources.states import SourceKind

URL = "https://quay.example/feed"
NAMESPACES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="urn:news" xmlns:i="urn:image"'
LINK = "https://quay.example/2026/ferry/"


def json_feed(*items: object, **members: object) -> ParsedSource:
    return read_json_feed({"items": list(items), **members}, url=URL)


def sitemap(inner: str, root: str = "urlset") -> ParsedSource:
    return read_sitemap(sanitize_feed(f"<{root} {NAMESPACES}>{inner}</{root}>"), url=URL)


def page(number: int, inner: str = "") -> str:
    return f"<url><loc>/{number}</loc>{inner}</url>"


def newest(*items: str, limit: int = 2) -> tuple[str, list[str]]:
    warnings = list[str]()
    return keep_newest("<c>" + "".join(items) + "</c>", limit, warnings), warnings


@pytest.mark.parametrize(
    "data",
    [
        [],
        {"title": "T"},
        {"title": "T", "items": {}},
        {"items": []},
        {"items": [{"id": "1"}]},
        {"items": [{"content_text": " "}]},
        {"items": ["x"], "version": "2"},
    ],
)
def test_json_without_a_list_and_a_sign_of_news_is_no_feed(data: Any) -> None:
    with pytest.raises(DocumentError, match="not a JSON Feed"):
        read_json_feed(data, url=URL)


@pytest.mark.parametrize(
    "data",
    [
        {"items": [], "title": "T"},
        {"items": [], "version": "https://jsonfeed.org/version/1"},
        {"items": [{"content_html": "<p>x</p>"}]},
        {"items": [{}, {"content_text": "x"}]},
    ],
)
def test_one_sign_of_a_json_feed_is_enough(data: dict[str, Any]) -> None:
    parsed = read_json_feed(data, url=URL)
    assert len(parsed.entries) == len(data["items"])
    assert parsed.warnings == ()


def test_a_json_feed_with_as_many_items_as_are_read_is_whole_and_one_with_more_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_feed_module, "MAX_ENTRIES", 3)
    items = [{"id": str(n), "date_modified": f"202{n}-01-01"} for n in range(4)]
    assert json_feed(*items[:-1], title="T").warnings == ()
    parsed = json_feed({"id": "undated"}, *items[1:], title="T")
    assert [entry.id for entry in parsed.entries] == ["1", "2", "3"]
    assert parsed.warnings == ("only the newest 3 of 4 entries were read",)


def test_the_title_of_a_json_feed_is_text_and_else_its_address() -> None:
    assert json_feed(title="The <nav> element").title == "The <nav> element"
    version = "https://jsonfeed.org/version/1.1"
    assert json_feed(version=version, home_page_url="/news").title == "https://quay.example/news"
    assert json_feed(version=version).title == URL


def test_a_json_items_fields_have_their_second_choices() -> None:
    item = {
        "external_url": "/elsewhere",
        "content_text": "Words of the news",
        "banner_image": "/banner.jpg",
        "tags": [f"t{n}" for n in range(60)],
        "attachments": [{"url": f"/{n}.mp3"} for n in range(25)],
        "authors": [{"name": "Ana"}],
        "author": {"name": "Bo"},
    }
    (entry,) = json_feed(item, title="T", authors=[{"name": "Cy"}]).entries
    assert (entry.link, entry.image) == ("https://quay.example/elsewhere", "https://quay.example/banner.jpg")
    assert (entry.author, entry.summary, entry.content) == ("Ana, Bo", "Words of the news", "")
    assert (len(entry.categories), len(entry.enclosures)) == (50, 20)
    (entry,) = json_feed(
        {"url": "/1", "external_url": "/2", "image": "/a.jpg", "banner_image": "/b.jpg"}, title="T"
    ).entries
    assert (entry.link, entry.image) == ("https://quay.example/1", "https://quay.example/a.jpg")  # fmt: skip


def test_authors_of_a_json_feed_are_those_of_items_without_any() -> None:
    first, second = json_feed(
        {"id": 1}, {"id": True, "author": {"name": "Bo"}}, title="T", authors={"name": "Cy"}
    ).entries
    assert (first.id, first.author, second.author) == ("1", "Cy", "Bo")  # fmt: skip
    assert second.id.startswith("sha256:")  # "true" is no id


def test_of_two_entries_with_equal_dates_the_first_stays() -> None:
    day = datetime(2026, 1, 14, tzinfo=UTC)
    assert newest_indexes([None, day, day + timedelta(days=1), day, None], 2) == {1, 2}
    assert newest_indexes([None, None, None], 2) == {0, 1}
    assert newest_indexes([None, datetime(1969, 7, 20, tzinfo=UTC)], 1) == {1}


def test_entries_without_an_end_or_a_beginning_are_left_out_whole() -> None:
    one, two, three = (f"<item><pubDate>2026-01-1{n}</pubDate></item>" for n in (1, 2, 3))
    body, warnings = newest(one, " - ", two, " - ", three, " .")
    assert body == f"<c> - {two} - {three} .</c>"
    assert warnings == ["only the newest 2 of 3 entries were read"]
    assert keep_newest(one + two, 1, []) == two
    assert newest(two, one, limit=2) == (f"<c>{two}{one}</c>", [])
    assert newest(one, "lost</item>", two, limit=2)[0] == f"<c>{one}lost{two}</c>"


def test_a_date_of_publication_counts_more_than_an_earlier_one_of_a_change() -> None:
    changed = "<updated>2026-12-31</updated>"
    old = f"<item>{changed}<pubDate>2026-01-11</pubDate></item>"
    new = "<item><pubDate>2026-01-12</pubDate></item>"
    only_changed = f"<item>{changed}</item>"
    assert newest(old, new, limit=1)[0] == f"<c>{new}</c>"
    assert newest(new, only_changed, limit=1)[0] == f"<c>{only_changed}</c>"
    unread = "<item>" + "<updated>any day</updated>" * 4 + "<pubDate>2026-01-13</pubDate></item>"
    assert newest(new, unread, limit=1)[0] == f"<c>{new}</c>"
    bad = "<item><pubDate>any day soon</pubDate><dc:date>2026-01-13</dc:date></item>"
    assert newest(new, bad, limit=1)[0] == f"<c>{bad}</c>"


def test_one_dated_entry_is_enough_to_go_by_dates() -> None:
    undated, dated = "<item>x</item>", "<item><pubDate>2026-01-12</pubDate></item>"
    body, warnings = newest(undated, undated, dated)
    assert body == f"<c>{undated}{dated}</c>"
    assert warnings == ["only the newest 2 of 3 entries were read"]
    assert newest(undated, undated, undated)[1] == ["only the first 2 of 3 entries were read"]


def test_the_dates_of_ten_thousand_entries_are_read_and_no_more() -> None:
    _, warnings = newest("<item><pubDate>2026-01-12</pubDate></item>" * 10_001)
    assert warnings == ["only the first 2 of 10001 entries were read"]


def test_only_entries_with_nothing_in_them_are_removed() -> None:
    assert remove_empty_items("<item a='1'/><item>\n</item><ENTRY></ENTRY><item>x</item><items/>") == (
        "<item>x</item><items/>"
    )


def test_a_sitemap_with_too_many_pages_gives_its_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "MAX_ENTRIES", 3)
    dated = [page(n, f"<lastmod>202{n}-01-01</lastmod>") for n in (3, 1, 2)]
    whole = sitemap("".join(dated))
    assert [entry.id[-1] for entry in whole.entries] == ["3", "1", "2"]
    assert whole.warnings == ()
    cut = sitemap(page(9) + "".join(dated))
    assert [entry.id[-1] for entry in cut.entries] == ["3", "2", "1"]
    assert cut.warnings == ("only the newest 3 of 4 pages were read",)


def test_a_page_of_a_sitemap_has_its_picture_and_its_words() -> None:
    news = "<n:news><n:title>Salt &lt;nav&gt;</n:title><n:publication_date>2026-01-14</n:publication_date>"
    news += "<n:keywords> ports ,, grain</n:keywords></n:news>"
    picture = "<i:image><i:loc>/a.jpg</i:loc></i:image>"
    first, second = sitemap(
        page(1, news + picture) + "<!-- <url> -->" + page(2, "<i:image/>") + "<x>y</x>"
    ).entries
    assert (first.title, first.image) == ("Salt <nav>", "https://quay.example/a.jpg")
    assert (first.categories, first.updated) == (("ports", "grain"), None)
    assert (second.title, second.image, second.published) == ("https://quay.example/2", None, None)


def test_the_children_of_an_index_are_those_of_news_first_and_then_the_newest() -> None:
    def child(name: str, day: int) -> str:
        return f"<sitemap><loc>/{name}.xml</loc><lastmod>2026-01-{day:02}</lastmod></sitemap>"

    parsed = sitemap(
        child("a", 1) + child("b", 3) + child("News", 2) + child("b", 2) + "<url><loc>/x</loc></url>",
        "sitemapindex",
    )
    assert parsed.children == tuple(f"https://quay.example/{name}.xml" for name in ("News", "b", "a"))
    assert (parsed.kind, parsed.link, parsed.entries) == (SourceKind.SITEMAP, URL, ())
    many = "".join(child(str(n), 1) for n in range(60))
    assert len(sitemap(many, "sitemapindex").children) == 50
    with pytest.raises(DocumentError, match="names no sitemap"):
        sitemap("<sitemap><loc>mailto:x</loc></sitemap>", "sitemapindex")


def test_nothing_is_read_into_a_document_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "x.dtd").write_text('<!ENTITY x "yes">')
    system = f'SYSTEM "{(tmp_path / "x.dtd").as_uri()}"'
    for declared in (
        f"<!DOCTYPE o {system}>",
        '<!DOCTYPE o [<!ENTITY x "yes">]>',
        f"<!DOCTYPE o [<!ENTITY x {system}>]>",
    ):
        root = etree.fromstring(f"{declared}<o>&x;</o>".encode(), create_xml_parser())
        assert root.text is None
        assert root.getroottree().docinfo.externalDTD is None
    deep = etree.fromstring(b"<a>" * 400, create_xml_parser())
    assert sum(1 for _ in deep.iter()) == 256  # the depth to which libxml2 reads


def test_what_is_no_sitemap_is_refused() -> None:
    for text in ("", "<!-- -->"):
        with pytest.raises(DocumentError, match="sitemap"):
            read_sitemap(SanitizedFeed(text, SourceKind.SITEMAP, truncated=False, warnings=()), url=URL)


def test_four_footers_are_dropped_and_no_more() -> None:
    footer = f'<p>The post <a href="{LINK}">Ferry</a> is on <a href="https://quay.example/">Quay</a></p>'
    assert drop_link_footers("!" + footer, LINK) == "!"
    text = "<p>The ferry runs again.</p>"
    assert drop_link_footers(text + footer * 4, LINK) == text
    assert drop_link_footers(text + footer * 5, LINK) == text + footer
    assert drop_link_footers("<p>" + "x" * 3_000 + "</p>" + footer, LINK) == "<p>" + "x" * 3_000 + "</p>"


@pytest.mark.parametrize(
    ("end", "is_footer"),
    [
        ('<p><a href="a">{25}</a> <a href="b">{25}</a></p>', True),
        ('<p><a href="a">{26}</a> <a href="b">{1}</a></p>', False),
        ('<p><a href="a">{1}</a> <a href="b">{26}</a></p>', False),
        ('<p><a href="a">{1}</a></p>', False),
        ('<p>{80} <a href="LINK">{1}</a> <a href="b">{1}</a></p>', True),
        ('<p>{81} <a href="LINK">{1}</a> <a href="b">{1}</a></p>', False),
        ("<p>{9} <a href=\"b\">{1}</a> <a href='LINK?utm=1'>{1}</a></p>", True),
        ('<p>{9} <a href="LINKother">{1}</a> <a href="b">{1}</a></p>', False),
        ('<p>{9} <a href="b">{1}</a> <a>{1}</a></p>', False),
        ('<div><p>{9}</p> <a href="LINK">{1}</a> <a href="b">{1}</a></div>', False),
        ('{9} <a href="LINK">{1}</a> <a href="b">{1}</a>', False),
        ('</p> <a href="LINK">{1}</a> <a href="b">{1}</a></div>', False),
    ],
)
def test_a_footer_is_short_and_links_to_its_own_page_or_is_a_row_of_short_links(
    end: str, is_footer: bool
) -> None:
    for length in (80, 81, 25, 26, 9, 1):
        end = end.replace(f"{{{length}}}", "x" * length)
    end = end.replace("LINK", LINK)
    text = "<p>The ferry runs again.</p>"
    assert drop_link_footers(text + end, LINK) == (text if is_footer else text + end)


def test_without_an_address_nothing_is_the_entrys_own_page() -> None:
    end = '<p>Words <a href="">x</a> and <a href="b">y</a></p>'
    assert drop_link_footers("<p>Text</p>" + end, "") == "<p>Text</p>" + end


@pytest.mark.parametrize("alt", ["A 🎉", "☀ok", "", "2026", "#", "\u200d"])
def test_an_image_of_words_is_no_emoji(alt: str) -> None:
    assert show_emoji(f'<img alt="{alt}" src="a.png">') == f'<img alt="{alt}" src="a.png">'


@pytest.mark.parametrize("alt", ["👍🏽", "1\u20e3", "☀ ☀", "&#x1f389;"])
def test_an_image_of_symbols_alone_is_an_emoji(alt: str) -> None:
    assert show_emoji(f"Good <IMG alt='{alt}' src=a> day") == f"Good {alt} day"
