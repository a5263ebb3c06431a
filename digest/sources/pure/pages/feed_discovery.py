"""The feeds that a web page names in its head, or at least links to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree, html

from digest.sources.pure.text.encoding import decode
from digest.sources.pure.text.markup import one_line, web_url, without_fragment

READ = 1024 * 1024  # characters; a head that has not ended by then names no feeds
MAX_FEEDS = 30
# The last part of a path under which feeds are; an address elsewhere is too often something else.
FEED_ADDRESS = re.compile(
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
class FoundFeed:
    """A feed that a page offers."""

    url: str
    title: str
    type: str
    kind: str = "feed"  # feed | sitemap | page


def feeds_in_page(page: bytes, *, url: str) -> tuple[FoundFeed, ...]:
    """The feeds named by `<link rel="alternate">` in an HTML page from `url`, in its order, each once."""
    root = _elements(page)
    base = _base(root, url)
    return _each_once(_feed(link, base) for link in root.iter("link"))


def feeds_linked(page: bytes, *, url: str) -> tuple[FoundFeed, ...]:
    """What the links of an HTML page from `url` call a feed, for pages whose head names none."""
    root = _elements(page)
    base = _base(root, url)
    return _each_once(_linked(link, base) for link in root.iter("a"))


def _elements(page: bytes) -> etree._Element:
    text, _ = decode(page)
    parser = html.HTMLParser(no_network=True, recover=True, huge_tree=False, encoding="utf-8")
    try:
        root = etree.fromstring(text[:READ].encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    return etree.Element("html") if root is None else root


def _base(root: etree._Element, url: str) -> str:
    """What the page's relative links count from."""
    named = (web_url(element.get("href"), url) for element in root.iter("base") if element.get("href"))
    return next(named, "") or url


def _each_once(feeds: Iterable[FoundFeed | None]) -> tuple[FoundFeed, ...]:
    found: dict[str, FoundFeed] = {}
    for feed in feeds:
        if feed and len(found) < MAX_FEEDS:
            found.setdefault(feed.url, feed)
    return tuple(found.values())


def _feed(link: etree._Element, base: str) -> FoundFeed | None:
    relations = (link.get("rel") or "").lower().split()
    kind = (link.get("type") or "").split(";")[0].strip().lower()
    address = web_url(link.get("href"), base)
    if not address or not ("feed" in relations or ("alternate" in relations and kind in FEED_TYPES)):
        return None
    return FoundFeed(without_fragment(address), one_line(link.get("title") or ""), kind)


def _linked(link: etree._Element, base: str) -> FoundFeed | None:
    address = web_url(link.get("href"), base)
    if not address or not FEED_ADDRESS.search(address.partition("?")[0].rstrip("/")):
        return None
    words = one_line("".join(str(part) for part in link.itertext()))
    return FoundFeed(without_fragment(address), words or one_line(link.get("title") or ""), "")
