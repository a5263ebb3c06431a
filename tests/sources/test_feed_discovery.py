"""The feeds that a page links to are found."""

from digest.sources.pure.pages.feed_discovery import DiscoveredSource, find_alternate_feeds

PAGE = b"""<!doctype html><html><head><title>The Quay</title>
<link rel="stylesheet" href="/style.css">
<link rel="alternate" type="application/rss+xml" title="News &amp; views" href="/feed.xml">
<link rel='ALTERNATE' type='application/atom+xml; charset=utf-8' href='//quay.example/atom'>
<link rel="alternate" type="application/json" href="/wp-json/posts/1">
<link rel="alternate" hreflang="fr" href="/fr/">
<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
<link rel="alternate" type="application/rss+xml" href="/feed.xml">
</head><body><p>text"""


def test_the_feeds_of_a_page_are_found_in_order_each_once() -> None:
    assert find_alternate_feeds(PAGE, url="https://quay.example/news/") == (
        DiscoveredSource("https://quay.example/feed.xml", "News & views", "application/rss+xml"),
        DiscoveredSource("https://quay.example/atom", "", "application/atom+xml"),
    )


def test_relative_links_are_resolved_against_the_base_of_the_page() -> None:
    page = b'<base href="https://cdn.example/x/"><link rel=alternate type="application/rss+xml" href=rss>'
    assert [feed.url for feed in find_alternate_feeds(page, url="https://a.example/")] == [
        "https://cdn.example/x/rss"
    ]


def test_a_page_without_feeds_or_without_html_has_none() -> None:
    for page in (b"", b"plain words", b"\x00\x01\xff", b"<html><body>no feeds</body></html>", b"/etc/passwd"):
        assert find_alternate_feeds(page, url="https://a.example/") == ()


def test_a_page_of_a_hundred_thousand_nested_elements_is_read() -> None:
    page = b'<link rel="alternate" type="application/rss+xml" href="/rss">' + b"<div>" * 100_000
    assert [feed.url for feed in find_alternate_feeds(page, url="https://a.example/")] == [
        "https://a.example/rss"
    ]
