"""The name of a page's site, the feeds that it links to, and the pages that guards of sites send instead of content."""

import pytest

from digest.sources.pure.pages.feed_discovery import find_alternate_feeds, find_linked_feeds, find_site
from digest.sources.pure.pages.guard_pages import MAX_GUARD_PAGE_BYTES, guard_page_reason
from digest.sources.pure.pages.metadata import read_metadata
from digest.sources.pure.pages.site_name import find_site_name
from digest.sources.pure.pages.text_runs import parse_html

URL = "https://quay.example/news/77"
MARK = "<script>window._cf_chl_opt = 1</script>"


def site_of(inner: str, head: str = "", headline: str = "") -> str:
    page = parse_html(f"<html><head>{head}</head><body>{inner}</body></html>")
    return find_site_name(page, read_metadata(page, base_url=URL), url=URL, headline=headline)


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ('<a href="/">Quay <b>News</b></a>', "Quay News"),
        ('<a href="https://quay.example"><img alt="Quay News"></a>', "Quay News"),
        ('<a href="/"><img><img src=x alt=""></a><a href="/" title="Quay News">Home</a>', "Quay News"),
        ('<a href="/" aria-label="Quay News"></a>', "Quay News"),
        ('<a href="/about">Quay News</a>', ""),
        ('<a>Quay News</a>', ""),
        ('<a href="/">Ferry runs</a><a href="/">Quay News</a>', "Quay News"),
        ('<a href="/">' + "Quay " * 12 + "</a>", ("Quay " * 12).strip()),
        ('<a href="/">' + "Quay " * 12 + "Nws</a>", ""),
        ('<a href="/"></a>' * 299 + '<a href="/">Quay News</a>', "Quay News"),
        ('<a href="/"></a>' * 300 + '<a href="/">Quay News</a>', ""),
    ],
)  # fmt: skip
def test_the_link_home_names_the_site(link: str, name: str) -> None:
    assert site_of(link, headline="Ferry runs") == name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Ferry runs | Quay News", "Quay News"),
        ("Quay News - Ferry runs", "Quay News"),
        ("Ferry runs | Harbour | Quay News", "Quay News"),
        ("Ferry runs", ""),
        ("Other words | Quay News", ""),
        ("Ferry runs | runs", ""),
    ],
)
def test_the_part_of_the_title_beside_the_headline_names_the_site(title: str, name: str) -> None:
    assert site_of("", f"<title>{title}</title>", "Ferry runs") == name
    assert site_of("", f"<title>{title}</title>") == ""


def test_the_metadata_name_the_site_before_all_else() -> None:
    head = '<meta name="application-name" content="Quay"><title>Ferry runs | Title</title>'
    assert site_of('<a href="/">Link</a>', head, "Ferry runs") == "Quay"


def linked(*hrefs: str) -> list[str]:
    page = "".join(f'<a href="{href}">x</a>' for href in hrefs)
    return [
        feed.url.removeprefix("https://quay.example") for feed in find_linked_feeds(page.encode(), url=URL)
    ]


@pytest.mark.parametrize(
    "path",
    [
        "/rss",
        "/Atom/",
        "/feed?lang=en",
        "/feeds",
        "/news/rss.xml",
        "/feed-1.json",
        "/a.rss",
        "/a.atom",
        "/index.xml",
    ],
)
def test_a_link_is_a_feeds_if_its_path_ends_like_one(path: str) -> None:
    assert linked(path) == [path]


@pytest.mark.parametrize(
    "path", ["/feedback", "/a.xml", "/press", "/news?x=/rss", "mailto:feed", "/rss/about"]
)
def test_other_links_are_no_feeds(path: str) -> None:
    assert linked(path) == []


def test_a_linked_feed_is_named_by_its_words_or_its_title_and_is_found_once() -> None:
    page = (
        b"<base href='https://cdn.example/'><a href='rss#top'> All <b>news</b> </a><a href='/rss'>again</a>"
        b"<a href='atom.xml' title=' The \n latest '><img></a>"
    )
    assert [(feed.url, feed.title, feed.type) for feed in find_linked_feeds(page, url=URL)] == [
        ("https://cdn.example/rss", "All news", ""),
        ("https://cdn.example/atom.xml", "The latest", ""),
    ]
    assert len(linked(*(f"/{n}/rss" for n in range(40)))) == 30


def test_a_named_feed_has_the_relation_or_the_type_of_one() -> None:
    page = (
        b'<link rel="feed" href="/a"><link rel="alternate" type="text/xml" href="/b"><link type="text/xml" href="/c">'
        b'<link rel="alternate" href="/d"><link rel="feed">'
    )
    assert [feed.url[-1] for feed in find_alternate_feeds(page, url=URL)] == ["a", "b"]
    long = b'<link rel="feed" href="/a">' + b" " * (1024 * 1024) + b'<link rel="feed" href="/b">'
    assert len(find_alternate_feeds(long, url=URL)) == 1


def test_the_site_of_a_page_is_found_without_its_headline() -> None:
    assert find_site(b'<meta property="og:site_name" content="Quay News">', url=URL) == "Quay News"
    assert find_site(b"", url=URL) == ""


def guarded(inner: str = MARK, title: str = "x") -> str:
    return guard_page_reason(f"<html><head><title>{title}</title></head><body>{inner}</body></html>".encode())


@pytest.mark.parametrize(
    ("title", "begins"),
    [
        (" Just a\n moment... ", "the site sent a page of Cloudflare that asks"),
        ("DDoS-Guard", "the site sent a page of DDoS-Guard that asks"),
        ("Please wait\u2026", "the site sent a page that asks"),
        ("Just a moment at the harbour", ""),
    ],
)
def test_a_guards_page_is_known_by_its_title(title: str, begins: str) -> None:
    reason = guarded("<p>x</p>", title)
    assert reason.startswith(begins)
    assert bool(reason) is bool(begins)
    assert not begins or f'("{" ".join(title.split())}")' in reason


def test_a_guards_page_is_known_by_its_script() -> None:
    assert guarded(title="").startswith(
        "the site sent a page of Cloudflare that asks visitors to prove that they are human;"
    )
    assert "a page of Imperva" in guarded("<iframe src='/_Incapsula_Resource'></iframe>")
    assert "a page of Imperva" in guarded("<iframe src='/_Incapsula_Resource'></iframe>", "Please wait")
    assert guarded("slowAES.decrypt(").startswith("the site sent a page that asks")
    assert guarded("<p>words</p>") == ""
    assert f'("{"t" * 60}")' in guarded(title="t" * 70)


def test_a_guards_page_shows_six_links_and_seven_hundred_characters_at_most() -> None:
    assert guarded(MARK + "<a href=x></a>" * 6 + "<abbr>x</abbr>")
    assert not guarded(MARK + "<a href=x></a>" * 7)
    hidden = f"<style>{'x' * 999}</style><!-- {'x' * 999} --><SVG>{'x' * 999}\n</svg>{MARK}"
    assert guarded(hidden + "<p>x</p> \n" + "y" * 698)
    assert not guarded(hidden + "<p>x</p> \n" + "y" * 699)


def test_what_is_large_or_no_html_is_not_from_a_guard() -> None:
    def page(length: int) -> bytes:
        body = b"\xef\xbb\xbf <!-- x\n --> <!DOCTYPE html><head><title>x</title>" + MARK.encode()
        return body + b"<!--" + b"x" * (length - len(body) - 7) + b"-->"

    assert len(page(300_000)) == MAX_GUARD_PAGE_BYTES
    assert guard_page_reason(page(300_000))
    assert not guard_page_reason(page(300_001))
    assert not guard_page_reason(b"<rss><title>x</title>" + MARK.encode() + b"</rss>")
    assert guard_page_reason(b"<BODY>" + MARK.encode())
