"""Sites that pack files without a word, want cookies back, write raw letters in headers, or guard their pages."""

import gzip
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.documents import parse_document
from digest.sources.http.cookies import ChainCookies
from digest.sources.http.results import Fetched, FetchLimits
from digest.sources.pure.entries import DocumentError, ParsedSource
from digest.sources.pure.pages.guard_pages import guard_page_reason
from digest.sources.pure.text.gzip_stream import MAX_LAYERS, unpack
from tests.sources.feed_server import FEED, FeedServer
from tests.sources.fetching import failure, fetcher, success

SITEMAP = (
    b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://quay.example/1</loc>'
    b"<lastmod>2026-01-14</lastmod></url></urlset>"
)
NOW = datetime(2026, 1, 14, 8, 30, tzinfo=UTC)
ARTICLE = "The ferry to the island runs again from Monday, the port said. " * 20


@pytest.mark.parametrize("path", ["/gzip-file", "/gzip-file?2", "/gzip-file?3"])
def test_a_packed_file_is_unpacked_whatever_its_headers_say(feed_server: FeedServer, path: str) -> None:
    assert success(feed_server, path).body == FEED


def test_a_packed_file_stops_at_the_limit(feed_server: FeedServer) -> None:
    reason = failure(feed_server, "/gzip-file-bomb", FetchLimits(max_bytes=200_000)).reason
    assert "larger than 200,000 bytes" in reason


def test_a_damaged_packed_file_is_a_failure(feed_server: FeedServer) -> None:
    assert "gzip file is damaged" in failure(feed_server, "/damaged-gzip-file").reason


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(SITEMAP),
        gzip.compress(gzip.compress(SITEMAP)),
        gzip.compress(SITEMAP[:50])
        + gzip.compress(SITEMAP[50:]),  # two members are one file (RFC 1952, section 2.2)
        gzip.compress(SITEMAP) + b"\0" * 512,  # padding of a tape
        gzip.compress(SITEMAP)[:-8],  # without its checksum
    ],
)
def test_a_packed_sitemap_is_read(packed: bytes) -> None:
    document = parse_document(packed, url="https://quay.example/news.xml.gz", now=NOW)
    assert isinstance(document, ParsedSource)
    assert [entry.link for entry in document.entries] == ["https://quay.example/1"]


@given(st.binary(max_size=3_000), st.integers(0, MAX_LAYERS))
def test_unpacking_gives_back_what_was_packed(content: bytes, layers: int) -> None:
    packed = content
    for _ in range(layers):
        packed = gzip.compress(packed)
    if not content.startswith(b"\x1f\x8b\x08"):
        assert unpack(packed, 5_000) == content


@given(st.binary(max_size=300))
def test_unpacking_any_bytes_gives_bytes_or_says_why_not(rest: bytes) -> None:
    try:
        result: object = unpack(b"\x1f\x8b\x08" + rest, 5_000)
    except DocumentError as error:
        result = str(error)
    assert isinstance(result, bytes) or "gzip" in str(result)


def test_unpacking_stops_at_the_limit() -> None:
    with pytest.raises(DocumentError, match="more than 1,000 bytes"):
        unpack(gzip.compress(b"x" * 10_000), 1_000)


@pytest.mark.parametrize(
    "attributes", ["Path=/", "", "Path=/needs-cookie; HttpOnly", "Max-Age=60", "SameSite=Lax"]
)
def test_a_cookie_comes_back_within_a_chain_of_redirects(feed_server: FeedServer, attributes: str) -> None:
    assert success(feed_server, f"/needs-cookie?{quote(attributes)}").body == FEED


@pytest.mark.parametrize("attributes", ["Path=/elsewhere", "Secure", "Domain=other.example", "Max-Age=0"])
def test_a_cookie_of_another_place_does_not_come_back(feed_server: FeedServer, attributes: str) -> None:
    assert "redirects more than" in failure(feed_server, f"/needs-cookie?{quote(attributes)}").reason


def test_no_cookie_is_kept_after_its_chain(feed_server: FeedServer) -> None:
    client = fetcher(feed_server)
    for _ in range(2):
        client.fetch(feed_server.url("/needs-cookie"))
    assert [headers.get("Cookie") for _, headers in feed_server.requests] == [None, "ok=1", None, "ok=1"]


def test_another_site_gets_no_cookie_of_the_first(feed_server: FeedServer) -> None:
    elsewhere = feed_server.url("/feed").replace("127.0.0.1", "localhost")
    client = fetcher(feed_server, private_hosts=(feed_server.host, elsewhere.split("/")[2]))
    assert isinstance(client.fetch(feed_server.url(f"/cookie-and-redirect?{elsewhere}")), Fetched)
    assert "Cookie" not in feed_server.requests[-1][1]


def test_a_site_sets_cookies_for_its_own_hosts_only() -> None:
    cookies = ChainCookies()
    cookies.take(
        "https://www.quay.example.co.uk/",
        [
            "a=1; Domain=example.co.uk",
            "b=2; Domain=co.uk",
            "c=3; Domain=pier.example",
            "d=4",
            "e=" + "x" * 5_000,
        ],
    )
    assert cookies.header("https://feeds.example.co.uk/") == "a=1"
    assert cookies.header("https://www.quay.example.co.uk/") == "a=1; d=4"
    assert cookies.header("https://other.co.uk/") == ""
    assert cookies.header("https://pier.example/") == ""


@pytest.mark.parametrize(
    ("octets", "path"),
    [
        ("/новости".encode(), "/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8"),
        ("/х".encode(), "/%D1%85"),  # its last octet would be white space in Latin-1
        ("/köln?ü=ß".encode(), "/k%C3%B6ln?%C3%BC=%C3%9F"),
        ("/港/1".encode(), "/%E6%B8%AF/1"),
        ("/порт".encode("cp1251"), "/%EF%EE%F0%F2"),
        (b"/a%20b", "/a%20b"),
        ("ხიდი".encode(), "/%E1%83%AE%E1%83%98%E1%83%93%E1%83%98"),
    ],
)
def test_raw_letters_in_a_redirect_are_utf_8(feed_server: FeedServer, octets: bytes, path: str) -> None:
    failure(feed_server, f"/raw-location?{octets.hex()}")
    assert feed_server.requests[-1][0] == path


CHALLENGES = {
    "Cloudflare": "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><noscript>Enable JavaScript "
    "and cookies to continue</noscript><script>window._cf_chl_opt={cvId:'3'};</script></body></html>",
    "DDoS-Guard": "<html><head><title>DDoS-Guard</title><script src='/.well-known/ddos-guard/js.js'></script></head>"
    "<body>Checking your browser before accessing quay.example.</body></html>",
    "Sucuri": "<html><title>You are being redirected...</title><noscript>Javascript is required.</noscript>"
    "<script>var s={},sucuri_cloudproxy_js='x';</script></html>",
    "Imperva": "<html><head><script src='/_Incapsula_Resource?SWJIYLWA=7'></script></head><body></body></html>",
    "DataDome": "<html><head><title>quay.example</title></head><body><p>Please enable JS and disable any ad blocker</p>"
    "<script src='https://ct.captcha-delivery.com/c.js'></script></body></html>",
    "Anubis": "<!doctype html><html><head><title>Making sure you&#39;re not a bot!</title></head><body>"
    "<script id='anubis_challenge' type='application/json'>{}</script><p>Protected by a guard.</p></body></html>",
    "": "<html><head><title>One moment, please...</title></head><body><h1>Please wait while your request is being "
    "verified...</h1></body></html>",
}


@pytest.mark.parametrize("guard", CHALLENGES)
def test_a_challenge_in_place_of_the_content_is_an_error_that_says_so(
    feed_server: FeedServer, guard: str
) -> None:
    reason = failure(feed_server, f"/page?{quote(CHALLENGES[guard])}").reason
    assert "prove that they are human" in reason
    assert guard in reason


def test_a_challenge_with_its_own_header_is_told_from_other_refusals(feed_server: FeedServer) -> None:
    answer = failure(feed_server, "/challenge")
    assert answer.status == 403
    assert "page of Cloudflare" in answer.reason


@pytest.mark.parametrize(
    "page",
    [
        f"<html><head><title>Just a moment</title></head><body><p>{ARTICLE}</p></body></html>",
        f"<html><head><title>Guards</title></head><body><p>{ARTICLE}</p><code>_cf_chl_opt</code></body></html>",
        f"<html><body><script src='/_Incapsula_Resource?a=1'></script><p>{ARTICLE}</p></body></html>",
        "<html><head><title>Ferry</title></head><body><p>The ferry runs again.</p></body></html>",
        "<html><head><title>Please wait</title></head><body>"
        + "<a href='/1'>Ferry</a>" * 20
        + "</body></html>",
        '<rss version="2.0"><channel><title>Just a moment...</title></channel></rss>',
        "Just a moment...",
    ],
)
def test_ordinary_pages_and_feeds_are_no_challenges(page: str) -> None:
    assert guard_page_reason(page.encode()) == ""
