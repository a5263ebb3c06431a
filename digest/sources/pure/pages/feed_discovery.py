"""Finds the feeds that a web page names in its head or links to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from digest.sources.pure.pages.metadata import read_metadata
from digest.sources.pure.pages.site_name import find_site_name
from digest.sources.pure.pages.text_runs import find_base_url, html_parser
from digest.sources.pure.text.encoding import decode
from digest.sources.pure.text.markup import collapse_whitespace, resolve_web_url, strip_fragment
from digest.sources.states import SourceKind

MAX_CHARACTERS = 1024 * 1024  # of a page; feeds that are named later are not found
MAX_FEEDS = 30
# How the paths of feeds end. Links to other paths are too often something else.
FEED_URL = re.compile(
    r"/(?:rss|atom|feeds?|[^/]*(?:rss|atom|feed)[^/]*\.(?:xml|json|rdf)|[^/]+\.(?:rss|atom|rdf)|index\.xml)$",
    re.IGNORECASE,
)
FEED_TYPES = frozenset(
    (
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/xml",
        "text/xml",
    )
)


@dataclass(frozen=True)
class DiscoveredSource:
    """A feed that a page offers. `type` is the media type that the page gives, "" if none."""

    url: str
    title: str
    type: str
    kind: SourceKind = SourceKind.FEED


def find_alternate_feeds(page: bytes, *, url: str) -> tuple[DiscoveredSource, ...]:
    """The feeds that the HTML page at `url` names by `<link rel="alternate">`, in its order, each once."""
    root = _parse(page)
    base_url = find_base_url(root, url)
    return _unique(_alternate_feed(link, base_url) for link in root.iter("link"))


def find_linked_feeds(page: bytes, *, url: str) -> tuple[DiscoveredSource, ...]:
    """The feeds that the HTML page at `url` links to, judged by their addresses; for pages whose head names none."""
    root = _parse(page)
    base_url = find_base_url(root, url)
    return _unique(_linked_feed(link, base_url) for link in root.iter("a"))


def find_site(page: bytes, *, url: str) -> str:
    """The name of the site of the HTML page at `url`; "" if the page does not say it."""
    root = _parse(page)
    metadata = read_metadata(root, base_url=url)
    return find_site_name(root, metadata, url=url, headline="")


def _parse(page: bytes) -> etree._Element:
    text, _ = decode(page)
    try:
        root = etree.fromstring(text[:MAX_CHARACTERS].encode("utf-8", "replace"), html_parser())
    except etree.XMLSyntaxError:
        root = None
    return etree.Element("html") if root is None else root


def _unique(feeds: Iterable[DiscoveredSource | None]) -> tuple[DiscoveredSource, ...]:
    """The first feed of each URL, at most `MAX_FEEDS`."""
    by_url: dict[str, DiscoveredSource] = {}
    for feed in feeds:
        if feed and len(by_url) < MAX_FEEDS:
            by_url.setdefault(feed.url, feed)
    return tuple(by_url.values())


def _alternate_feed(link: etree._Element, base_url: str) -> DiscoveredSource | None:
    """The feed of a <link> element, None if it names none."""
    relations = (link.get("rel") or "").lower().split()
    media_type = (link.get("type") or "").split(";")[0].strip().lower()
    url = resolve_web_url(link.get("href"), base_url)
    if not url or not ("feed" in relations or ("alternate" in relations and media_type in FEED_TYPES)):
        return None
    return DiscoveredSource(strip_fragment(url), collapse_whitespace(link.get("title") or ""), media_type)


def _linked_feed(link: etree._Element, base_url: str) -> DiscoveredSource | None:
    """The feed of an <a> element, None if its address is not a feed's."""
    url = strip_fragment(resolve_web_url(link.get("href"), base_url))
    if not url or not FEED_URL.search(url.partition("?")[0].rstrip("/")):
        return None
    text = collapse_whitespace("".join(str(part) for part in link.itertext()))
    return DiscoveredSource(url, text or collapse_whitespace(link.get("title") or ""), "")
