"""Hostile and damaged feeds are parsed within limits or refused."""

import time
from contextlib import suppress
from html import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.sources.pure.entries import DocumentError, ParsedSource
from digest.sources.pure.feeds.feed_limits import MAX_BYTES, MAX_ENTRIES
from digest.sources.pure.feeds.feed_parser import parse_feed

URL = "https://quay.example/feed"


def feed(inner: str, head: str = "") -> bytes:
    item = f"<item><title>x</title><link>https://quay.example/1</link>{inner}</item>"
    return f'{head}<rss version="2.0"><channel><title>T</title>{item}</channel></rss>'.encode()


def text_of(parsed: ParsedSource) -> str:
    return repr(parsed.as_json())


def test_nested_entities_are_left_out() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    body = feed("<description>&e9;</description>", f'<!DOCTYPE r [<!ENTITY e0 "haha">{levels}]>')
    parsed = parse_feed(body, url=URL)
    assert len(text_of(parsed)) < 2_000
    assert "entity declarations were left out" in parsed.warnings[0]


def test_one_long_entity_repeated_often_is_left_out() -> None:
    body = feed(
        "<description>" + "&a;" * 5_000 + "</description>", f'<!DOCTYPE r [<!ENTITY a "{"A" * 9_000}">]>'
    )
    assert "AAAA" not in text_of(parse_feed(body, url=URL))


def test_a_file_named_by_an_entity_is_not_opened() -> None:
    for kind in ('SYSTEM "file:///etc/passwd"', 'PUBLIC "x" "file:///etc/passwd"'):
        body = feed("<description>&a;</description>", f"<!DOCTYPE r [<!ENTITY a {kind}>]>")
        assert "root:" not in text_of(parse_feed(body, url=URL))


def test_short_flat_entities_are_kept() -> None:
    body = feed("<description>&port; grows</description>", '<!DOCTYPE r [<!ENTITY port "Aktau">]>')
    assert parse_feed(body, url=URL).entries[0].summary == "Aktau grows"


@pytest.mark.parametrize(
    "body", [b"/etc/passwd", b"file:///etc/passwd", b"http://127.0.0.1:9/feed", b"../pyproject.toml"]
)
def test_a_body_that_is_a_path_or_an_address_is_not_opened(body: bytes) -> None:
    with pytest.raises(DocumentError, match="not a feed"):
        parse_feed(body, url=URL)


@pytest.mark.parametrize(
    "inner",
    [
        "<foo " + " ".join(f'a{n}="x"' for n in range(16_000)) + "/>",
        "<foo " + " ".join(f"a{n}" for n in range(16_000)) + "/>",
        "<div>" * 100_000,
        "<description>" + escape("<div>" * 100_000) + "</description>",
        "<description>" + escape("<b><i><p>" * 10_000) + "</description>",
        "<![CDATA[" * 50_000,
        "<!--" * 100_000,
        "<" * 100_000,
        "&" * 100_000,
        "<title>" + " \n" * 100_000 + "</title>",
        "<author>" + "a." * 20_000 + "</author>",
    ],
    ids=["attributes", "bare attributes", "nesting", "nesting in html", "open formatting", "cdata", "comments",
         "angles", "ampersands", "white space", "author"],
)  # fmt: skip
def test_a_document_of_quadratic_cost_is_parsed_quickly(inner: str) -> None:
    start = time.process_time()
    with suppress(DocumentError):  # the first three are refused
        assert len(parse_feed(feed(inner), url=URL).entries) <= 1
    assert time.process_time() - start < 2


def test_a_body_over_the_size_limit_is_refused_before_parsing() -> None:
    with pytest.raises(DocumentError, match="bytes"):
        parse_feed(b" " * (MAX_BYTES + 1), url=URL)


def test_only_the_first_entries_of_an_endless_list_are_read() -> None:
    items = "".join(f"<item><title>n{n}</title></item>" for n in range(3_000))
    parsed = parse_feed(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), url=URL)
    assert len(parsed.entries) == MAX_ENTRIES
    assert parsed.entries[-1].title == f"n{MAX_ENTRIES - 1}"
    assert parsed.warnings == ("only the first 500 of 3000 entries were read",)


def test_the_unfinished_last_entry_of_a_cut_document_is_left_out() -> None:
    whole = "<item><title>one</title><link>https://quay.example/1</link></item>"
    body = f'<rss version="2.0"><channel>{whole}<item><title>two</title><link>https://quay.exa'.encode()
    parsed = parse_feed(body, url=URL)
    assert [entry.title for entry in parsed.entries] == ["one"]
    assert any("cut off" in warning for warning in parsed.warnings)


@pytest.mark.parametrize(
    "body", [b'{"items": ' + b"[" * 100_000, b'{"items":[{"id":' + b"9" * 10_000 + b"}]}", b'{"items": 3}']
)
def test_json_that_breaks_parsers_is_refused(body: bytes) -> None:
    with pytest.raises(DocumentError, match="JSON"):
        parse_feed(body, url=URL)


SEEDS = (
    feed(
        "<description>&lt;p&gt;Ships&lt;/p&gt;</description><pubDate>Wed, 14 Jan 2026 08:30:00 GMT</pubDate>"
    ),
    b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
    b'<b>x</b></div></title><link href="/1"/><content type="html">&lt;img src=x&gt;</content></entry></feed>',
    b'{"version":"https://jsonfeed.org/version/1","title":"t","items":[{"id":"1","url":"/1","tags":["a"]}]}',
    b"<urlset><url><loc>https://quay.example/1</loc><lastmod>2026-01-14</lastmod></url></urlset>",
)
SCRAPS = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"&#x1F600;", b"&#99999999;", b"&nbsp;", b"\x00", b"\xff\xfe",
         b"</item>", b"<item>", b"<image>", b"<link>", b"<textinput>", b'<media:group xmlns:media="http://search.yahoo.com/mrss/">',
         b'xml:base="http://["', b'mode="base64"', b"<georss:point>1 x</georss:point>", b"[", b"{", b"null", b"1e999"]
    ),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 20), SCRAPS), max_size=8)
)
@example(SEEDS[2], [(57, 1, b"\\ud800")])
@example(SEEDS[3], [(10, 0, b'xml:base="http://["')])
def test_a_damaged_feed_is_read_or_refused_but_never_raises_anything_else(
    body: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    for start, length, scrap in changes:
        body = body[:start] + scrap + body[start + length :]
    try:
        parsed = parse_feed(body, url=URL)
    except DocumentError:
        return
    assert ParsedSource.from_json(parsed.as_json()) == parsed
    assert all(entry.title or not entry.link for entry in parsed.entries)
    assert all(entry.id and not entry.link.startswith("javascript:") for entry in parsed.entries)
