"""Feeds of all ages and formats, each with one oddity, and the values that must be read from them."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from digest.sources.pure.entries import ParsedSource
from digest.sources.pure.feeds.feed_parser import parse_feed

URL = "https://quay.example/news/feed"
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
ATOM03 = 'version="0.3" xmlns="http://purl.org/atom/ns#"'
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
ITUNES = 'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'


@dataclass
class FeedCase:
    """A document, and the expected fields of its feed and of its first entry."""

    body: str | bytes
    entry: dict[str, Any] = field(default_factory=dict)
    feed: dict[str, Any] = field(default_factory=dict)
    content_type: str | None = None

    def parse(self) -> ParsedSource:
        body = self.body if isinstance(self.body, bytes) else self.body.encode()
        return parse_feed(body, url=URL, content_type=self.content_type)


def rss(item: str, *, namespaces: str = "", channel: str = "<title>T</title>", version: str = "2.0") -> str:
    return f'<rss version="{version}" {namespaces}><channel>{channel}<item>{item}</item></channel></rss>'


def atom(entry: str, feed: str = "<title>T</title>", namespaces: str = ATOM) -> str:
    return f"<feed {namespaces}>{feed}<entry>{entry}</entry></feed>"


CASES = {
    "rss 0.90": FeedCase(
        f'<rdf:RDF {RDF} xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>Old Quay</title><link>http://q.example/</link>'
        "</channel><item><title>Grain</title><link>http://q.example/1</link></item></rdf:RDF>",
        {"title": "Grain", "link": "http://q.example/1", "id": "http://q.example/1"},
        {"title": "Old Quay", "link": "http://q.example/"},
    ),
    "rss 0.91 with a doctype": FeedCase(
        '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
        '"http://my.netscape.com/publish/formats/rss-0.91.dtd">'
        + rss("<title>Caf&eacute; opens</title><link>http://q.example/1</link>", version="0.91"),
        {"title": "Café opens", "link": "http://q.example/1"},
    ),
    "rss 0.92 without titles": FeedCase(
        rss("<description>The &lt;b&gt;grain&lt;/b&gt; terminal has opened a second berth.</description>", version="0.92"),
        {"title": "The grain terminal has opened a second berth."},
    ),
    "items outside the channel": FeedCase(
        '<rss version="1.1"><channel><title>T</title></channel><item><title>Grain</title><link>/1</link></item></rss>',
        {"title": "Grain", "link": "https://quay.example/1"},
    ),
    "elements in capitals": FeedCase(
        "<RSS VERSION='2.0'><CHANNEL><TITLE>T</TITLE><ITEM><TITLE>Grain</TITLE><LINK>/1</LINK></ITEM></CHANNEL></RSS>",
        {"title": "Grain", "link": "https://quay.example/1"},
    ),
    "atom with a prefix": FeedCase(
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>T</a:title><a:entry><a:title>Grain</a:title>'
        '<a:link href="/1"/><a:updated>2026-01-14T08:30:00Z</a:updated></a:entry></a:feed>',
        {"title": "Grain", "link": "https://quay.example/1", "updated": "2026-01-14T08:30:00+00:00"},
    ),
    "atom 0.3": FeedCase(
        atom(
            '<title mode="escaped" type="text/html">&lt;b&gt;Grain&lt;/b&gt; &amp;amp; oil</title><link rel="alternate" href="/1"/>'
            "<issued>2026-01-14T08:30:00+05:00</issued><modified>2026-01-15T00:00:00Z</modified>",
            namespaces=ATOM03,
        ),
        {"title": "Grain & oil", "published": "2026-01-14T03:30:00+00:00", "updated": "2026-01-15T00:00:00+00:00"},
    ),
    "atom 0.3 in base64": FeedCase(
        atom('<title mode="base64" type="text/html">PGI+R3JhaW48L2I+</title><link rel="alternate" href="/1"/>', namespaces=ATOM03),
        {"title": "Grain"},
    ),
    "atom 0.3 with created alone": FeedCase(
        atom('<title>Grain</title><created>2026-01-14</created><link rel="alternate" href="/1"/>', namespaces=ATOM03),
        {"published": "2026-01-14T00:00:00+00:00"},
    ),
    "an xhtml title": FeedCase(
        atom('<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Grain &amp; <em>oil</em> &lt;now&gt;</div></title>'),
        {"title": "Grain & oil <now>"},
    ),
    "several links": FeedCase(
        atom(
            '<title>Grain</title><link rel="self" href="/self"/><link rel="replies" href="/replies"/><link rel="edit" href="/edit"/>'
            '<link rel="enclosure" href="/a.mp3" type="audio/mpeg"/><link rel="alternate" type="text/html" href="/1"/>'
        ),
        {"link": "https://quay.example/1", "enclosures": [{"url": "https://quay.example/a.mp3", "type": "audio/mpeg"}]},
    ),
    "xml:base on three levels": FeedCase(
        f'<feed {ATOM} xml:base="https://a.example/x/"><title>T</title><entry xml:base="y/"><title>Grain</title><link href="1"/>'
        '<content type="html" xml:base="z/">&lt;a href="p"&gt;q&lt;/a&gt;</content></entry></feed>',
        {"link": "https://a.example/x/y/1", "content": '<a href="https://a.example/x/y/z/p" rel="noopener noreferrer">q</a>'},
    ),
    "an author in an atom source": FeedCase(
        atom("<title>Grain</title><source><title>Other</title><author><name>Ana Lind</name></author></source>"),
        {"title": "Grain", "author": "Ana Lind"},
    ),
    "a guid that is the link": FeedCase(
        rss('<title>Grain</title><guid>https://q.example/1</guid>'),
        {"link": "https://q.example/1", "id": "https://q.example/1"},
    ),
    "a guid that is no link": FeedCase(
        rss('<title>Grain</title><guid isPermaLink="false">https://q.example/id</guid><link>/1</link>'),
        {"link": "https://quay.example/1", "id": "https://q.example/id"},
    ),
    "feedburner": FeedCase(
        rss(
            "<title>Grain</title><link>http://feeds.feedburner.com/~r/q/~3/x</link><feedburner:origLink>https://q.example/1"
            "</feedburner:origLink>",
            namespaces='xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"',
        ),
        {"link": "https://q.example/1"},
    ),
    "an atom link in rss": FeedCase(
        rss(
            '<title>Grain</title><atom:link rel="self" href="/self"/><atom:link rel="alternate" href="/1"/>',
            namespaces='xmlns:atom="http://www.w3.org/2005/Atom"',
        ),
        {"link": "https://quay.example/1"},
    ),
    "a link with line ends around it": FeedCase(rss("<title>Grain</title><link>\n  /1\n </link>"), {"link": "https://quay.example/1"}),
    "a protocol-relative link": FeedCase(rss("<title>Grain</title><link>//q.example/1</link>"), {"link": "https://q.example/1"}),
    "a link to a file on the publisher's disk": FeedCase(rss('<title>Grain</title><link>file:///c:/1</link><guid isPermaLink="false">x</guid>'), {"link": ""}),
    "a title escaped twice": FeedCase(rss("<title>Tom &amp;amp;amp; Jerry&amp;#8217;s</title>"), {"title": "Tom & Jerry’s"}),
    "a title with bare markup": FeedCase(rss("<title>Grain <b>and</b> oil</title>"), {"title": "Grain and oil"}),
    "a title that only looks like markup": FeedCase(rss("<title><![CDATA[Why a < b and c > d]]></title>"), {"title": "Why a < b and c > d"}),
    "a script in a title": FeedCase(rss("<title>Grain&lt;script&gt;alert(1)&lt;/script&gt;</title>"), {"title": "Grain"}),
    "windows characters by number": FeedCase(rss("<title>It&#146;s &#150; here</title>"), {"title": "It’s – here"}),
    "control characters": FeedCase(rss("<title>Gra\x0bin\x08 &#x1b;port</title>"), {"title": "Grain port"}),
    "text and full text": FeedCase(
        rss(
            "<title>x</title><description>Short.</description><content:encoded>&lt;p&gt;The long text.&lt;/p&gt;</content:encoded>",
            namespaces='xmlns:content="http://purl.org/rss/1.0/modules/content/"',
        ),
        {"summary": "Short.", "content": "<p>The long text.</p>"},
    ),
    "an xhtml body": FeedCase(
        rss("<title>x</title><xhtml:body><xhtml:p>The text.</xhtml:p></xhtml:body>", namespaces='xmlns:xhtml="http://www.w3.org/1999/xhtml"'),
        {"summary": "The text."},
    ),
    "dublin core": FeedCase(
        rss("<dc:title>Grain</dc:title><link>/1</link><dc:creator>Ana Lind</dc:creator><dc:date>2026-01-14</dc:date><dc:subject>Ports</dc:subject>"
            "<dc:description>The text.</dc:description>", namespaces=DC),
        {"title": "Grain", "author": "Ana Lind", "published": "2026-01-14T00:00:00+00:00", "categories": ["Ports"], "summary": "The text."},
    ),
    "an author's address with the name behind": FeedCase(
        rss("<title>x</title><author>ana@q.example (Ana Lind)</author>"), {"author": "ana@q.example (Ana Lind)"}
    ),
    "pictures of a media group": FeedCase(
        rss('<title>x</title><media:group><media:content url="/a.mp4" type="video/mp4"/><media:thumbnail url="/a.jpg"/></media:group>', namespaces=MEDIA),
        {"image": "https://quay.example/a.jpg"},
    ),
    "a media title beside the title": FeedCase(
        rss('<title>Grain</title><media:content url="/a.jpg" medium="image"><media:title>A ship</media:title></media:content>', namespaces=MEDIA),
        {"title": "Grain", "image": "https://quay.example/a.jpg"},
    ),
    "a media description as the text": FeedCase(
        atom('<title>x</title><link href="/1"/><media:group><media:description>What is seen.</media:description></media:group>', namespaces=f"{ATOM} {MEDIA}"),
        {"summary": "What is seen."},
    ),
    "a podcast": FeedCase(
        rss(
            '<itunes:title>Grain talk</itunes:title><itunes:author>Ana Lind</itunes:author><itunes:image href="/a.jpg"/>'
            '<itunes:summary>What was said.</itunes:summary><enclosure url="/a.mp3" length="1" type="audio/mpeg"/>',
            namespaces=ITUNES,
        ),
        {"title": "Grain talk", "author": "Ana Lind", "summary": "What was said.", "image": "https://quay.example/a.jpg",
         "enclosures": [{"url": "https://quay.example/a.mp3", "type": "audio/mpeg"}]},
    ),
    "an enclosure without a type": FeedCase(
        rss('<title>x</title><enclosure url="/a.mp3"/>'), {"enclosures": [{"url": "https://quay.example/a.mp3", "type": ""}]}
    ),
    "several categories": FeedCase(
        rss("<title>x</title><category>Ports</category><category domain='d'>Grain</category><category/>"), {"categories": ["Ports", "Grain"]}
    ),
    "category labels": FeedCase(
        atom('<title>x</title><category term="p1" label="Ports"/><category term="Grain"/>'), {"categories": ["Ports", "p1", "Grain"]}
    ),
    "windows-1251 declared": FeedCase(
        b'<?xml version="1.0" encoding="windows-1251"?>' + rss("<title>Зерно</title>").encode("cp1251"), {"title": "Зерно"}
    ),
    "koi8-r in the content type": FeedCase(
        rss("<title>Зерно</title>").encode("koi8-r"), {"title": "Зерно"}, content_type="application/rss+xml; charset=koi8-r"
    ),
    "utf-16 with a byte order mark": FeedCase(('<?xml version="1.0" encoding="utf-16"?>' + rss("<title>Зерно</title>")).encode("utf-16"), {"title": "Зерно"}),
    "utf-8 declared as latin-1": FeedCase(
        b'<?xml version="1.0" encoding="iso-8859-1"?>' + rss("<title>Зерно</title>").encode(), {"title": "Зерно"}
    ),
    "latin-2": FeedCase(
        b'<?xml version="1.0" encoding="iso-8859-2"?>' + rss("<title>Łódź</title>").encode("iso-8859-2"), {"title": "Łódź"}
    ),
    "a feed after blank lines and a byte order mark": FeedCase(b"\xef\xbb\xbf\n\n  " + rss("<title>Grain</title>").encode(), {"title": "Grain"}),
    "a comment before the root that names another": FeedCase("<!-- <html> -->" + rss("<title>Grain</title>"), {"title": "Grain"}),
    "missing end tags": FeedCase(rss("<title>Grain</title>").removesuffix("</channel></rss>"), {"title": "Grain"}),
    "an unescaped ampersand": FeedCase(rss("<title>Grain & oil</title><link>/1?a=1&b=2</link>"),
                                  {"title": "Grain & oil", "link": "https://quay.example/1?a=1&b=2"}),
    "rdf with dates": FeedCase(
        f'<rdf:RDF {RDF} {DC} xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><title>T</title><dc:language>ru</dc:language></channel>'
        '<item rdf:about="https://q.example/1"><title>Grain</title><link>https://q.example/1</link><dc:date>2026-01-14T08:30+05:00</dc:date></item>'
        "</rdf:RDF>",
        {"published": "2026-01-14T03:30:00+00:00", "id": "https://q.example/1"},
        {"language": "ru"},
    ),
    "an empty title in rdf": FeedCase(
        f'<rdf:RDF {RDF} xmlns="http://purl.org/rss/1.0/"><channel><title>T</title></channel>'
        "<item><title> </title><link>https://q.example/1</link></item></rdf:RDF>",
        {"title": "https://q.example/1"},
    ),
    "json feed 1.0": FeedCase(
        '{"version":"https://jsonfeed.org/version/1","title":"T","author":{"name":"Ana Lind"},"items":[{"id":7,"url":"/1",'
        '"content_text":"a < b","date_published":"2026-01-14T08:30:00+05:00","image":"/a.jpg","tags":["Ports",3]}]}',
        {"id": "7", "link": "https://quay.example/1", "author": "Ana Lind", "summary": "a < b", "image": "https://quay.example/a.jpg",
         "published": "2026-01-14T03:30:00+00:00", "categories": ["Ports", "3"]},
        {"title": "T"},
    ),
    "json feed 1.1": FeedCase(
        '\ufeff{"version":"https://jsonfeed.org/version/1.1","title":"T","language":"kk","home_page_url":"/","items":[{"id":"a",'
        '"external_url":"https://o.example/","title":"&lt;b&gt;Grain","content_html":"<p onclick=x>Text</p><script>1</script>","authors":'
        '[{"name":"A"},{"name":"B"}],"date_modified":"yesterday","attachments":[{"url":"/a.mp3","mime_type":"audio/mpeg"},{"title":"x"}]}]}',
        {"link": "https://o.example/", "content": "<p>Text</p>", "author": "A, B", "updated": None,
         "enclosures": [{"url": "https://quay.example/a.mp3", "type": "audio/mpeg"}]},
        {"language": "kk", "link": "https://quay.example/"},
    ),
    "a channel as the root": FeedCase("<channel><title>T</title><item><title>Grain</title></item></channel>", {"title": "Grain"}),
    "an empty date": FeedCase(rss("<title>x</title><pubDate></pubDate><link>/1</link>"), {"published": None}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_an_odd_feed_is_read(case: FeedCase) -> None:
    parsed = case.parse().as_json()
    assert {key: parsed[key] for key in case.feed} == case.feed
    entry = parsed["entries"][0]
    assert {key: entry[key] for key in case.entry} == case.entry


DATES = {
    "Thu, 01 Jan 04 19:48:21 GMT": "2004-01-01T19:48:21+00:00",
    "01 Jan 2004 19:48 EST": "2004-01-02T00:48:00+00:00",
    "Thu, 1 January 2004 19:48:21 +0500": "2004-01-01T14:48:21+00:00",
    "Thu Jan  1 19:48:21 2004": "2004-01-01T19:48:21+00:00",
    "2004-01-01T19:48:21.123-03:00": "2004-01-01T22:48:21+00:00",
    "2004-01-01 19:48:21": "2004-01-01T19:48:21+00:00",
    "20040101T194821Z": "2004-01-01T19:48:21+00:00",
    "2004-01": "2004-01-01T00:00:00+00:00",
    "Fri, 2006/09/15 08:19:53 EDT": "2006-09-15T12:19:53+00:00",
    "1 января 2004, 19:48": "2004-01-01T19:48:00+00:00",
    "чт, 01 янв 2004 19:48:21 +0300": "2004-01-01T16:48:21+00:00",
    "Κυρ, 11 Ιούλ 2004 12:00:00 EST": "2004-07-11T17:00:00+00:00",
    "2004. július 13.": "2004-07-13T00:00:00+00:00",
    "13 juillet 2004 à 12h30": "2004-07-13T12:30:00+00:00",
    "2004年7月13日 12:30": "2004-07-13T12:30:00+00:00",
    "14 იანვარი 2004": "2004-01-14T00:00:00+00:00",
    "1073000901": "2004-01-01T23:48:21+00:00",
    "Thu, 31 Dec 2004 24:00:00 GMT": "2005-01-01T00:00:00+00:00",
    "Thu, 30 Feb 2004 12:00:00 GMT": None,
    "soon": None,
}


@pytest.mark.parametrize(("written", "expected"), DATES.items(), ids=DATES.keys())
def test_an_odd_date_is_parsed_or_ignored(written: str, expected: str | None) -> None:
    entry = FeedCase(rss(f"<title>x</title><pubDate>{written}</pubDate>")).parse().entries[0].as_json()
    assert entry["published"] == expected


def test_the_language_is_detected_from_the_entries_if_the_feed_does_not_state_it() -> None:
    text = "Зерновой терминал открыл второй причал, и теперь баржи не ждут своей очереди неделями."
    assert FeedCase(rss(f"<title>{text}</title><description>{text}</description>")).parse().language == "ru"
    assert (
        FeedCase(rss(f"<title>{text}</title>", channel="<title>T</title><language>kk</language>"))
        .parse()
        .language
        == "kk"
    )
    assert FeedCase(rss("<title>OK</title>")).parse().language == ""
