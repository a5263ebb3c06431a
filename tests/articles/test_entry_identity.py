"""Which entries of one document are articles of their own, and at which addresses."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.pure.document_notes import MAX_NOTES, document_notes
from digest.articles.pure.drafts import DraftedDocument
from digest.articles.pure.entry_identity import MAX_GUID_LENGTH, identify_entries
from digest.articles.pure.identity import canonical_url, page_of
from digest.sources.pure.entries import Entry

DAY = datetime(2026, 11, 29, tzinfo=UTC)
ALERTS = "https://quay.example/alerts"


def at(hour: float) -> datetime:
    return DAY + timedelta(hours=hour)


DISTINCT: dict[str, list[Entry]] = {
    "anchors of one page": [
        Entry(f"https://q.example/day.html#n{n}", f"News {n}", f"https://q.example/day.html#n{n}", at(n))
        for n in range(5)
    ],
    "anchors without guids": [Entry("", f"News {n}", f"https://q.example/day#p{n}") for n in range(5)],
    "posts of a forum thread": [
        Entry(f"post-{n}", "Re: Ferry times", f"https://q.example/thread/7#post-{n}", at(n)) for n in range(5)
    ],
    "hash routes": [Entry("", f"News {n}", f"https://q.example/#/news/{n}") for n in range(5)],
    "hash routes with an exclamation mark": [
        Entry(f"g{n}", f"News {n}", f"https://q.example/#!/n/{n}") for n in range(5)
    ],
    "one link, own guids": [Entry(f"alert-{n}", f"Flood {n}", ALERTS, at(n)) for n in range(5)],
    "one link, own guids, one headline": [Entry(f"a{n}", "Fog warning", ALERTS, at(n)) for n in range(5)],
    "one link, own guids, no dates": [Entry(f"a{n}", f"Flood {n}", ALERTS) for n in range(5)],
    "one link, own guids, one headline and date": [
        Entry(f"a{n}", "Fog warning", ALERTS, DAY, summary=f"Fog at pier {n}") for n in range(5)
    ],
    "one link, guids that are anchors of it": [
        Entry(f"{ALERTS}#{n}", f"Flood {n}", ALERTS, at(n)) for n in range(5)
    ],
    "one link and no guids, but own dates": [Entry("", f"Flood {n}", ALERTS, at(n)) for n in range(5)],
    "one link, which is the guid too, but own dates": [
        Entry(ALERTS, f"Flood {n}", ALERTS, at(n)) for n in range(5)
    ],
    "one link that is a route": [
        Entry(f"a{n}", f"Flood {n}", "https://q.example/#/alerts", at(n)) for n in range(5)
    ],
    "links that differ by tracking only": [
        Entry(f"a{n}", f"Flood {n}", f"{ALERTS}?utm_content={n}", at(n)) for n in range(5)
    ],
    "one anchor for all": [Entry(f"a{n}", f"Flood {n}", f"{ALERTS}#list", at(n)) for n in range(5)],
    "one guid and one date": [Entry("0", f"News {n}", f"https://q.example/{n}", DAY) for n in range(5)],
    "one guid for all anchors": [Entry("0", f"News {n}", f"https://q.example/d#{n}", DAY) for n in range(5)],
    "one guid, which is the site": [
        Entry("https://q.example/", f"News {n}", f"https://q.example/{n}", DAY) for n in range(5)
    ],
    "guids that differ late": [
        Entry("g" * 700 + str(n), f"News {n}", f"https://q.example/{n}") for n in range(5)
    ],
}
REPEATED: dict[str, list[Entry]] = {
    "one entry twice": [Entry("1", "News", "https://q.example/1", DAY)] * 2,
    "another anchor of one article": [
        Entry("1", "News", "https://q.example/1", DAY),
        Entry("1", "News", "https://q.example/1#comments", DAY),
    ],
    "another guid, all else equal": [
        Entry("1", "News", "https://q.example/1", DAY),
        Entry("2", "News", "https://q.example/1?utm_source=rss", DAY),
    ],
    "one guid at two addresses": [
        Entry("1", "News", "https://q.example/1", DAY),
        Entry("1", "News", "https://q.example/world/1", at(1)),
    ],
    "one guid and link, a new headline": [
        Entry("1", "News", "https://q.example/1", DAY),
        Entry("1", "Breaking news", "https://q.example/1", at(1)),
    ],
    "the link as guid, a new headline": [
        Entry("https://q.example/1", "News", "https://q.example/1", DAY),
        Entry("https://q.example/1", "Breaking news", "https://q.example/1", DAY),
    ],
    "no guid, one link, a new headline": [
        Entry("", "News", "https://q.example/1"),
        Entry("", "Breaking news", "https://q.example/1"),
    ],
}


@pytest.mark.parametrize("kind", DISTINCT)
def test_entries_that_differ_are_articles_of_their_own(kind: str) -> None:
    found = identify_entries(DISTINCT[kind])
    assert (len(found.entries), found.repeated, list(found.problems)) == (5, 0, [])
    assert len({item.url for item in found.entries}) == 5
    assert len({item.guid for item in found.entries}) == 5
    assert all(len(item.guid) <= MAX_GUID_LENGTH for item in found.entries)


@pytest.mark.parametrize("kind", DISTINCT)
def test_an_entry_keeps_its_address_when_others_come_and_go(kind: str) -> None:
    entries = DISTINCT[kind]
    whole = {item.entry: item.url for item in identify_entries(entries).entries}
    part = identify_entries(entries[:1:-1]).entries
    assert all(item.url == whole[item.entry] for item in part)


@pytest.mark.parametrize("kind", REPEATED)
def test_an_entry_that_repeats_another_is_counted(kind: str) -> None:
    found = identify_entries(REPEATED[kind])
    assert ([item.entry for item in found.entries], found.repeated) == (REPEATED[kind][:1], 1)


def test_an_anchor_that_tells_nothing_apart_is_dropped() -> None:
    (item,) = identify_entries([Entry("1", "News", "https://q.example/1#comments")]).entries
    assert (item.url, item.own_url) == ("https://q.example/1", "https://q.example/1#comments")


def test_a_mark_keeps_the_route_of_a_page() -> None:
    items = identify_entries(DISTINCT["one link that is a route"]).entries
    assert all(item.url.startswith("https://q.example/#/alerts?entry-") for item in items)
    assert {page_of(item.url) for item in items} == {"https://q.example/#/alerts"}


def test_a_guid_that_counts_the_edits_of_its_link_makes_no_other_article() -> None:
    (item,) = identify_entries([Entry("https://q.example/1#3", "News", "https://q.example/1")]).entries
    assert item.own_url == ""


def test_an_entry_without_an_address_is_named() -> None:
    found = identify_entries([Entry("1", "No link"), Entry("2", "Mail", "mailto:a@q.example")])
    assert (len(found.entries), found.repeated) == (0, 0)
    assert [problem.split(" was")[0] for problem in found.problems] == ['"No link"', '"Mail"']


texts = st.sampled_from(("", "a", "b"))
links = st.sampled_from(
    ("", "https://q.example/a", "https://q.example/a#x", "https://q.example/#/a", "mailto:x")
)
dates = st.sampled_from((None, at(0), at(1)))


@given(st.lists(st.builds(Entry, texts, texts, links, dates, summary=texts), max_size=12))
def test_each_entry_is_an_article_or_counted(entries: list[Entry]) -> None:
    found = identify_entries(entries)
    assert len(found.entries) + found.repeated + len(found.problems) == len(entries)
    urls = [item.url for item in found.entries]
    assert len(set(urls)) == len(urls)
    assert len({item.guid for item in found.entries}) == len(urls)
    assert all(page_of(item.url) == page_of(canonical_url(item.entry.link)) for item in found.entries)


def test_notes_count_what_was_left_out_and_end() -> None:
    drafted = DraftedDocument([], repeated=7, problems=[f"entry {n} has no address" for n in range(40)])
    notes = document_notes(("control characters were left out",), drafted, 5)
    assert notes[:2] == (
        "control characters were left out",
        "12 entries repeat an article already taken",
    )
    assert len(notes) == MAX_NOTES
    assert notes[-1] == "and 23 more notes like the last one"
