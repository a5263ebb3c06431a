"""More odd feeds: base URLs, prefixes, encodings, broken documents, authors and files."""

import json
from typing import Any

import pytest

from digest.sources.pure.entries import DocumentError
from tests.sources.test_feed_oddities import ATOM, ATOM03, DC, MEDIA, RDF, URL, FeedCase, atom, rss

CONTENT = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
NEWS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
SITE = "<title>T</title><link>https://news.example/</link>"


def feed_json(items: object, **members: object) -> str:
    version = "https://jsonfeed.org/version/1.1"
    return json.dumps({"version": version, "title": "T", "items": items, **members})


CASES: dict[str, FeedCase] = {
    "a relative link of a site": FeedCase(rss("<title>x</title><link>2026/1.html</link>", channel=SITE), {"link": "https://news.example/2026/1.html"}),
    "a relative link in atom, too": FeedCase(
        atom('<title>x</title><link href="/1"/>', '<title>T</title><link href="https://news.example/"/>'),
        {"link": "https://news.example/1"},
    ),
    "a relative link of a site whose link is relative": FeedCase(
        rss("<title>x</title><link>1</link>", channel="<title>T</title><link>/section/</link>"),
        {"link": "https://quay.example/section/1"},
        {"link": "https://quay.example/section/"},
    ),
    "xml:base at the root": FeedCase(
        f'<rss version="2.0" xml:base="https://b.example/x/"><channel>{SITE}<item><title>x</title><link>1</link></item></channel></rss>',
        {"link": "https://b.example/x/1"},
    ),
    "xml:base of an item": FeedCase(
        f'<rss version="2.0"><channel>{SITE}<item xml:base="https://b.example/"><title>x</title><link>1</link></item></channel></rss>',
        {"link": "https://b.example/1"},
    ),
    "xml:base of a link": FeedCase(
        atom('<title>x</title><link xml:base="https://b.example/y/" href="1"/>'), {"link": "https://b.example/y/1"}
    ),
    "a relative xml:base": FeedCase(
        f'<feed {ATOM} xml:base="/x/"><title>T</title><entry><title>x</title><link href="1"/></entry></feed>',
        {"link": "https://quay.example/x/1"},
    ),
    "pictures and links of the text count from the article": FeedCase(
        rss('<title>x</title><link>https://news.example/a/1</link><description>&lt;p&gt;&lt;img src="p.jpg"&gt;&lt;/p&gt;</description>'),
        {"content": '<p><img src="https://news.example/a/p.jpg"></p>', "image": "https://news.example/a/p.jpg"},
    ),
    "a query alone": FeedCase(rss("<title>x</title><link>?id=7</link>", channel=SITE), {"link": "https://news.example/?id=7"}),
    "a host in capitals and another port": FeedCase(
        rss("<title>x</title><link>HTTPS://News.Example:8443/a</link>"), {"link": "https://News.Example:8443/a"}
    ),
    "spaces in a link": FeedCase(rss("<title>x</title><link>https://q.example/a b</link>"), {"link": "https://q.example/a%20b"}),
    "line ends within a link": FeedCase(rss("<title>x</title><link>https://q.example/a\n   b</link>"), {"link": "https://q.example/ab"}),
    "letters beyond ascii in a link": FeedCase(
        rss("<title>x</title><link>https://пристань.example/порт?a=ё</link>"), {"link": "https://пристань.example/порт?a=ё"}
    ),
    # Links that are not allowed.
    "a link that runs a script": FeedCase(rss("<title>x</title><link>javascript:alert(1)</link>"), {"link": "", "title": "x"}),
    "a script's link in atom": FeedCase(
        atom('<title>x</title><id>tag:q,1</id><link href="javascript:alert(1)"/>'), {"link": "", "id": "tag:q,1"}
    ),
    "a script's link before a good one": FeedCase(
        atom('<title>x</title><link href=" JavaScript:x"/><link rel="alternate" href="https://q.example/1"/>'),
        {"link": "https://q.example/1"},
    ),
    "a script's link and a guid that is a link": FeedCase(
        rss("<title>x</title><link>data:text/html,x</link><guid>https://q.example/1</guid>"), {"link": "https://q.example/1"}
    ),
    "a script in capitals, cut by a tab": FeedCase(rss("<title>x</title><link>java&#9;script:alert(1)</link>"), {"link": ""}),
    "a link to no host": FeedCase(rss("<title>x</title><link>https://&lt;b&gt;/1</link>"), {"link": ""}),
    "a text with an invalid base": FeedCase(
        atom('<title>x</title><content type="html" xml:base="https://xn--/">&lt;a href="/b"&gt;y&lt;/a&gt;</content>'), {"summary": "y"}
    ),
    "a mail link": FeedCase(rss("<title>x</title><link>mailto:a@q.example</link>"), {"link": ""}),
    "an empty enclosure": FeedCase(atom('<title>x</title><link rel="enclosure" href=""/><link href="/1"/>'), {"enclosures": []}),
    "a script as an enclosure": FeedCase(rss('<title>x</title><enclosure url="javascript:x" type="audio/mpeg"/>'), {"enclosures": []}),
    "a picture that says its size": FeedCase(
        rss('<title>x</title><media:content url="/a.jpg" medium="image" width="1200" height="800"/>', namespaces=MEDIA),
        {"image": "https://quay.example/a.jpg", "image_size": (1200, 800)},
    ),
    "a thumbnail that says its size": FeedCase(
        rss('<title>x</title><media:thumbnail url="/a.jpg" width="160" height=" 90 "/>', namespaces=MEDIA), {"image_size": (160, 90)}
    ),
    "a picture with a width only": FeedCase(
        rss('<title>x</title><media:content url="/a.jpg" medium="image" width="1200"/>', namespaces=MEDIA), {"image_size": None}
    ),
    "a picture of an impossible size": FeedCase(
        rss('<title>x</title><media:content url="/a.jpg" medium="image" width="99999999" height="0"/>', namespaces=MEDIA), {"image_size": None}
    ),
    "a picture in the text that says its size": FeedCase(
        rss('<title>x</title><description>&lt;p&gt;&lt;img width="640" src="https://q.example/a.jpg" height="360"&gt;&lt;/p&gt;</description>'),
        {"image": "https://q.example/a.jpg", "image_size": (640, 360)},
    ),
    "a script as a picture": FeedCase(rss('<title>x</title><media:content url="javascript:x" medium="image"/>', namespaces=MEDIA), {"image": None}),
    # Ids.
    "a guid that is no address is no link": FeedCase(rss("<title>x</title><guid>tag:q.example,2026:1</guid>"), {"link": "", "id": "tag:q.example,2026:1"}),
    "an id with white space": FeedCase(atom("<title>x</title><id>\n urn:uuid:7\n</id>"), {"id": "urn:uuid:7"}),
    "a guid with isPermaLink in capitals": FeedCase(
        rss('<title>x</title><guid isPermaLink="FALSE">https://q.example/no</guid><link>/1</link>'), {"link": "https://quay.example/1"}
    ),
    "an empty guid": FeedCase(rss("<title>x</title><guid/><link>/1</link>"), {"id": "https://quay.example/1"}),
    "no id, no link": FeedCase(rss("<title>x</title><description>y</description>"), {"link": "", "title": "x"}),
    # Titles.
    "a title in markup within cdata": FeedCase(rss("<title><![CDATA[<b>Grain</b> &amp; oil]]></title>"), {"title": "Grain & oil"}),
    "a title in two pieces of cdata": FeedCase(rss("<title><![CDATA[Grain ]]>and<![CDATA[ oil]]></title>"), {"title": "Grain and oil"}),
    "a title with the end of a cdata section": FeedCase(rss("<title><![CDATA[a]]]]><![CDATA[>b]]></title>"), {"title": "a]]>b"}),
    "an html title of atom, escaped twice": FeedCase(atom('<title type="html">AT&amp;amp;T &amp;lt;now&amp;gt;</title>'), {"title": "AT&T <now>"}),
    "a text title of atom with an entity": FeedCase(atom('<title type="text">AT&amp;T &lt;now&gt;</title>'), {"title": "AT&T <now>"}),
    "an emoji by number": FeedCase(rss("<title>&#x1F6A2; Ships</title>"), {"title": "🚢 Ships"}),
    "half a surrogate by number": FeedCase(rss("<title>a&#xD83D;b</title>"), {"title": "ab"}),
    "right to left with direction marks": FeedCase(rss("<title>\u200fالمرفأ\u202e مفتوح</title>"), {"title": "\u200fالمرفأ مفتوح"}),
    "a soft hyphen": FeedCase(rss("<title>Hafen\u00adbehörde</title>"), {"title": "Hafenbehörde"}),
    "line breaks in a title": FeedCase(rss("<title>Grain&lt;br/&gt;and oil</title>"), {"title": "Grain and oil"}),
    "a title that is only a picture": FeedCase(
        rss("<title>&lt;img src='x'&gt;</title><description>The ferry is back again.</description>"), {"title": "The ferry is back again."}
    ),
    "a title of a media group": FeedCase(atom('<media:group><media:title>Grain</media:title></media:group><link href="/1"/>', namespaces=f"{ATOM} {MEDIA}"), {"title": "Grain"}),
    "a feed without a title": FeedCase(rss("<title>x</title>", channel="<link>https://news.example/</link>"), feed={"title": "https://news.example/"}),
    "a title of the channel's picture before its own": FeedCase(
        rss("<title>x</title>", channel="<image><title>Logo</title><url>/l.png</url><link>https://logo.example/</link></image>" + SITE),
        feed={"title": "T", "link": "https://news.example/"},
    ),
    "a text input with a title and a link": FeedCase(
        rss("<title>x</title>", channel=SITE + "<textInput><title>Find</title><link>https://find.example/</link></textInput>"),
        feed={"title": "T", "link": "https://news.example/"},
    ),
    # Texts.
    "content in xhtml": FeedCase(
        atom('<title>x</title><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One.</p><p>Two.</p></div></content>'),
        {"summary": "One. Two."},
    ),
    "content in xhtml under a prefix": FeedCase(
        atom('<title>x</title><content type="xhtml"><h:div><h:p>One <h:b>two</h:b>.</h:p></h:div></content>', namespaces=f'{ATOM} xmlns:h="http://www.w3.org/1999/xhtml"'),
        {"summary": "One two."},
    ),
    "content elsewhere": FeedCase(atom('<title>x</title><content src="https://q.example/1" type="text/html"/>'), {"summary": "", "title": "x"}),
    "content under a strange prefix": FeedCase(
        rss("<title>x</title><zz:encoded>&lt;p&gt;The text.&lt;/p&gt;</zz:encoded>", namespaces='xmlns:zz="http://purl.org/rss/1.0/modules/content/"'),
        {"content": "<p>The text.</p>"},
    ),
    "dublin core under strange prefixes": FeedCase(
        rss("<d:title>Grain</d:title><d:creator>Ana</d:creator><d:date>2026-01-14T08:30Z</d:date>", namespaces='xmlns:d="http://purl.org/dc/elements/1.1/"'),
        {"title": "Grain", "author": "Ana", "published": "2026-01-14T08:30:00+00:00"},
    ),
    "prefixes that were never declared": FeedCase(
        rss("<title>x</title><dc:creator>Ana</dc:creator><content:encoded><![CDATA[<p>Text.</p>]]></content:encoded>"), {"author": "Ana", "content": "<p>Text.</p>"}
    ),
    "a summary longer than its content": FeedCase(
        atom('<title>x</title><summary>The whole long text of the article.</summary><content>Short.</content>'), {"summary": "The whole long text of the article."}
    ),
    "a tracking picture": FeedCase(
        rss('<title>x</title><description>Words.&lt;img src="https://t.example/p.gif" width="1" height="1"&gt;</description>'), {"summary": "Words.", "image": None}
    ),
    "a description in dublin core terms": FeedCase(
        rss("<title>x</title><t:created>2026-01-14T08:30:00Z</t:created>", namespaces='xmlns:t="http://purl.org/dc/terms/"'), {"published": "2026-01-14T08:30:00+00:00"}
    ),
    # Authors.
    "an author with a page": FeedCase(atom("<title>x</title><author><name>Ana</name><uri>https://a.example</uri></author>"), {"author": "Ana"}),
    "an author by mail address alone": FeedCase(atom("<title>x</title><author><email>a@q.example</email></author>"), {"author": "a@q.example"}),
    "an author as in atom within rss": FeedCase(rss("<title>x</title><author><name>Ana</name><title>Chief</title></author>"), {"author": "Ana"}),
    "an author in bare markup": FeedCase(rss("<title>x</title><author><p>Ana <b>Lind</b></p></author>"), {"author": "Ana Lind"}),
    "an author in escaped markup": FeedCase(rss("<title>x</title><dc:creator>&lt;a href='/a'&gt;Ana&lt;/a&gt; (Quay)</dc:creator>", namespaces=DC), {"author": "Ana (Quay)"}),
    "several creators": FeedCase(rss("<title>x</title><dc:creator>Ana</dc:creator><dc:creator>Bo</dc:creator>", namespaces=DC), {"author": "Ana, Bo"}),
    "an author of google's": FeedCase(
        rss("<title>x</title><googleplay:author>Ana</googleplay:author>", namespaces='xmlns:googleplay="http://www.google.com/schemas/play-podcasts/1.0"'), {"author": "Ana"}
    ),
    "a contributor has not written it": FeedCase(atom("<title>x</title><contributor><name>Bo</name></contributor>"), {"author": ""}),
    # Categories.
    "categories in bare markup": FeedCase(rss("<title>x</title><category><b>Ports</b></category>"), {"categories": ["Ports"]}),
    "categories in cdata, each once": FeedCase(
        rss("<title>x</title><category><![CDATA[Ports & ships]]></category><category>ports &amp; ships</category>"), {"categories": ["Ports & ships"]}
    ),
    "media keywords": FeedCase(rss("<title>x</title><media:keywords>Ports, Grain</media:keywords>", namespaces=MEDIA), {"categories": ["Ports", "Grain"]}),
    # Files.
    "feedburner's file": FeedCase(
        rss('<title>x</title><enclosure url="http://feedproxy.example/a.mp3" type="audio/mpeg"/><f:origEnclosureLink>https://q.example/a.mp3</f:origEnclosureLink>',
            namespaces='xmlns:f="http://rssnamespace.org/feedburner/ext/1.0"'),
        {"enclosures": [{"url": "https://q.example/a.mp3", "type": "audio/mpeg"}]},
    ),
    "a recording without a page": FeedCase(rss('<title>x</title><enclosure url="https://q.example/a.mp3" type="audio/mpeg"/>'), {"link": "https://q.example/a.mp3"}),
    "the same file twice": FeedCase(
        rss('<title>x</title><link>/1</link><enclosure url="/a.mp3" type="audio/mpeg"/><enclosure url=" /a.mp3 " type="audio/mpeg"/>'),
        {"enclosures": [{"url": "https://quay.example/a.mp3", "type": "audio/mpeg"}]},
    ),
    # Dates.
    "a date in cdata": FeedCase(rss("<title>x</title><pubDate><![CDATA[Wed, 14 Jan 2026 08:30:00 GMT]]></pubDate>"), {"published": "2026-01-14T08:30:00+00:00"}),
    "a bad date, then dublin core's": FeedCase(rss("<title>x</title><pubDate>soon</pubDate><dc:date>2026-01-14</dc:date>", namespaces=DC), {"published": "2026-01-14T00:00:00+00:00"}),
    "atom's updated alone": FeedCase(atom("<title>x</title><updated>2026-01-14T08:30:00.25+05:30</updated>"), {"updated": "2026-01-14T03:00:00+00:00"}),
    "a date of 1970 is kept": FeedCase(rss("<title>x</title><pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>"), {"published": "1970-01-01T00:00:00+00:00"}),
    "a zone in words": FeedCase(rss("<title>x</title><pubDate>Wed, 14 Jan 2026 08:30:00 +0300 (MSK)</pubDate>"), {"published": "2026-01-14T05:30:00+00:00"}),
    # Encodings and broken documents.
    "a declared encoding nobody knows": FeedCase('<?xml version="1.0" encoding="x-quay"?>' + rss("<title>Порт</title>"), {"title": "Порт"}),
    "utf-8 declared as utf-16": FeedCase('<?xml version="1.0" encoding="utf-16"?>' + rss("<title>Порт</title>"), {"title": "Порт"}),
    "an encoding by its old name": FeedCase(b'<?xml version="1.0" encoding="x-cp1251"?>' + rss("<title>\u041f\u043e\u0440\u0442</title>").encode("cp1251"), {"title": "Порт"}),
    "utf-16 without a byte order mark": FeedCase(('<?xml version="1.0"?>' + rss("<title>Порт</title>")).encode("utf-16-be"), {"title": "Порт"}),
    "windows-1251 declared as utf-8": FeedCase(
        b'<?xml version="1.0" encoding="utf-8"?>' + rss("<title>Порт открыт после ремонта</title>").encode("cp1251"), {"title": "Порт открыт после ремонта"}
    ),
    "one wrong byte": FeedCase(rss("<title>Порт открыт</title><description>a?b</description>").encode().replace(b"a?b", b"a\xe9b"), {"title": "Порт открыт", "summary": "aéb"}),
    "a warning of php before it": FeedCase("<br />\n<b>Warning</b>: x in <b>/a.php</b><br />\n" + rss("<title>Grain</title>"), {"title": "Grain"}),
    "words after the end": FeedCase(rss("<title>Grain</title>") + "<!-- 0.2 s --><script>x()</script>", {"title": "Grain"}),
    "an attribute without quotes": FeedCase(rss("<title>Grain</title><enclosure url=/a.mp3 type=audio/mpeg />"), {"title": "Grain"}),
    "a stray lesser-than": FeedCase(rss("<title>Grain < oil</title><link>/1</link>"), {"title": "Grain < oil", "link": "https://quay.example/1"}),
    "html's entities": FeedCase(rss("<title>&laquo;Grain&raquo;&nbsp;&mdash; oil&hellip;</title>"), {"title": "«Grain» — oil…"}),
    "an entity nobody knows": FeedCase(rss("<title>Grain &quay; oil</title>"), {"title": "Grain &quay; oil"}),
    "declared entities": FeedCase('<!DOCTYPE rss [<!ENTITY q "Quay">]>' + rss("<title>&q; news</title>"), {"title": "Quay news"}),
    "an external entity": FeedCase(
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss("<title>a&x;b</title><description>Good.</description>"), {"summary": "Good."}
    ),
    "a null byte": FeedCase(rss("<title>Gr\0ain</title>"), {"title": "Grain"}),
    "an rss of version 3": FeedCase(rss("<title>Grain</title>", version="3.0"), {"title": "Grain"}),
    "rdf with items in the channel": FeedCase(
        f'<rdf:RDF {RDF} xmlns="http://purl.org/rss/1.0/"><channel><title>T</title><item><title>Grain</title><link>/1</link></item></channel></rdf:RDF>',
        {"title": "Grain"},
    ),
    "rdf by its address alone": FeedCase(
        f'<rdf:RDF {RDF} xmlns="http://purl.org/rss/1.0/"><item rdf:about="https://q.example/1"><title>Grain</title></item></rdf:RDF>',
        {"id": "https://q.example/1", "link": "https://q.example/1"},
    ),
    "atom 0.3 in xhtml": FeedCase(
        atom('<title>x</title><content type="application/xhtml+xml"><div xmlns="http://www.w3.org/1999/xhtml">One.</div></content>', namespaces=ATOM03), {"summary": "One."}
    ),
    "an entry as the only child": FeedCase(atom("<title>Grain</title>", feed=""), {"title": "Grain"}),
    "rss in the atom namespace": FeedCase(
        '<rss version="2.0" xmlns="http://www.w3.org/2005/Atom"><channel><title>T</title><item><title>Grain</title><link>/1</link></item></channel></rss>',
        {"title": "Grain", "link": "https://quay.example/1"},
    ),
    "a language in capitals": FeedCase(rss("<title>x</title>", channel="<title>T</title><language>EN-us</language>"), feed={"language": "EN-us"}),
    "a language on the root element": FeedCase(f'<feed {ATOM} xml:lang="kk"><title>T</title><entry><title>x</title></entry></feed>', feed={"language": "kk"}),
    # JSON Feed.
    "json authors as one object": FeedCase(feed_json([{"id": "1", "title": "x", "authors": {"name": "Ana"}}]), {"author": "Ana"}),
    "json text before html for a title": FeedCase(feed_json([{"id": "1", "content_text": "Text of the news", "content_html": "<p>HTML</p>"}]), {"title": "Text of the news"}),
    "json relative to its site": FeedCase(feed_json([{"id": "1", "url": "a/1"}], home_page_url="https://news.example/"), {"link": "https://news.example/a/1"}),
    "json with a script's link": FeedCase(feed_json([{"id": "1", "title": "x", "url": "javascript:x"}]), {"link": ""}),
    "json of all the wrong types": FeedCase(
        feed_json([{"id": None, "title": ["x"], "url": 3, "authors": "Ana", "tags": "a", "attachments": {"url": "x"}, "date_published": 7, "summary": "Words of it."}]),
        {"title": "Words of it.", "categories": [], "enclosures": [], "published": None},
    ),
    "json without a title and a version": FeedCase('{"items":[{"id":"1","content_text":"Words of the news"}]}', {"title": "Words of the news"}),
    "json after a byte order mark and blank lines": FeedCase("\ufeff \n" + feed_json([{"id": "1", "title": "x"}]), {"title": "x"}),
    "json in utf-16": FeedCase(feed_json([{"id": "1", "title": "Порт"}]).encode("utf-16"), {"title": "Порт"}),
    # Sitemaps.
    "a news sitemap": FeedCase(
        f"<urlset {NEWS}><url><loc>/1</loc><n:news><n:publication><n:name>Quay</n:name><n:language>en</n:language></n:publication>"
        "<n:publication_date>2026-01-14T08:30:00+05:00</n:publication_date><n:title>Grain &amp;amp; oil</n:title><n:keywords>Ports, Grain</n:keywords>"
        "</n:news></url></urlset>",
        {"title": "Grain & oil", "link": "https://quay.example/1", "published": "2026-01-14T03:30:00+00:00", "categories": ["Ports", "Grain"]},
        {"kind": "sitemap", "title": "Quay", "language": "en"},
    ),
    "a sitemap with a byte order mark and a style sheet": FeedCase(
        f'\ufeff<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?><urlset {NEWS}><url><loc> https://q.example/1 </loc><lastmod>2026-01-14</lastmod></url></urlset>',
        {"link": "https://q.example/1", "updated": "2026-01-14T00:00:00+00:00"},
    ),
    "a sitemap with a script's link and a good one": FeedCase(
        f"<urlset {NEWS}><url><loc>javascript:x</loc></url><url><loc>https://q.example/1</loc></url></urlset>", {"link": "https://q.example/1"}
    ),
    "a sitemap cut off": FeedCase(f"<urlset {NEWS}><url><loc>https://q.example/1</loc></url><url><loc>https://q.ex", {"link": "https://q.example/1"}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_an_odder_feed_is_read(case: FeedCase) -> None:
    parsed = case.parse().as_json()
    assert {key: parsed[key] for key in case.feed} == case.feed
    entry: dict[str, Any] = parsed["entries"][0]
    assert {key: entry[key] for key in case.entry} == case.entry


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<!doctype html><html><head><title>x</title></head><body><p>x</p></body></html>", "web page"),
        ("<HTML><body><rss/></body></HTML>", "web page"),
        ("<?xml version='1.0'?><note><to>x</to></note>", "begins with"),
        ("<opml version='2.0'><body/></opml>", "OPML"),
        ('{"error": "not found", "items": []}', "JSON"),
        ('{"items": [{"sku": 1}], "version": "2"}', "JSON"),
        ("", "empty"),
        ("   \n\t ", "empty"),
        ("/etc/passwd", "begins with"),
        ("http://127.0.0.1/feed", "begins with"),
        ("<rss", "feed"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1"', "JSON"),
    ],
)  # fmt: skip
def test_a_document_that_is_not_a_feed_is_refused_with_the_reason(body: str, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        FeedCase(body).parse()


def test_an_incomplete_last_entry_is_left_out_and_the_others_are_kept() -> None:
    body = rss("<title>One</title>").removesuffix("</channel></rss>") + "<item><title>Two</title><descr"
    assert [entry.title for entry in FeedCase(body).parse().entries] == ["One"]


def test_the_url_of_the_document_replaces_a_missing_title() -> None:
    assert FeedCase(rss("<title>x</title>", channel="")).parse().title == URL
