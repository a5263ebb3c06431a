"""The feeds that a web page names in its head."""

from dataclasses import dataclass

from lxml import etree, html

from digest.sources.encoding import decode
from digest.sources.markup import one_line, web_url, without_fragment

READ = 1024 * 1024  # characters; a head that has not ended by then names no feeds
MAX_FEEDS = 30
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


def feeds_in_page(page: bytes, *, url: str) -> tuple[FoundFeed, ...]:
    """The feeds named by `<link rel="alternate">` in an HTML page from `url`, in its order, each once."""
    text, _ = decode(page)
    parser = html.HTMLParser(no_network=True, recover=True, huge_tree=False, encoding="utf-8")
    try:
        root = etree.fromstring(text[:READ].encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return ()
    if root is None:
        return ()
    base = next(
        (web_url(element.get("href"), url) for element in root.iter("base") if element.get("href")), ""
    )
    found: dict[str, FoundFeed] = {}
    for link in root.iter("link"):
        feed = _feed(link, base or url)
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
