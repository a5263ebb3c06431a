"""Feeds at their limits: sizes, depths, references, preambles, cut documents, intervals, and who may be refused."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.sources.pure.entries import DocumentError, Entry, ParsedSource
from digest.sources.pure.feeds import feed_limits
from digest.sources.pure.feeds.feed_language import with_language
from digest.sources.pure.feeds.feed_limits import MAX_PREAMBLE, check_size, detect_format, sanitize_feed
from digest.sources.pure.feeds.feed_parser import parse_feed, parse_stated
from digest.sources.pure.feeds.skip_hours import NO_SKIPS, SkipSchedule, read_skip_schedule
from digest.sources.states import SourceKind

URL = "https://quay.example/feed"


def rss(item: str = "<title>x</title>", channel: str = "<title>T</title>") -> str:
    return f'<rss version="2.0"><channel>{channel}<item>{item}</item></channel></rss>'


def body_of(text: str) -> str:
    """The text that parsers get, without the head."""
    return sanitize_feed(text).text.removeprefix('<?xml version="1.0" encoding="utf-8"?>\n')


def parse(text: str) -> ParsedSource:
    return parse_stated(text.encode(), url=URL)


def ttl(channel: str) -> timedelta | None:
    return parse(rss(channel=channel)).ttl


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (' {"a": 1}', "json"),
        ("<rss/>", "feed"),
        ("<a:feed/>", "feed"),
        ("<urlset>", "feed"),
        ("<!-- <html> --><rss>", "feed"),
        ("<html><rss>", "html"),
        ("<HTML>", "html"),
        ("<!doctype html><rss>", "html"),
        ("<div>words</div>", "html"),
        ("words <div>", "text"),
        ("<note>", "text"),
        ("<opml version='2.0'>", "opml"),
        ("<rss><title>", "feed"),
        ("", "text"),
        ("<!--" + "x" * MAX_PREAMBLE + "--><rss>", "text"),
        ("x" * 19_996 + "<rss>", "feed"),
        ("x" * 19_997 + "<rss>", "text"),
    ],
)
def test_the_format_is_known_by_the_beginning(text: str, kind: str) -> None:
    assert detect_format(text) == kind


def test_the_root_element_may_stand_behind_twenty_thousand_characters() -> None:
    assert sanitize_feed("x" * MAX_PREAMBLE + "<rss></rss>").kind == SourceKind.FEED
    with pytest.raises(DocumentError, match="not a feed"):
        sanitize_feed("x" * (MAX_PREAMBLE + 200) + "<rss></rss>")
    assert sanitize_feed("<!-- <rss> --><urlset></urlset>").kind == SourceKind.SITEMAP
    assert sanitize_feed("<sitemapindex></sitemapindex>").kind == SourceKind.SITEMAP


def test_a_body_may_have_as_many_bytes_as_are_read() -> None:
    check_size(bytes(feed_limits.MAX_BYTES))
    with pytest.raises(DocumentError, match="10,485,761 bytes; the most we read is 10,485,760"):
        check_size(bytes(feed_limits.MAX_BYTES + 1))


def test_declared_entities_have_three_hundred_characters_together() -> None:
    def head_of(length: int) -> str:
        half = length // 2
        names = f'<!ENTITY a "{"x" * half}"><!ENTITY b "{"y" * (length - half)}">'
        return sanitize_feed(f"<!DOCTYPE rss [{names}]><rss></rss>").text

    assert f'<!ENTITY a "{"x" * 150}">\n<!ENTITY b' in head_of(300)
    assert "<!ENTITY" not in head_of(301)
    one_nested = '<!DOCTYPE rss [<!ENTITY a "x"><!ENTITY b "&a;">]><rss></rss>'
    assert "<!ENTITY" not in sanitize_feed(one_nested).text
    assert sanitize_feed(one_nested).warnings
    assert not sanitize_feed("<rss></rss>").warnings


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("&#65;", "&#65;"),
        ("&#x41;", "&#x41;"),
        ("&#0000000000065;", "&#0000000000065;"),
        ("&#1114111;", "&#1114111;"),
        ("&#x10FFFF;", "&#x10FFFF;"),
        ("&#1114112;", ""),
        ("&#x110000;", ""),
        ("&#11111111;", ""),
        ("&#0;", ""),
        ("&#x1;", ""),
        ("&#11;", ""),
        ("&#x11;", ""),
        ("\x0b", ""),
        ("&#10;", "&#10;"),
    ],
)
def test_references_to_characters_that_xml_has_not_are_left_out(written: str, kept: str) -> None:
    assert body_of(f"<rss>a{written}b</rss>") == f"<rss>a{kept}b</rss>"
    assert bool(sanitize_feed(f"<rss>a{written}b</rss>").warnings) is (written != kept)


def test_named_references_of_html_become_characters_outside_of_cdata_and_comments() -> None:
    text = "<rss>&eacute;&lt;&LT;&quay;<![CDATA[&eacute;]]>&mdash;<!-- &eacute; -->&eacute;</rss>"
    assert body_of(text) == "<rss>é&lt;&LT;&quay;<![CDATA[&eacute;]]>—<!-- &eacute; -->é</rss>"
    declared = '<!DOCTYPE rss [<!ENTITY eacute "E">]><rss>&eacute;&mdash;</rss>'
    assert sanitize_feed(declared).text.endswith("<rss>&eacute;&mdash;</rss>")


def test_a_tag_has_twenty_thousand_characters_and_some_hundred_attributes() -> None:
    def is_read(attributes: str) -> bool:
        try:
            sanitize_feed(f"<rss><a{attributes}></a></rss>")
        except DocumentError:
            return False
        return True

    assert is_read(" " * 20_000)
    assert not is_read(" " * 20_001)
    assert is_read("=" * 500)
    assert not is_read("=" * 501)


def test_two_hundred_elements_may_be_open() -> None:
    def nested(depth: int, inner: str = "") -> str:
        return "<rss>" + "<a>" * (depth - 1) + inner + "</a>" * (depth - 1) + "</rss>"

    sanitize_feed(nested(200))
    sanitize_feed("<rss>" + "</b>" * 10 + "<b/>" * 300 + "<b></b>" * 300 + "</rss>")
    sanitize_feed(nested(200, "<![CDATA[" + "<a>" * 9 + "]]><!-- <a> -->"))
    with pytest.raises(DocumentError, match="more than 200 elements"):
        sanitize_feed(nested(201))
    with pytest.raises(DocumentError, match="more than 200 elements"):
        sanitize_feed("<rss></b></b></b>" + "<a>" * 201)


def test_a_persons_name_has_a_thousand_characters() -> None:
    assert body_of(f"<rss><author>{'x' * 1000}</author></rss>") == f"<rss><author>{'x' * 1000}</author></rss>"
    long = f"<rss><dc:Creator><![CDATA[{'x' * 1500}]]></dc:Creator></rss>"
    assert body_of(long) == f"<rss><dc:Creator><![CDATA[{'x' * 1000}]]></dc:Creator></rss>"


def test_tags_in_a_plain_text_are_taken_out_and_the_words_kept() -> None:
    assert body_of("<rss><author>Ana <B>Lind</B>,\n Quay</author></rss>") == (
        "<rss><author>Ana Lind,\n Quay</author></rss>"
    )
    for kept in ("<author><name>Ana</name></author>", "<category/><b>x</b>", "<title>A <b>b</b></title>"):
        assert body_of(f"<rss>{kept}</rss>") == f"<rss>{kept}</rss>"


@pytest.mark.parametrize(
    ("text", "is_truncated"),
    [
        ("<rss><item>1</item><item>2", True),
        ("<rss><item>1</item>", False),
        ("<rss><item>1", False),
        ("<rss>", False),
        ("<rss><item>1</item></rss> <item>", False),
        ("<feed><entry>1</entry><entry>2</entry><entry ", True),
        ("<rss><item>1</item><item>2</item></rss>", False),
    ],
)
def test_a_document_that_ends_within_an_entry_is_known(text: str, is_truncated: bool) -> None:
    assert sanitize_feed(text).truncated is is_truncated


@pytest.mark.parametrize(
    ("channel", "interval"),
    [
        ("<ttl>1440</ttl>", timedelta(days=1)),
        ("<ttl>1441</ttl>", timedelta(days=1)),
        ("<ttl> 1 min</ttl>", timedelta(minutes=1)),
        ("<ttl>0</ttl>", None),
        ("<sy:updatePeriod> Hourly </sy:updatePeriod>", timedelta(hours=1)),
        ("<sy:updatePeriod>weekly</sy:updatePeriod>", timedelta(days=1)),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", timedelta(hours=1)),
        ("<sy:updatePeriod>weekly</sy:updatePeriod><sy:updateFrequency>14</sy:updateFrequency>", timedelta(hours=12)),
        ("<sy:updatePeriod>monthly</sy:updatePeriod><sy:updateFrequency>60</sy:updateFrequency>", timedelta(hours=12)),
        ("<sy:updatePeriod>yearly</sy:updatePeriod><sy:updateFrequency>730</sy:updateFrequency>", timedelta(hours=12)),
        ("<sy:updatePeriod>often</sy:updatePeriod>", None),
        ("<title>T</title>", None),
    ],
)  # fmt: skip
def test_the_interval_is_that_of_the_publisher_and_a_day_at_most(
    channel: str, interval: timedelta | None
) -> None:
    assert ttl(channel) == interval


def test_the_warnings_of_a_document_come_in_the_order_of_its_reading() -> None:
    body = rss("<title>caf\u00e9 \x01 &lt;</title>").encode("cp1252").replace(b"</rss>", b"")
    warnings = parse_feed(body, url=URL).warnings
    assert [text.split()[0] for text in warnings] == ["declares", "control", "not"]


def test_a_feeds_language_has_thirty_five_characters() -> None:
    assert parse(rss(channel=f"<language> {'x' * 40} </language>")).language == "x" * 35


def test_a_feed_is_named_after_its_site_and_then_after_its_address() -> None:
    assert parse(rss(channel="<title>T</title>")).title == "T"
    assert parse(rss(channel="<link>/news</link>")).title == "https://quay.example/news"
    assert parse(rss(channel="<link>javascript:x</link>")).title == URL


def test_a_document_without_a_version_is_a_feed_if_it_has_a_title_or_entries() -> None:
    assert parse("<channel><title>T</title></channel>").title == "T"
    assert len(parse("<channel><item><title>x</title></item></channel>").entries) == 1
    with pytest.raises(DocumentError, match="contains no feed"):
        parse("<channel><note>x</note></channel>")


@pytest.mark.parametrize(
    "inner",
    [
        "<textInput><link>x</link>",
        "<subtitle><height>-</height>",
        '<psc:chapters xmlns:psc="http://podlove.org/simple-chapters"><psc:chapter/></psc:chapters>',
    ],
)
def test_a_feed_that_its_parser_fails_at_is_refused_with_the_reason(inner: str) -> None:
    with pytest.raises(DocumentError, match="too damaged to be read"):
        parse(rss(inner))


def test_line_ends_within_json_texts_are_read() -> None:
    assert parse('{"version": "https://jsonfeed.org/version/1", "title": "A\nb", "items": []}').title == "A b"


def test_dublin_cores_date_is_of_publication_in_rss_and_of_a_change_in_atom() -> None:
    date = '<dc:date xmlns:dc="http://purl.org/dc/elements/1.1/">2026-01-14T00:00:00Z</dc:date>'
    moment = datetime(2026, 1, 14, tzinfo=UTC)
    (entry,) = parse(rss("<title>x</title>" + date)).entries
    assert entry.published == moment
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><title>x</title>{date}</entry></feed>'
    (entry,) = parse(atom).entries
    assert (entry.published, entry.updated) == (None, moment)


def test_the_language_of_a_feed_is_what_it_states_or_that_of_its_first_twenty_entries() -> None:
    english = Entry("1", "The ministers of the two countries met in the old harbour town")
    russian = Entry("2", "Министры двух стран встретились в старом портовом городе")
    assert with_language(ParsedSource(SourceKind.FEED, language="kk", entries=(english,))).language == "kk"
    assert with_language(ParsedSource(SourceKind.FEED, entries=(english,))).language == "en"
    empty = tuple(Entry(str(n), "") for n in range(19))
    assert with_language(ParsedSource(SourceKind.FEED, entries=(*empty, russian))).language == "ru"
    assert with_language(ParsedSource(SourceKind.FEED, entries=(*empty, empty[0], russian))).language == ""


def test_skipped_hours_and_days_are_read_from_lists_over_several_lines() -> None:
    text = (
        "<skipHours>\n<hour> 0 </hour>\n<hour>5</hour></skipHours><skipDays>\n<day>Tuesday</day></skipDays>"
    )
    assert read_skip_schedule(text) == SkipSchedule(hours=1 | 1 << 5, days=1 << 1)
    assert read_skip_schedule("<skipHours><hour>24</hour><hour>25</hour></skipHours>") == SkipSchedule(1, 0)
    assert read_skip_schedule("<skipDays><day>Monday</day></skipDays>") == SkipSchedule(0, 1)
    assert read_skip_schedule("<hour>5</hour><day>Monday</day>") == NO_SKIPS


def test_a_poll_waits_for_the_next_full_hour_that_is_not_skipped() -> None:
    monday = datetime(2026, 1, 12, 3, 20, 30, 5, tzinfo=UTC)
    assert SkipSchedule(hours=0b11000).next_allowed(monday) == monday.replace(
        hour=5, minute=0, second=0, microsecond=0
    )
    assert SkipSchedule(hours=0b10000).next_allowed(monday) == monday
    assert SkipSchedule(days=0b1).next_allowed(monday) == datetime(2026, 1, 13, tzinfo=UTC)
    assert SkipSchedule(days=0b10).next_allowed(monday) == monday
    both = SkipSchedule(hours=0b1, days=0b1)
    assert both.next_allowed(monday) == datetime(2026, 1, 13, 1, tzinfo=UTC)
    assert SkipSchedule(hours=2**24 - 1).next_allowed(monday) == monday
    all_but_one = SkipSchedule(hours=2**24 - 2, days=2**6 - 1)
    assert all_but_one.next_allowed(monday) == datetime(2026, 1, 18, tzinfo=UTC)
