"""Sitemaps (https://www.sitemaps.org/protocol.html), above all news sitemaps with titles and dates."""

from datetime import UTC, datetime

from lxml import etree

from digest.sources.pure.dates.date_parser import parse_date
from digest.sources.pure.entries import Entry, NotAFeedError, ParsedSource
from digest.sources.pure.feeds.feed_limits import MAX_ENTRIES, Screened
from digest.sources.pure.text.markup import one_line, title_text, web_url

MAX_CHILDREN = 50  # sitemaps of an index that are kept; a poll reads the first few
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def read_sitemap(screened: Screened, *, url: str) -> ParsedSource:
    """The sitemap's pages as entries, the newest `MAX_ENTRIES`; or the sitemaps of an index. Raises `NotAFeedError`."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        root = etree.fromstring(screened.text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise NotAFeedError(f"this sitemap can't be read: {error}") from error
    if root is None:
        raise NotAFeedError("this sitemap is empty")
    if _name(root) == "sitemapindex":
        return _index(root, url, screened.warnings)
    pages = [page for page in root if _name(page) == "url"]
    warnings = list(screened.warnings)
    if len(pages) > MAX_ENTRIES:
        warnings.append(f"only the newest {MAX_ENTRIES} of {len(pages)} pages were read")
        pages.sort(key=_date, reverse=True)  # sitemaps have no order of their own; equal ones keep theirs
    entries = tuple(entry for page in pages[:MAX_ENTRIES] if (entry := _entry(page, url)))
    return ParsedSource(
        kind="sitemap",
        title=_first(root, "name"),
        language=_first(root, "language"),
        entries=entries,
        warnings=tuple(warnings),
    )


def _index(root: etree._Element, url: str, warnings: tuple[str, ...]) -> ParsedSource:
    """An index of sitemaps: where those are that may have news, what calls itself news first, then the newest."""
    listed = [child for child in root if _name(child) == "sitemap"]
    listed.sort(key=lambda child: ("news" in _first(child, "loc").lower(), _date(child)), reverse=True)
    children = [web_url(_first(child, "loc"), url) for child in listed]
    found = tuple(dict.fromkeys(child for child in children if child))[:MAX_CHILDREN]
    if not found:
        raise NotAFeedError("this index of sitemaps names none")
    return ParsedSource(kind="sitemap", link=web_url(url), children=found, warnings=warnings)


def _date(element: etree._Element) -> datetime:
    told = _first(element, "publication_date") or _first(element, "lastmod")
    return parse_date(told) or LONG_AGO


def _entry(page: etree._Element, url: str) -> Entry | None:
    link = web_url(_first(page, "loc"), url)
    if not link:
        return None
    keywords = [one_line(word) for word in _first(page, "keywords").split(",")]
    image = next((child for child in page.iter() if _name(child) == "image"), None)
    return Entry(
        id=link,
        title=title_text(_first(page, "title"), is_html=False) or link,
        link=link,
        published=parse_date(_first(page, "publication_date")),
        updated=parse_date(_first(page, "lastmod")),
        categories=tuple(word for word in keywords if word),
        image=web_url(_first(image, "loc"), url) or None if image is not None else None,
    )


def _first(element: etree._Element, name: str) -> str:
    """The text of the first element of that local name, whatever its namespace."""
    return next(((child.text or "").strip() for child in element.iter() if _name(child) == name), "")


def _name(element: etree._Element) -> str:
    """The local name; "" for comments. By hand, because etree.QName raises on what `recover` lets through."""
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""
