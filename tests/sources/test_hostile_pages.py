"""Pages that mean harm, or that something has damaged: read in bounds, or refused."""

import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.sources.documents import read_document, read_safely
from digest.sources.pure.entries import NotAFeedError, ParsedSource
from digest.sources.pure.pages.parsed_page import ParsedPage

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
URL = "https://quay.example/news/77"
PARAGRAPH = "<p>The harbour board voted on Monday to dredge the northern channel, its chair said after the meeting.</p>"


def page(inner: str, head: str = "") -> bytes:
    return f"<!doctype html><html><head><title>Channel to be dredged</title>{head}</head><body>{inner}</body></html>".encode()


def item(title: str = "Night ferry returns", href: str = "/n/1", date: str = "09.01.2026") -> str:
    return f"<li><a href='{href}'>{title}</a> <span class=d>{date}</span></li>"


COSTLY = {
    "attributes": page("<div " + " ".join(f'a{n}="x"' for n in range(16_000)) + ">x</div>" + PARAGRAPH * 3),
    "nested divs": page("<div>" * 100_000 + PARAGRAPH * 3),
    "nested links": page("<a href=/x>" * 50_000 + PARAGRAPH),
    "open formatting": page("<b><i><p>" * 20_000),
    "nested tables": page("<table><tr><td>" * 20_000 + "x"),
    "dated links without end": page("<ul>" + item() * 30_000 + "</ul>"),
    "flat dated links without end": page("<a href=/a>Night ferry returns</a> 09.01.2026<br>" * 30_000),
    "links without dates": page("<a href=/a>Night ferry returns</a> " * 60_000 + "09.01.2026 " * 2_000),
    "dates without end": page("<p>9 January 2026</p>" * 50_000),
    "one long line": page("9 January " * 200_000),
    "digits": page("<p>" + "1" * 2_000_000 + "</p>"),
    "json-ld": page("x", '<script type="application/ld+json">' + "[" * 100_000 + "</script>"),
    "many json-ld": page("x", '<script type="application/ld+json">[' + "{}," * 100_000 + "{}]</script>"),
    "a style of colons": page("<p style='" + "display:" * 100_000 + "'>x</p>"),
    "comments": page("<!--" * 200_000),
    "plain lines": ("Night ferry returns\n09.01.2026\n" * 100_000).encode(),
    "plain words": b"word " * 500_000,
}


@pytest.mark.parametrize("body", COSTLY.values(), ids=COSTLY.keys())
def test_a_costly_page_is_read_or_refused_within_its_limits(body: bytes) -> None:
    start = time.process_time()
    with suppress(NotAFeedError):
        found = read_safely(body, url=URL, now=NOW)
        assert isinstance(found, ParsedPage)
        assert len(found.side_list) <= 300
    assert time.process_time() - start < 2  # of ours; the child has 20 s of its own


@pytest.mark.parametrize(
    "body",
    [b"/etc/passwd", b"file:///etc/passwd", b"http://127.0.0.1:9/", b"../pyproject.toml", b"", b"\x00" * 500,
     b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, b"%PDF-1.7\n" + bytes(range(256)) * 20, b"PK\x03\x04" + bytes(200),
     b"import os\n\ndef f(x):\n    return {1: 2}\n" * 20, b"a;b;c\n1;2;3\n" * 200, b'{"a": 1}', b"[1, 2]", b"<html></html>", b"<svg></svg>",
     b"key = value\nother = value\n" * 30, b"Access denied."],
)  # fmt: skip
def test_what_is_neither_a_feed_nor_a_page_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(NotAFeedError, match=r".{10}"):
        read_document(body, url=URL, now=NOW)


def test_a_listed_link_that_is_not_on_the_web_is_no_entry() -> None:
    items = (
        item(href="javascript:alert(1)")
        + item(href="data:text/html,x")
        + item(href="/n/2")
        + item("Storm", "/n/3")
    )
    found = read_document(page(f"<ul>{items}</ul>"), url=URL, now=NOW)
    assert isinstance(found, ParsedPage)
    assert {one.href for one in found.side_list} <= {"https://quay.example/n/2", "https://quay.example/n/3"}


def test_scripts_and_hidden_words_are_read_nowhere() -> None:
    title = "Night <script>alert(1)</script>ferry<span hidden>secret</span> <style>p{}</style><b style='display: none'>secret</b>returns"
    html = page(
        f"<h1>{title}</h1><p>14 Jan 2026</p>{PARAGRAPH * 3}<ul>{item(title)}{item('Storm damages quay', '/n/2')}</ul>"
    )
    found = read_document(html, url=URL, now=NOW)
    assert isinstance(found, ParsedPage)
    assert "alert" not in repr(found)
    assert "secret" not in repr(found)
    assert found.side_list[0].title.split() == ["Night", "ferry", "returns"]


def test_markup_in_what_is_said_to_machines_stays_text() -> None:
    head = '<script type="application/ld+json">{"@type":"Article","headline":"<img src=x onerror=y>Hi there","author":"<b>Jo</b>"}</script>'
    found = read_document(page(PARAGRAPH * 3, head), url=URL, now=NOW)
    assert isinstance(found, ParsedPage)
    assert (found.author, "<" in found.headline) == ("Jo", False)


def test_a_date_of_the_future_or_of_a_zero_is_none() -> None:
    for date in ("2031-01-01", "0000-00-00", "1970-01-01", "99.99.2026"):
        found = read_document(
            page(f"<h1>Channel to be dredged</h1><p>{date}</p>{PARAGRAPH * 3}"), url=URL, now=NOW
        )
        assert isinstance(found, ParsedPage)
        assert found.date is None


SEEDS = (
    page(
        f"<h1>Channel</h1><p class=m>By Jo | 14 Jan 2026</p>{PARAGRAPH * 3}<ul>{item()}{item('Storm damages quay', '/n/2')}</ul>"
    ),
    page(
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
def test_a_damaged_page_is_read_or_refused_but_never_raises_anything_else(
    body: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    for start, length, scrap in changes:
        body = body[:start] + scrap + body[start + length :]
    try:
        found = read_document(body, url=URL, now=NOW)
    except NotAFeedError:
        return
    if isinstance(found, ParsedSource):
        return
    assert ParsedPage.from_letter(found.as_letter()) == found
    assert all(one.title and one.href.startswith(("http", "")) for one in found.side_list)
    assert all(entry.link.startswith("http") for entry in found.entries(URL))
