"""Of a long feed the newest entries are read, wherever they stand; empty entries do not end others."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.pure.entries import ParsedSource
from digest.sources.pure.feeds.feed_limits import MAX_ENTRIES
from digest.sources.pure.feeds.feed_parser import parse_feed
from digest.sources.pure.feeds.newest_entries import newest_indexes

COUNT = 520
START = datetime(2026, 11, 1, tzinfo=UTC)
DATES = [START + timedelta(hours=number) for number in range(COUNT)]
NOTE = f"only the newest {MAX_ENTRIES} of {COUNT} entries were read"


def parse(text: str) -> ParsedSource:
    return parse_feed(text.encode(), url="https://quay.example/feed")


def rss(items: list[str]) -> str:
    return f'<rss version="2.0"><channel><title>Quay</title>{"".join(items)}</channel></rss>'


def rss_item(number: int, date: str = "") -> str:
    return f"<item><title>Entry {number}</title><link>https://quay.example/{number}</link>{date}</item>"


def numbers(parsed: ParsedSource) -> list[int]:
    return [int(entry.title.split()[1]) for entry in parsed.entries]


@pytest.mark.parametrize(
    "element",
    [
        "<pubDate>{0:%d %b %Y %H:%M:%S} GMT</pubDate>",
        "<dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>{0:%Y-%m-%dT%H:%M:%S}Z</dc:date>",
        "<pubDate><![CDATA[{0:%a, %d %b %Y %H:%M:%S} +0000]]></pubDate>",
        "<pubdate>{0:%Y-%m-%d %H:%M:%S}</pubdate>",
        "<atom:updated xmlns:atom='http://www.w3.org/2005/Atom'>{0:%Y-%m-%dT%H:%M:%S}Z</atom:updated>",
    ],
)
def test_the_newest_entries_of_a_feed_that_begins_with_its_oldest_are_read(element: str) -> None:
    parsed = parse(rss([rss_item(number, element.format(date)) for number, date in enumerate(DATES)]))
    assert numbers(parsed) == list(range(COUNT - MAX_ENTRIES, COUNT))
    assert NOTE in parsed.warnings


def test_the_newest_entries_of_a_mixed_feed_keep_their_order() -> None:
    order = [number * 7 % COUNT for number in range(COUNT)]
    items = [
        rss_item(number, f"<pubDate>{DATES[number]:%d %b %Y %H:%M:%S} GMT</pubDate>") for number in order
    ]
    assert numbers(parse(rss(items))) == [number for number in order if number >= COUNT - MAX_ENTRIES]


def test_the_first_entries_of_a_feed_without_dates_are_read() -> None:
    parsed = parse(rss([rss_item(number) for number in range(COUNT)]))
    assert numbers(parsed) == list(range(MAX_ENTRIES))
    assert f"only the first {MAX_ENTRIES} of {COUNT} entries were read" in parsed.warnings


def test_an_old_entry_that_was_changed_lately_is_old() -> None:
    entries = "".join(
        f"<entry><title>Entry {number}</title><id>urn:{number}</id><updated>2026-12-31T00:00:00Z</updated>"
        f"<published>{date.isoformat()}</published></entry>"
        for number, date in enumerate(DATES)
    )
    parsed = parse(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Quay</title>{entries}</feed>')
    assert numbers(parsed) == list(range(COUNT - MAX_ENTRIES, COUNT))


def test_the_newest_items_of_a_json_feed_are_read() -> None:
    items = [
        {
            "id": str(number),
            "title": f"Entry {number}",
            "content_text": "x",
            "date_published": date.isoformat(),
        }
        for number, date in enumerate(DATES)
    ]
    parsed = parse(
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Quay", "items": items})
    )
    assert numbers(parsed) == list(range(COUNT - MAX_ENTRIES, COUNT))
    assert NOTE in parsed.warnings


def test_what_stands_between_entries_stays() -> None:
    items = [
        rss_item(number, f"<pubDate>{date:%d %b %Y %H:%M:%S} GMT</pubDate>")
        for number, date in enumerate(DATES)
    ]
    parsed = parse(
        rss([*items[:10], "<language>kk</language>", *items[10:], "<link>https://quay.example/</link>"])
    )
    assert (parsed.language, parsed.link) == ("kk", "https://quay.example/")


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 9).map(lambda day: START + timedelta(days=day)))),
    st.integers(0, 9),
)
def test_no_entry_that_is_left_out_is_newer_than_one_that_is_kept(
    dates: list[datetime | None], limit: int
) -> None:
    kept = newest_indexes(dates, limit)
    left_out = [date for index, date in enumerate(dates) if index not in kept and date]
    assert len(kept) == min(limit, len(dates))
    assert all(max(left_out, default=START) <= (dates[index] or START) for index in kept if dates[index])


@pytest.mark.parametrize(
    "empty",
    [
        "<item/>",
        "<item />",
        "<item></item>",
        "<item>\n </item>",
        '<item rdf:about="x"/>',
        "<entry/>",
        "<ITEM/>",
    ],
)
def test_an_empty_entry_does_not_end_the_one_around_it(empty: str) -> None:
    item = f"<item>{empty}<title>Entry 1</title>{empty}<link>https://quay.example/1</link>{empty}</item>"
    (entry,) = parse(rss([item])).entries
    assert (entry.title, entry.link) == ("Entry 1", "https://quay.example/1")
