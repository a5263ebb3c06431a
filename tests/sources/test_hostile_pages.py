"""Hostile and damaged pages: they are parsed within limits, or refused."""

import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.sources.documents import parse_document, parse_document_isolated
from digest.sources.pure.entries import DocumentError, ParsedSource
from digest.sources.pure.pages.metadata import read_metadata
from digest.sources.pure.pages.parsed_page import ParsedPage
from digest.sources.pure.pages.text_runs import parse_html

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
URL = "https://quay.example/news/77"
PARAGRAPH = "<p>The harbour board voted on Monday to dredge the northern channel, its chair said after the meeting.</p>"


def page_html(inner: str, head: str = "") -> bytes:
    return f"<!doctype html><html><head><title>Channel to be dredged</title>{head}</head><body>{inner}</body></html>".encode()


def list_item(title: str = "Night ferry returns", href: str = "/n/1", date: str = "09.01.2026") -> str:
    return f"<li><a href='{href}'>{title}</a> <span class=d>{date}</span></li>"


COSTLY = {
    "attributes": page_html(
        "<div " + " ".join(f'a{n}="x"' for n in range(16_000)) + ">x</div>" + PARAGRAPH * 3
    ),
    "nested divs": page_html("<div>" * 100_000 + PARAGRAPH * 3),
    "nested links": page_html("<a href=/x>" * 50_000 + PARAGRAPH),
    "open formatting": page_html("<b><i><p>" * 20_000),
    "nested tables": page_html("<table><tr><td>" * 20_000 + "x"),
    "dated links without end": page_html("<ul>" + list_item() * 30_000 + "</ul>"),
    "flat dated links without end": page_html("<a href=/a>Night ferry returns</a> 09.01.2026<br>" * 30_000),
    "links without dates": page_html("<a href=/a>Night ferry returns</a> " * 60_000 + "09.01.2026 " * 2_000),
    "dates without end": page_html("<p>9 January 2026</p>" * 50_000),
    "one long line": page_html("9 January " * 200_000),
    "digits": page_html("<p>" + "1" * 2_000_000 + "</p>"),
    "json-ld": page_html("x", '<script type="application/ld+json">' + "[" * 100_000 + "</script>"),
    "many json-ld": page_html("x", '<script type="application/ld+json">[' + "{}," * 100_000 + "{}]</script>"),
    "a style of colons": page_html("<p style='" + "display:" * 100_000 + "'>x</p>"),
    "comments": page_html("<!--" * 200_000),
    "plain lines": ("Night ferry returns\n09.01.2026\n" * 100_000).encode(),
    "plain words": b"word " * 500_000,
}


@pytest.mark.parametrize("body", COSTLY.values(), ids=COSTLY.keys())
def test_a_costly_page_is_parsed_or_refused_within_the_limits(body: bytes) -> None:
    start = time.process_time()
    with suppress(DocumentError):
        parsed = parse_document_isolated(body, url=URL, now=NOW)
        assert isinstance(parsed, ParsedPage)
        assert len(parsed.side_list) <= 300
    assert time.process_time() - start < 2  # of this process; the parser process has a limit of 20 s


def test_the_time_for_properties_of_an_article_does_not_grow_with_what_is_before_it() -> None:
    properties = "<meta itemprop=datePublished content=2026-01-09>" * 3_000
    inner = "<b></b>" * 6_000 + f"<div itemscope itemtype=https://schema.org/Article>{properties}</div>"
    root = parse_html(page_html(inner).decode())
    start = time.process_time()
    assert read_metadata(root, base_url=URL).published == ("2026-01-09",)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "body",
    [b"/etc/passwd", b"file:///etc/passwd", b"http://127.0.0.1:9/", b"../pyproject.toml", b"", b"\x00" * 500,
     b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, b"%PDF-1.7\n" + bytes(range(256)) * 20, b"PK\x03\x04" + bytes(200),
     b"import os\n\ndef f(x):\n    return {1: 2}\n" * 20, b"a;b;c\n1;2;3\n" * 200, b'{"a": 1}', b"[1, 2]", b"<html></html>", b"<svg></svg>",
     b"key = value\nother = value\n" * 30, b"Access denied."],
)  # fmt: skip
def test_a_document_that_is_neither_a_feed_nor_a_page_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(DocumentError, match=r".{10}"):
        parse_document(body, url=URL, now=NOW)


def test_a_listed_link_without_a_web_address_is_not_an_entry() -> None:
    items = (
        list_item(href="javascript:alert(1)")
        + list_item(href="data:text/html,x")
        + list_item(href="/n/2")
        + list_item("Storm", "/n/3")
    )
    parsed = parse_document(page_html(f"<ul>{items}</ul>"), url=URL, now=NOW)
    assert isinstance(parsed, ParsedPage)
    assert {headline.href for headline in parsed.side_list} <= {
        "https://quay.example/n/2",
        "https://quay.example/n/3",
    }


def test_scripts_and_hidden_texts_are_ignored() -> None:
    title = "Night <script>alert(1)</script>ferry<span hidden>secret</span> <style>p{}</style><b style='display: none'>secret</b>returns"
    html = page_html(
        f"<h1>{title}</h1><p>14 Jan 2026</p>{PARAGRAPH * 3}<ul>{list_item(title)}{list_item('Storm damages quay', '/n/2')}</ul>"
    )
    parsed = parse_document(html, url=URL, now=NOW)
    assert isinstance(parsed, ParsedPage)
    assert "alert" not in repr(parsed)
    assert "secret" not in repr(parsed)
    assert parsed.side_list[0].title.split() == ["Night", "ferry", "returns"]


def test_markup_in_metadata_is_removed() -> None:
    head = '<script type="application/ld+json">{"@type":"Article","headline":"<img src=x onerror=y>Hi there","author":"<b>Jo</b>"}</script>'
    parsed = parse_document(page_html(PARAGRAPH * 3, head), url=URL, now=NOW)
    assert isinstance(parsed, ParsedPage)
    assert (parsed.author, "<" in parsed.headline) == ("Jo", False)


def test_a_date_in_the_future_or_an_impossible_date_is_ignored() -> None:
    for date in ("2031-01-01", "0000-00-00", "1970-01-01", "99.99.2026"):
        parsed = parse_document(
            page_html(f"<h1>Channel to be dredged</h1><p>{date}</p>{PARAGRAPH * 3}"), url=URL, now=NOW
        )
        assert isinstance(parsed, ParsedPage)
        assert parsed.date is None


SEEDS = (
    page_html(
        f"<h1>Channel</h1><p class=m>By Jo | 14 Jan 2026</p>{PARAGRAPH * 3}<ul>{list_item()}{list_item('Storm damages quay', '/n/2')}</ul>"
    ),
    page_html(
        f"<table><tr><td>09.01.2026<td><a href=/1>Night ferry returns</a><tr><td>08.01.2026<td><a href=/2>Storm</a></table>{PARAGRAPH}"
    ),
    (
        "Channel to be dredged\n"
        + "The board voted on Monday to dredge it, they said.\n" * 4
        + "Night ferry returns\n09.Jan.2026\n" * 4
    ).encode(),
)
SCRAPS = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [b"<", b">", b"&", b"</a>", b"<a href='http://['>", b"<time datetime='24:61'>", b"<base href='http://['>", b"\x00", b"\xff\xfe", b"<li>",
         b"&#x110000;", b"<table>", b"<template>", b"</body>", b"<svg>", b"1 month ago", b"99 weeks ago", b"9999999 years ago", b"31.02.2026",
         "١٤ يناير".encode(), b"<meta charset=utf-7>", b"<meta name=date content='1e99'>", b"<plaintext>", b"<frameset>", b"25:99", b"0 Jan 0"]
    ),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 900), st.integers(0, 20), SCRAPS), max_size=8)
)
def test_a_damaged_page_is_parsed_or_refused_and_raises_nothing_else(
    body: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    for start, length, scrap in changes:
        body = body[:start] + scrap + body[start + length :]
    try:
        parsed = parse_document(body, url=URL, now=NOW)
    except DocumentError:
        return
    if isinstance(parsed, ParsedSource):
        return
    assert ParsedPage.deserialize(parsed.serialize()) == parsed
    assert all(headline.title and headline.href.startswith(("http", "")) for headline in parsed.side_list)
    assert all(entry.link.startswith("http") for entry in parsed.entries(URL))


NOT_ALLOWED_IN_XML = [
    "\0",
    "\x01",
    "\x08",
    "\x0b",
    "\x0c",
    "\x1b",
    "\x1f",
    "\x7f",
    "\ufffe",
    "\uffff",
    "&#0;",
    "&#x1b;",
    "&#xffff;",
]


@pytest.mark.parametrize("character", NOT_ALLOWED_IN_XML, ids=ascii)
def test_a_stray_control_character_breaks_no_page_wherever_it_stands(character: str) -> None:
    aside = "<aside><ul>" + list_item() + list_item("Quay closes") + "</ul></aside>"
    html = page_html(
        "<article><h1>Channel to be dredged</h1>" + PARAGRAPH * 3 + "</article>" + aside
    ).decode()
    boundaries = [position + 1 for position, sign in enumerate(html) if sign == ">"]
    for position in boundaries:
        raw = f"{html[:position]}{character}tail{html[position:]}".encode()
        assert isinstance(parse_document(raw, url=URL, now=NOW), ParsedPage)
