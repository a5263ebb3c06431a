"""Feeds are parsed as publishers write them."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from digest.sources.pure.entries import DocumentError, Enclosure, Entry, ParsedSource
from digest.sources.pure.feeds.entry_fields import strip_email_address
from digest.sources.pure.feeds.feed_parser import parse_feed

URL = "https://quay.example/news/feed"
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)


def rss(
    item: str, channel: str = "<title>The Quay</title><link>https://quay.example/</link>"
) -> ParsedSource:
    document = f'<rss version="2.0" {NAMESPACES}><channel>{channel}<item>{item}</item></channel></rss>'
    return parse_feed(document.encode(), url=URL)


def rss_entry(item: str) -> Entry:
    return rss(item).entries[0]


def atom(entry: str, feed: str = "<title>The Quay</title>") -> Entry:
    document = f'<feed xmlns="http://www.w3.org/2005/Atom">{feed}<entry>{entry}</entry></feed>'
    return parse_feed(document.encode(), url=URL).entries[0]


def test_all_fields_of_an_ordinary_item_are_read() -> None:
    entry = rss_entry(
        "<title>Grain port grows</title><link>https://quay.example/1</link><guid isPermaLink='false'>q-1</guid>"
        "<pubDate>Wed, 14 Jan 2026 08:30:00 GMT</pubDate><dc:creator>Ana Lind</dc:creator>"
        "<description>Ships &amp;amp; trains.</description><content:encoded><![CDATA[<p>Ships <b>and</b> trains</p>]]>"
        "</content:encoded><category>Ports</category><category>Grain</category>"
        "<enclosure url='/a.mp3' type='audio/mpeg'/><media:thumbnail url='https://quay.example/1.jpg'/>"
    )
    assert entry == Entry(
        id="q-1",
        title="Grain port grows",
        link="https://quay.example/1",
        published=datetime(2026, 1, 14, 8, 30, tzinfo=UTC),
        author="Ana Lind",
        summary="Ships & trains.",
        content="<p>Ships <b>and</b> trains</p>",
        categories=("Ports", "Grain"),
        enclosures=(Enclosure("https://quay.example/a.mp3", "audio/mpeg"),),
        image="https://quay.example/1.jpg",
    )


def test_a_feed_is_equal_after_a_json_round_trip() -> None:
    parsed = rss("<title>Grain port grows</title><enclosure url='/a.mp3' type='audio/mpeg'/>")
    assert ParsedSource.from_json(json.loads(json.dumps(parsed.as_json()))) == parsed


def test_the_polling_interval_of_the_publisher_is_read() -> None:
    assert rss("", "<ttl>90</ttl><title>T</title>").ttl == timedelta(minutes=90)
    every_six = "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"
    assert rss("", every_six).ttl == timedelta(hours=6)
    assert rss("", "<ttl>soon</ttl>").ttl is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Salt &amp; grain", "Salt & grain"),
        ("Salt &amp;amp; grain", "Salt & grain"),
        ("Salt &amp;#8217;n&amp;#8217; grain", "Salt ’n’ grain"),
        ("Salt&nbsp;and&eacute;", "Salt andé"),
        ("<![CDATA[<b>Salt</b> & grain]]>", "Salt & grain"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Salt", "Salt"),
        ("2 &lt; 3 but 5 &gt; 4", "2 < 3 but 5 > 4"),
        ("Salt\n   and\tgrain", "Salt and grain"),
        ("Salt\x07 and\x00 grain", "Salt and grain"),
        ("Salt &#x202e;niarg", "Salt niarg"),
        ("Salt&#xD800; and&#0; grain&#99999999999;", "Salt and grain"),
        ("Salt <b>and</b> grain", "Salt and grain"),
    ],
)
def test_a_title_is_plain_text(written: str, expected: str) -> None:
    assert rss_entry(f"<title>{written}</title><link>https://quay.example/1</link>").title == expected


def test_an_atom_title_of_type_text_keeps_what_only_looks_like_markup() -> None:
    assert atom('<title type="text">Use &lt;nav&gt; and &lt;main&gt;</title>').title == "Use <nav> and <main>"


def test_a_missing_title_is_taken_from_the_text_or_from_the_url() -> None:
    link = "<link>https://quay.example/1</link>"
    assert rss_entry(f"<description>The port has grown.</description>{link}").title == "The port has grown."
    assert rss_entry(f"<description>{'harbour ' * 40}</description>{link}").title.endswith("harbour…")
    short = rss_entry(f"<title> </title><description>Test</description>{link}")
    assert short.title == "https://quay.example/1"


@pytest.mark.parametrize(
    "item",
    [
        "<link>/1</link>",
        "<link>  https://quay.example/1\n</link>",
        "<link>https://proxy.example/x</link><feedburner:origLink>https://quay.example/1</feedburner:origLink>",
        "<guid>https://quay.example/1</guid>",
        "<link>javascript:alert(1)</link><guid>https://quay.example/1</guid>",
        '<atom:link rel="alternate" href="https://quay.example/1"/>',
    ],
)
def test_the_link_is_the_publishers_own_page_on_the_web(item: str) -> None:
    assert rss_entry(f"<title>t</title>{item}").link == "https://quay.example/1"


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://", "http://[x"]
)
def test_a_link_that_is_not_on_the_web_is_left_out(link: str) -> None:
    entry = rss_entry(f"<title>t</title><link>{link}</link>")
    assert entry.link == "" or entry.link.startswith("https://quay.example/")


def test_relative_links_are_resolved_against_xml_base() -> None:
    content = '<content type="html" xml:base="/b/">&lt;a href="c"&gt;x&lt;/a&gt;</content>'
    entry = atom(f'<link href="1"/>{content}')
    assert entry.link == "https://quay.example/news/1"
    assert 'href="https://quay.example/b/c"' in entry.content


def test_an_entry_without_id_is_identified_by_its_link_or_by_its_text() -> None:
    assert rss_entry("<title>t</title><link>https://quay.example/1</link>").id == "https://quay.example/1"
    first, again = rss_entry("<title>Only words</title>").id, rss_entry("<title>Only words</title>").id
    assert first == again != rss_entry("<title>Other words</title>").id


def test_an_author_is_what_was_written_and_a_byline_is_without_the_address() -> None:
    for written, byline in {
        "ana@quay.example (Ana Lind)": "Ana Lind",
        "Ana Lind (mailto:ana@quay.example)": "Ana Lind",
        "Ana Lind (Quay University), Bo Ek (Harbour School)": "Ana Lind (Quay University), Bo Ek (Harbour School)",
        "desk@quay.example": "",
    }.items():
        author = rss_entry(f"<author>{written}</author>").author
        assert (author, strip_email_address(author)) == (written, byline)


def test_atom_authors_are_inherited_from_the_feed_each_once() -> None:
    bo = "<author><name>Bo</name></author>"
    authors = f"<author><name>Ana</name></author>{bo}{bo}"
    assert atom("<title>t</title>", authors).author == "Ana, Bo"
    assert atom("<title>t</title><author><name>Cy</name></author>", authors).author == "Cy"


def test_the_managing_editor_is_not_an_author() -> None:
    channel = "<title>T</title><managingEditor>web@quay.example (Web Support)</managingEditor>"
    assert rss("<title>t</title>", channel).entries[0].author == ""


def test_dublin_core_dates_count_as_the_date_of_publication() -> None:
    entry = rss_entry("<dc:date>2026-01-14T08:30:00Z</dc:date>")
    assert entry.published == datetime(2026, 1, 14, 8, 30, tzinfo=UTC)


def test_the_date_of_a_change_is_not_the_date_of_publication() -> None:
    entry = atom("<title>t</title><updated>2026-01-14T08:30:00Z</updated>")
    assert (entry.published, entry.updated) == (None, datetime(2026, 1, 14, 8, 30, tzinfo=UTC))
    entry = atom("<title>t</title><published>2026-01-14T08:30:00Z</published>")
    assert (entry.published, entry.updated) == (datetime(2026, 1, 14, 8, 30, tzinfo=UTC), None)


def test_content_keeps_harmless_markup_only() -> None:
    markup = (
        "<p onclick='x()'>Text <a href='javascript:x()'>a</a> <a href='/b'>b</a></p><script>bad()</script>"
        "<img src='x.png' onerror='bad()'><iframe src='https://bad.example'></iframe><style>p{}</style>"
    )
    content = rss_entry(f"<description><![CDATA[{markup}]]></description>").content
    assert "bad" not in content
    assert "onclick" not in content
    assert "javascript" not in content
    assert 'src="https://quay.example/x.png"' in content
    assert 'href="https://quay.example/b"' in content


def test_summaries_are_words_with_spaces_between_paragraphs() -> None:
    entry = rss_entry(
        "<description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;br&gt;Three.&lt;/p&gt;</description>"
    )
    assert entry.summary == "One. Two. Three."


def test_a_podcasts_own_fields_fill_the_gaps() -> None:
    entry = rss_entry(
        "<itunes:summary>About the port</itunes:summary><itunes:author>Ana Lind</itunes:author>"
        "<itunes:keywords>grain,ships</itunes:keywords><itunes:image href='https://quay.example/p.png'/>"
    )
    assert (entry.summary, entry.author) == ("About the port", "Ana Lind")
    assert entry.image == "https://quay.example/p.png"
    assert set(entry.categories) == {"grain", "ships"}


def test_json_feed_is_read_by_the_same_rules() -> None:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The Quay",
        "home_page_url": "/",
        "language": "en",
        "items": [
            {
                "id": 7,
                "url": "/1",
                "title": "Grain < salt",
                "content_html": "<p>Text <script>x</script></p>",
                "date_published": "2026-01-14T08:30:00Z",
                "authors": [{"name": "Ana"}, {"name": "Bo"}],
                "tags": ["Ports", 5, None],
                "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg"}, {"url": "javascript:x"}, 3],
                "image": "/1.jpg",
            },
            {"url": "https://quay.example/2"},
            "not an item",
        ],
    }
    parsed = parse_feed(json.dumps(document).encode(), url=URL)
    first, second = parsed.entries
    assert (parsed.title, parsed.link, parsed.language) == ("The Quay", "https://quay.example/", "en")
    assert (first.id, first.title, first.link) == ("7", "Grain < salt", "https://quay.example/1")
    assert (first.summary, first.content) == ("Text", "<p>Text </p>")
    assert (first.author, first.categories[0]) == ("Ana, Bo", "Ports")
    assert first.enclosures == (Enclosure("https://quay.example/a.mp3", "audio/mpeg"),)
    assert first.image == "https://quay.example/1.jpg"
    assert second.title == "https://quay.example/2"
    assert parsed.warnings == ("1 items are not objects",)


def test_a_news_sitemap_is_read() -> None:
    document = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
      xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://quay.example/1</loc>
      <n:news><n:publication><n:name>The Quay</n:name><n:language>en</n:language></n:publication>
      <n:publication_date>2026-01-14T08:30:00Z</n:publication_date><n:title>Grain &amp; salt</n:title>
      <n:keywords>ports, grain</n:keywords></n:news></url><url><loc>mailto:x</loc></url></urlset>"""
    parsed = parse_feed(document.encode(), url=URL)
    (entry,) = parsed.entries
    assert (parsed.kind, parsed.title, parsed.language) == ("sitemap", "The Quay", "en")
    assert (entry.title, entry.link, entry.categories) == (
        "Grain & salt",
        "https://quay.example/1",
        ("ports", "grain"),
    )
    assert entry.published == datetime(2026, 1, 14, 8, 30, tzinfo=UTC)


def test_an_rdf_feed_is_read() -> None:
    document = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        "<channel><title>The Quay</title></channel>"
        '<item rdf:about="q-1"><title>Grain</title><link>https://quay.example/1</link></item></rdf:RDF>'
    )
    parsed = parse_feed(document.encode(), url=URL)
    assert (parsed.title, parsed.entries[0].id, parsed.entries[0].title) == ("The Quay", "q-1", "Grain")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"<!doctype html><html><body>Hello</body></html>", "web page"),
        (b"just words", "just words"),
        (b'{"a": 1}', "JSON"),
        (b'{"a": ', "JSON"),
        (b'<opml version="2.0"></opml>', "OPML"),
        (
            b"<sitemapindex><sitemap><loc>ftp://x.example/</loc></sitemap></sitemapindex>",
            "index of sitemaps",
        ),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a feed"),
    ],
)
def test_a_body_that_is_not_a_feed_is_refused_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        parse_feed(body, url=URL)


def test_a_feed_without_entries_is_a_feed() -> None:
    body = b'<rss version="2.0"><channel><title>Quiet</title></channel></rss>'
    assert parse_feed(body, url=URL).entries == ()


def test_warnings_of_the_server_before_a_feed_do_not_hide_it() -> None:
    warning = b"<br />Warning: something\n<!-- <html> -->"
    body = warning + b"<rss version='2.0'><channel><item><title>t</title></item></channel></rss>"
    assert parse_feed(body, url=URL).entries[0].title == "t"
